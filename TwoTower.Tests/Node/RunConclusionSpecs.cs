using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Node;

public class RunConclusionSpecs
{
    private static readonly TrainingOptions s_options = new() { Cutoffs = [10, 50], Metric = "recall@50" };
    private static readonly DataOptions s_world = new() { Profile = "plain" };
    private static readonly Lazy<RecommenderData> s_data = new(() => DataLoader.Load(s_world));

    [Fact]
    public void A_run_above_every_bar_says_what_won_by_how_much_and_what_to_try()
    {
        var lines = Lines(data => Oracle.OfValidation(data, s_world)!, BaselineNames.Cheap);

        Assert.Matches(@"^Two towers win: recall@50 0\.\d{4}, and recent popularity \(last \d+%\) 0\.\d{4}\.$", lines[1]);
        Assert.Matches(@"^The difference from recent popularity \(last \d+%\) is \+0\.\d{4} \[\+0\.\d{4}, \+0\.\d{4}\]\.$", lines[2]);
        Assert.Matches(@"^The oracle has 0\.\d{4}: two towers went 100% of the way from popularity to it\.$", lines[3]);
        Assert.Contains("    twotower baselines --set data.profile=plain", lines);
        Assert.Equal(3, lines.Count(line => line.StartsWith("    twotower ", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, Paragraph.Width));
    }

    [Fact]
    public void A_run_that_differs_from_a_bar_by_chance_names_no_winner_and_offers_a_diagnosis()
    {
        var lines = Lines(StaticScorer.Popularity, [BaselineKind.Popularity]);

        Assert.StartsWith("No winner: recall@50 ", lines[1], StringComparison.Ordinal);
        Assert.Contains("is 0.0000 [0.0000, 0.0000], which has 0 in it.", string.Join(' ', lines), StringComparison.Ordinal);
        Assert.Contains("    twotower diagnose runs/here", lines);
    }

    [Fact]
    public void A_run_below_a_bar_says_so_first()
    {
        var lines = Lines(data => StaticScorer.Chance(data.Items.Count), [BaselineKind.Popularity]);

        Assert.StartsWith("Two towers are below popularity in recall@50", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.StartsWith("Two towers win", StringComparison.Ordinal));
        Assert.Contains("    twotower diagnose runs/here", lines);
    }

    [Fact]
    public void The_command_that_says_why_names_the_data_and_how_it_is_split()
    {
        var settings = new ResolvedSettings("none");
        settings.Set("data.path", "my ratings.csv", "--data");
        settings.Set("data.positiveThreshold", "3", "--set");

        Assert.Equal("data inspect \"my ratings.csv\" --set data.positiveThreshold=3", InspectionHint.CommandFor(settings));
        Assert.Equal("data inspect", InspectionHint.CommandFor(new ResolvedSettings("none")));
    }

    [Fact]
    public async Task What_train_calls_judged_data_inspect_explains()
    {
        var (code, printed, _) = await ProgramRun.RunAsync("data", "inspect", "--set", "data.profile=plain");

        Assert.Equal(0, code);
        Assert.Contains("  validation   5,669 of 11,310 positives are judged", printed, StringComparison.Ordinal);
        Assert.Contains("Dropped 4789 of 11310 validation positives: the user is not in the", printed, StringComparison.Ordinal);
        Assert.Contains("156 of 11310 validation positives count as misses", printed, StringComparison.Ordinal);
        var said = new StringWriter();
        var settings = new ResolvedSettings("none");
        settings.Set("data.profile", "plain", "--profile");
        RunData.Load(settings, said);
        Assert.Contains("  5,669 of 11,310 validation positives are judged; `data inspect --set", said.ToString(),
            StringComparison.Ordinal);
        Assert.DoesNotContain("Dropped", said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("test positives are judged", said.ToString(), StringComparison.Ordinal);
    }

    private static string[] Lines(Func<RecommenderData, IItemScorer> scorer, IReadOnlyList<BaselineKind> bars)
    {
        var data = s_data.Value;
        var tasks = JudgedTasks.Of(data, s_options, final: false);
        var model = Judged.Of("two towers (best)", scorer(data), tasks);
        var baselines = Baselines.Of(data, s_options, tasks, bars, truth: s_world);
        var settings = new ResolvedSettings("none");
        settings.Set("data.profile", "plain", "--profile");
        var text = new StringWriter();
        RunConclusion.Of(model, baselines, RunVerdict.Of(model, baselines, data, s_options, "runs/here"), s_options.Metric, data,
            "runs/here", settings).Write(text);
        return text.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n');
    }
}
