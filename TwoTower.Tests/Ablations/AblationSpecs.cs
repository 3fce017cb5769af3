using TwoTower.Node.Ablations;
using TwoTower.Node.Reproductions.Seed;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Ablations;

/// <summary>Rows that differ by one change, and what their runs come to.</summary>
public class AblationSpecs
{
    private static readonly AblationRow[] s_chain =
    [
        new("first", null, "the recipe", []) { Recipe = "seed-bpr" },
        new("second", "first", "unseen", [("loss.sampling", "unseen")]),
        new("third", "second", "four", [("loss.negatives", "4")]),
        new("fourth", "third", "uniform again", [("loss.sampling", "uniform")]),
    ];

    [Fact]
    public void A_row_has_the_changes_of_all_rows_before_it_in_its_chain()
    {
        var ablation = new Ablation([("train.workers", "1")], s_chain, [1, 2]);
        var settings = ablation.SettingsOf(ablation["third"], 2);
        Assert.Equal(("unseen", "4", "1", "2", "adagrad"),
            (Read("loss.sampling"), Read("loss.negatives"), Read("train.workers"), Read("train.seed"), Read("optimizer.kind")));

        string Read(string key) => SettingCatalogue.Find(key).Read(settings.Values);
    }

    [Fact]
    public void The_command_of_a_row_says_only_what_the_recipe_does_not()
    {
        var ablation = new Ablation([("train.workers", "1"), ("evaluate.patience", "0"), ("data.path", "/somewhere")], s_chain, [1]);
        Assert.Equal("twotower train --recipe seed-bpr --data ml --set train.workers=1 --set loss.negatives=4",
            ablation.CommandOf(ablation["fourth"], "ml"));
    }

    [Fact]
    public void A_row_without_a_base_before_it_or_with_a_name_that_stands_twice_is_refused()
    {
        Assert.Contains("no base", Assert.Throws<SettingException>(() => new Ablation([], [s_chain[1]], [1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("stands twice", Assert.Throws<SettingException>(() => new Ablation([], [s_chain[0], s_chain[0]], [1])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_is_the_mean_over_its_seeds_and_a_difference_is_paired_by_user()
    {
        // The second row is better by 0.1 for every user, who differ from each other by far more: only pairs show it.
        double[] users = [0.1, 0.5, 0.9, 0.2, 0.7];
        AblatedRun Run(double more) => new(
            Of(users.Average() + more), Of(0.3),
            new Dictionary<string, double[]> { ["recall@10"] = [.. users.Select(user => user + more)] }, [2, 1 + more],
            new Dictionary<string, (IReadOnlyDictionary<string, double>, IReadOnlyDictionary<string, double>)>
            {
                ["popularity"] =
            (Of(0.4), Of(0.2))
            });
        var results = new AblationResults(
            new Ablation([], s_chain[..2], [1, 2]),
            new Dictionary<string, AblatedRun[]> { ["first"] = [Run(-0.01), Run(0.01)], ["second"] = [Run(0.08), Run(0.12)] });

        Assert.Equal(0.48, results.Masked("first", "recall@10").Value, 9);
        var difference = results.Difference("second", "first", "recall@10");
        Assert.Equal(0.1, difference.Value, 9);
        Assert.True(difference is { Low: > 0.0999, High: < 0.1001 });
        Assert.Equal([2, 1.1], results.LossByEpoch("second").Select(loss => Math.Round(loss, 9)));
        Assert.Equal((0.4, 0.2), (results.Baseline("popularity", "recall@10"), results.Baseline("popularity", "recall@10", raw: true)));

        static Dictionary<string, double> Of(double value) => new() { ["recall@10"] = value };
    }

    [Fact]
    public void Every_row_of_the_seed_study_can_be_trained_and_the_small_one_is_part_of_it()
    {
        var ablation = new Ablation([], SeedAblation.Rows, [1]) { Selection = SeedAblation.Small };
        Assert.Equal(SeedAblation.Small, ablation.Selected.Select(row => row.Name));
        Assert.All(SeedAblation.Rows.Where(row => row.Base is not null), row => Assert.NotEmpty(row.Settings));
    }
}
