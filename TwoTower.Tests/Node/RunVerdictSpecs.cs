using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Options;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Node;

public class RunVerdictSpecs
{
    private static readonly TrainingOptions s_options = new() { Cutoffs = [5], Metric = "recall@5" };

    [Fact]
    public void A_run_below_a_baseline_says_which_by_how_much_why_and_what_to_try()
    {
        var verdict = Of(Judge(data => StaticScorer.Chance(data.Items.Count)), s_options)!;

        Assert.Matches(
            @"^Two towers are below .+ in recall@5, -0\.\d{4} \[-0\.\d{4}, -0\.\d{4}\]: .+ is the better choice for this data as long as that is so\.", verdict);
        Assert.Contains("few to learn a vector from", verdict, StringComparison.Ordinal); // 12 positives a user, and as many rows
        Assert.Contains("Try: --set", verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_is_below_nothing_says_nothing() => Assert.Null(Of(Judge(StaticScorer.Popularity), s_options));

    [Fact]
    public void A_window_in_days_that_holds_next_to_nothing_is_the_likeliest_reason()
    {
        var verdict = Of(Judge(data => StaticScorer.Chance(data.Items.Count)),
            s_options with { Model = s_options.Model with { PriorStrength = 1, PriorWindow = RecentSpan.OfDays(0.001) } })!;

        Assert.Contains("model.priorWindow is counted in days", verdict, StringComparison.Ordinal);
        Assert.EndsWith("--set model.priorWindow=8%", verdict, StringComparison.Ordinal);
    }

    private static string? Of((RecommenderData Data, Judged Model, Baselines Baselines) run, TrainingOptions options) =>
        RunVerdict.Of(run.Model, run.Baselines, run.Data, options, "runs/here");

    private static (RecommenderData Data, Judged Model, Baselines Baselines) Judge(Func<RecommenderData, IItemScorer> scorer)
    {
        var data = SmallData.Make(users: 200, items: 80, perUser: 12);
        var tasks = JudgedTasks.Of(data, s_options, final: false);
        return (data, Judged.Of("two towers", scorer(data), tasks),
            Baselines.Of(data, s_options, tasks, [BaselineKind.Random, BaselineKind.Popularity]));
    }
}
