using TwoTower.Model;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Reproductions.Windows;

namespace TwoTower.Tests.Node;

public class WindowChecksSpecs
{
    [Fact]
    public void Every_group_counts_alike_in_a_mean_of_means()
    {
        var interval = Bootstrap.MeanOfMeans([[1, 1, 1, 1, 1, 1], [0]]);

        Assert.Equal((0.5, 0.5, 0.5), (interval.Value, interval.Low, interval.High));
    }

    [Fact]
    public void The_mean_of_one_group_has_the_interval_of_its_mean()
    {
        var random = new SeededRandom(3);
        var values = Enumerable.Range(0, 200).Select(_ => random.NextGaussian()).ToArray();

        var (one, other) = (Bootstrap.MeanOfMeans([values]), Bootstrap.Mean(values));

        Assert.Equal(other.Value, one.Value, 1e-12);
        Assert.Equal(other.Low, one.Low, 0.02);
        Assert.Equal(other.High, one.High, 0.02);
    }

    [Theory]
    [InlineData(0.05, true)]
    [InlineData(-0.05, false)]
    public void A_difference_over_windows_is_called_one_only_where_its_interval_leaves_zero_out(double lead, bool isAhead)
    {
        var random = new SeededRandom(5);
        var pairs = Enumerable.Range(0, 4).Select(_ =>
        {
            var other = Enumerable.Range(0, 100).Select(_ => random.NextDouble()).ToArray();
            return (Ranking("model", [.. other.Select(value => value + lead + (0.1 * random.NextGaussian()))]), Ranking("ease", other));
        }).ToArray();

        var difference = StudiedRanking.MeanDifference(pairs, "recall@10");

        Assert.True(difference.ExcludesZero);
        Assert.Equal(isAhead, difference.Low > 0);
    }

    [Fact]
    public void A_cell_is_read_again_and_made_anew_only_when_it_was_made_with_something_else()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("twotower-cells-").FullName, "cell.json");
        try
        {
            var made = 0;
            StudiedCell Of(string with) =>
                StudiedCell.Of(path, with, () => ($"made {++made}", new Dictionary<string, double[]> { ["recall@10"] = [0.1, 1 / 3.0] }));

            Assert.Equal("made 1", Of("a").Label);
            Assert.Equal(1 / 3.0, Of("a").PerUser["recall@10"][1]);
            Assert.Equal(1, made);
            Assert.Equal("made 2", Of("b").Label);
            File.WriteAllText(path, "{");
            Assert.Equal("made 3", Of("b").Label);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    private static StudiedRanking Ranking(string key, double[] values) =>
        new(key, key, new Dictionary<string, double[]> { ["recall@10"] = values });
}
