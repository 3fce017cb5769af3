using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Plots;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A model that is not above popularity and recent popularity on the same users.</summary>
internal sealed class BarsCheck : ICheck
{
    /// <inheritdoc />
    public string Name => "popularity bars";

    /// <inheritdoc />
    public string Question => "Is the model above popularity and recent popularity on the same users, with an interval that leaves 0 out?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        if (subject.UsersOrSay().Length < 2)
        {
            throw new NotLookedException("one user alone has no interval: a difference would prove nothing");
        }

        var model = subject.ModelOrSay();
        var metric = subject.CostMetric;
        var all = subject.Baselines.Bars.Select(bar => Against(model, bar, subject.Tasks.Cutoffs)).ToArray();
        var below = all.Where(bar => bar.IsBelow).ToArray();
        var open = all.Where(bar => !bar.IsAbove && !bar.IsBelow).ToArray();
        if (below.Length == 0 && open.Length == 0)
        {
            return null;
        }

        var sentences = new List<string>();
        if (below.Length > 0)
        {
            sentences.Add($"is below {string.Join(" and ", below.Select(bar => bar.Bar.Name))}");
        }

        if (open.Length > 0)
        {
            sentences.Add($"cannot be told from {string.Join(" and ", open.Select(bar => bar.Bar.Name))}");
        }

        return new Finding(
            Name,
            $"The model {string.Join(", and ", sentences)}: {(below.Length > 0 ? "counting does better than learning so far" : "what it has learned beyond counting does not show")}.",
            [
                new Evidence($"masked {metric} of the model", model.Masked.Mean(metric),
                    Range(Bootstrap.Mean(model.Masked.PerUser(metric)))),
                .. all.SelectMany(bar => bar.Differences.Select(one => new Evidence(
                    $"{one.Metric} of {bar.Bar.Name}", bar.Bar.Masked.Mean(one.Metric),
                    $"model minus this {DifferenceText.Signed(one.Difference.Value)} {DifferenceText.Range(one.Difference)}"))),
            ],
            Advice.Only("Popularity is the bar, and under a split by time recent popularity is: mend the findings with a cost first. "
                + "Examples weighted by recency (loss.recencyHalfLife) and a prior (model.priorStrength, model.priorWindow) give a model "
                + "what counting knows."))
        {
            Severity = below.Length > 0 ? Severity.Harmful : Severity.Weak,
            WhyNoCost = "it says that something is wrong, not what",
            Plots = [Plot(metric, all.Select(bar => bar.Bar).Append(model).ToArray())],
        };
    }

    private static string Range(Interval interval) => FormattableString.Invariant($"[{interval.Low:0.0000}, {interval.High:0.0000}]");

    private static Comparison Against(Judged model, Judged bar, IEnumerable<int> cutoffs) =>
        new(bar, [.. cutoffs.Select(k => PairedDifference.Of(model.Masked, bar.Masked, $"recall@{k}"))]);

    private static Chart Plot(string metric, Judged[] rows) =>
        new("bars", $"Masked {metric} of the model and its bars", "ranking", metric,
        [
            new ChartSeries(metric,
                [.. rows.Select((row, n) => Bootstrap.Mean(row.Masked.PerUser(metric)) is var interval ? new ChartPoint(n, interval.Value,
                interval.Low, interval.High) : default)]),
        ])
        {
            Categories = [.. rows.Select(row => row.Name)],
            YFrom = 0,
            IsJoined = false,
            Caption = "Means over users with 95 % intervals. Whether two differ is decided in pairs, user by user, and not by whether "
                + "these intervals overlap.",
        };

    /// <summary>A model against a bar. It is above where some recall says so and none says
    /// otherwise, and below where any says so.</summary>
    private sealed record Comparison(Judged Bar, IReadOnlyList<PairedDifference> Differences)
    {
        public bool IsBelow => Differences.Any(one => one.Difference.High < 0);

        public bool IsAbove => !IsBelow && Differences.Any(one => one.Difference.Low > 0);
    }
}
