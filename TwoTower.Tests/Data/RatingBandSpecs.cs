using CsCheck;
using TwoTower.Model.Data.Loading;

namespace TwoTower.Tests.Data;

public sealed class RatingBandSpecs
{
    [Fact]
    public void Few_ratings_have_a_band_each_as_they_are() =>
        Assert.Equal([new RatingBand(0.25f, 0.25f, 3), new RatingBand(4.9f, 4.9f, 1)],
            RatingBand.Of(new SortedDictionary<float, int> { [4.9f] = 1, [0.25f] = 3 }));

    [Fact]
    public void Many_counts_have_bands_that_double() =>
        Assert.Equal(
            [(0f, 1f), (2f, 2f), (3f, 4f), (5f, 8f), (9f, 16f), (17f, 30f), (900f, 900f)],
            RatingBand.Of(new SortedDictionary<float, int>(Enumerable.Range(0, 31).Append(900).ToDictionary(n => (float)n, _ => 1)))
                .Select(band => (band.From, band.To)));

    [Fact]
    public void Bands_hold_every_row_once_in_order() =>
        Gen.Select(Gen.Float[-1000, 1000], Gen.Int[1, 9]).List[1, 60].Sample(rows =>
        {
            var counts = new SortedDictionary<float, int>();
            rows.ForEach(row => counts[row.Item1] = row.Item2);
            var bands = RatingBand.Of(counts);
            Assert.Equal(counts.Values.Sum(), bands.Sum(band => band.Rows));
            Assert.True(bands.Length <= 20);
            Assert.All(bands.Zip(bands.Skip(1)), pair => Assert.True(pair.First.From <= pair.First.To && pair.First.To < pair.Second.From));
        });
}
