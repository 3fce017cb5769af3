using CsCheck;
using TwoTower.Node.Dashboard.Feeds;

namespace TwoTower.Tests.Dashboard;

public sealed class DownsamplingSpecs
{
    private static readonly Gen<double?[]> s_column = Gen.Frequency((9, Gen.Double[-1e6, 1e6].Select(value => (double?)value)),
        (1, Gen.Const((double?)null))).Array[1, 400];

    [Fact]
    public void No_spike_is_lost_and_the_ends_are_kept() => Gen.Select(s_column, Gen.Int[1, 30]).Sample((column, buckets) =>
    {
        var kept = Downsampling.Rows(column.Length, buckets, column);

        Assert.True(kept.Count <= (2 * buckets) + 2);
        Assert.Equal((0, column.Length - 1), (kept[0], kept[^1]));
        Assert.Equal(kept.Distinct().Order(), kept);
        for (var bucket = 0; bucket < buckets; bucket++)
        {
            var (from, to) = Downsampling.Bounds(column.Length, buckets, bucket);
            var inside = column[from..to];
            var seen = kept.Where(row => row >= from && row < to).Select(row => column[row]).ToArray();
            Assert.Equal((inside.Max(), inside.Min()), (seen.Max(), seen.Min()));
        }
    });

    [Fact]
    public void Several_columns_keep_what_each_needs()
    {
        var flat = new double?[100];
        Array.Fill(flat, 1);
        var spiked = (double?[])flat.Clone();
        spiked[57] = 9;

        Assert.Contains(57, Downsampling.Rows(100, 5, flat, spiked));
        Assert.DoesNotContain(57, Downsampling.Rows(100, 5, flat));
    }

    [Fact]
    public void A_row_that_is_kept_knows_the_mean_of_its_bucket() => Gen.Select(s_column, Gen.Int[1, 30]).Sample((column, buckets) =>
    {
        var kept = Downsampling.Rows(column.Length, buckets, column);

        var means = Downsampling.Means(column, kept, buckets);

        for (var n = 0; n < kept.Count; n++)
        {
            var (from, to) = Enumerable.Range(0, buckets).Select(bucket => Downsampling.Bounds(column.Length, buckets, bucket))
                .Single(bounds => bounds.From <= kept[n] && kept[n] < bounds.To);
            var inside = column[from..to].OfType<double>().ToArray();
            Assert.Equal(inside.Length == 0, means[n] is null);
            Assert.Equal(inside.Length == 0 ? 0 : inside.Average(), means[n] ?? 0, 1e-6);
        }
    });
}
