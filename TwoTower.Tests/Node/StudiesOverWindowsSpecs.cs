using TwoTower.Node.Reproductions.NewUsers;
using TwoTower.Node.Reproductions.Seed;
using TwoTower.Node.Reproductions.Windows;

namespace TwoTower.Tests.Node;

/// <summary>What studies make of the rankings of several windows.</summary>
public class StudiesOverWindowsSpecs
{
    private const string Metric = "recall@10";

    [Fact]
    public void A_row_s_mean_and_difference_count_every_window_alike_however_many_users_it_has()
    {
        var windows = new SeedWindows(
        [
            Rows(("softmax", [0.9, 0.7, 0.8, 0.8]), ("seed", [0.1, 0.1, 0.1, 0.1])),
            Rows(("softmax", [0.2]), ("seed", [0.3])),
        ]);

        Assert.Equal(0.5, windows.Mean("softmax", Metric), 12);
        Assert.Equal(0.3, windows.Difference("softmax", "seed", Metric).Value, 12);
        Assert.Equal(1, windows.Ahead("softmax", "seed", Metric));
    }

    [Fact]
    public void Who_was_left_out_is_compared_with_themselves_when_trained()
    {
        // Five users; the second and the fourth are left out of the other training.
        var window = new ServedWindow("1/6", [3, 30, 30, 300, 19], [1, 3], new Dictionary<string, (StudiedRanking, StudiedRanking)>
        {
            ["id"] = (Ranking("id", [0, 0.5, 0, 0.7, 0]), Ranking("id", [0.4, 0.6])),
            ["history"] = (Ranking("history", [1, 0.6, 0, 0.7, 3]), Ranking("history", [0, 0])),
        });

        Assert.Equal(0.6, window.SameTrainedMean("id", Metric), 12);
        Assert.Equal(0.5, window.LeftOutMean("id", Metric), 12);
        Assert.Equal([-0.1, -0.1], window.LeftOutMinusTrained("id", Metric).Select(value => Math.Round(value, 12)));
        Assert.Equal([1, 3], window.Minus("history", "id", Metric, 0, 19));
        Assert.Equal([0.1, 0, 0], window.Minus("history", "id", Metric, 20, 300).Select(value => Math.Round(value, 12)));
    }

    [Fact]
    public void Windows_of_synthetic_worlds_are_held_against_popularity_alone()
    {
        StudiedWindow Window(string name, double ahead) =>
            new("world", name, 60, Many("model", 0.5), [Many("popularity", 0.5 - ahead), Many("ease", 0.9)]) { IsSynthetic = true };
        StudiedWindow own = new("world", StudiedWindow.Own, 60, Many("model", 0.5), [Many("popularity", 0.1), Many("ease", 0.4)])
        {
            IsSynthetic = true
        };

        ReadOnlySpan<double> leads = [0.1, -0.1];
        foreach (var lead in leads)
        {
            var rows = WindowChecks.Of([Window("1/3", lead), own]).ToArray();

            Assert.All(rows, row => Assert.StartsWith("all data", row.Measure, StringComparison.Ordinal));
            Assert.Equal(lead > 0, rows.Single(row => row.Measure.Contains("recall@10 minus that of popularity", StringComparison.Ordinal))
                .Passes);
        }
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(-0.05)]
    public void Being_ahead_on_the_mean_alone_is_not_enough_and_is_said(double lead)
    {
        // So few and so different users that no interval leaves 0 out.
        StudiedWindow Window(string name) =>
            new("data", name, 3, Ranking("model", [lead, 0.9 + lead, lead]), [Ranking("popularity", [0.9, 0, 0])]);
        StudiedWindow[] studied = [Window("1/2"), Window("2/2")];

        var row = WindowChecks.Of(studied).First();

        Assert.StartsWith("data: recall@10 minus that of popularity", row.Measure, StringComparison.Ordinal);
        Assert.False(row.Passes);
        Assert.Equal(lead > 0, WindowChecks.NotToldApart(studied).Any());
    }

    private static Dictionary<string, StudiedRanking> Rows(params (string Key, double[] Values)[] rows) =>
        rows.ToDictionary(row => row.Key, row => Ranking(row.Key, row.Values), StringComparer.Ordinal);

    private static StudiedRanking Many(string key, double value) =>
        Ranking(key, [.. Enumerable.Range(0, 60).Select(n => value + (0.001 * (n % 3)))]);

    private static StudiedRanking Ranking(string key, double[] values) =>
        new(key, key, WindowStudy.Metrics.ToDictionary(metric => metric, _ => values, StringComparer.Ordinal));
}
