using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>What a run that ends below a baseline says last: which, by how much, the likeliest reason that cheap checks
/// find, and the one command to try.</summary>
internal static class RunVerdict
{
    /// <summary>Train positives per row of both tables below which a table of ids has little to learn from.</summary>
    private const double FewPerRow = 10;

    /// <summary>Share of held-out positives by users whom train does not know from which they are the reason that is named.</summary>
    private const double ManyUnknown = 0.5;

    /// <summary>A window in days is out of season where it holds less than this share of the train
    /// positives, or more than 1 − this.</summary>
    private const double Seasonal = 0.02;

    /// <summary>The sentence; null when the model is below no baseline.</summary>
    /// <param name="model">The model.</param>
    /// <param name="baselines">The baselines.</param>
    /// <param name="data">The data.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="run">The run's folder, for a command.</param>
    public static string? Of(Judged model, Baselines baselines, RecommenderData data, TrainingOptions options, string run)
    {
        var below = baselines.All.Where(baseline => baseline.Result is not null && baseline.Fitted.Kind != BaselineKind.Random)
            .Select(baseline =>
                (baseline.Fitted.Kind, Difference: PairedDifference.Of(model.Masked, baseline.Result!.Masked, options.Metric).Difference))
            .Where(baseline => baseline.Difference.High < 0).ToArray();
        if (below.Length == 0)
        {
            return null;
        }

        var (kind, difference) = below.MinBy(baseline => baseline.Difference.Value);
        var (reason, command) = Reason(data, options, run);
        return $"Two towers are below {kind.InWords()} in {options.Metric}, {DifferenceText.WithRange(difference)}: {kind.InWords()} is "
            + $"the better choice for this data as long as that is so. {reason} Try: {command}";
    }

    private static (string Reason, string Command) Reason(RecommenderData data, TrainingOptions options, string run)
    {
        var clock = new EventClock(data.Train.Timestamps);
        foreach (var (key, span) in new[] { ("model.priorWindow", options.Model.PriorWindow),
            ("loss.recencyHalfLife", options.Loss.RecencyHalfLife) })
        {
            if (span.Unit == SpanUnit.Days && data.Train.Timestamps.Count(time => time >= clock.Start(span)) / (double)data.Train.Count
                is var share && share is < Seasonal or > 1 - Seasonal)
            {
                return (Text(
                    $"{key} is counted in days, and {span.ToText("all")} hold {share:0.0%} of the train positives: what is right in one ")
                    + Text($"season is wrong in another."), Text($"--set {key}=8%"));
            }
        }

        var rows = data.Users.Count + data.Items.Count;
        if (data.Train.Count < FewPerRow * rows)
        {
            return (Text(
                $"There are {data.Train.Count:#,0} train positives for {rows:#,0} rows of ")
                + Text($"ids, {data.Train.Count / (double)rows:0.0} each: few to learn a vector from."),
                "--set train.epochs=20 --set loss.logQ=1 --set loss.temperature=0.5");
        }

        if (data.Split.UnknownUsers is var unknown && unknown > ManyUnknown)
        {
            return (Text(
                $"{unknown:0%} of the validation positives are of users whom train does not know, so few of those who are judged are like ")
                + Text($"those who come."), "--set model.userTower=history+id --set model.historyHalfLife=10");
        }

        return ("Cheap checks find no reason.", $"twotower diagnose {run}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
