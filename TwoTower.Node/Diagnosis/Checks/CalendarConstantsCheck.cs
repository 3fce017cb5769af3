using System.Globalization;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Recency that is counted in days, on data whose days hold now many and now few positives: a constant
/// that fits one season and no other.</summary>
internal sealed class CalendarConstantsCheck : ICheck
{
    /// <summary>A window that holds less than this share of the train positives counts next to nothing.</summary>
    private const double Least = 0.02;

    /// <summary>How many times more it may hold at one cut than at another.</summary>
    private const double MostRatio = 5;

    private static readonly double[] s_cuts = [0.5, 0.6, 0.7, 0.8, 0.9, 1];

    /// <inheritdoc />
    public string Name => "calendar constants against density";

    /// <inheritdoc />
    public string Question =>
        "Do windows and half-lives in days hold about the same share of the positives at the end of train and at earlier cuts?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var training = subject.SettingsOrSay().Training;
        var times = subject.Data.Train.Timestamps;
        var seasonal = new[] { ("model.priorWindow", training.Model.PriorWindow, training.Model.PriorStrength > 0),
            ("loss.recencyHalfLife", training.Loss.RecencyHalfLife, true) }
            .Where(constant => constant.Item3 && constant.Item2.Unit == SpanUnit.Days)
            .Select(constant =>
                (Key: constant.Item1, Days: constant.Item2.Value,
                Shares: s_cuts.Select(cut => ShareOf(times.AsSpan(0, Math.Max(1, (int)(times.Length * cut))), constant.Item2)).ToArray()))
            .Where(constant => constant.Shares[^1] < Least || constant.Shares.Max() > MostRatio * constant.Shares.Min()).ToArray();
        if (seasonal.Length == 0)
        {
            return null;
        }

        return new Finding(
            Name,
            $"{string.Join(" and ", seasonal.Select(constant => string.Create(CultureInfo.InvariantCulture, $"{constant.Key}={constant.Days}d")))} {(seasonal.Length == 1 ? "means" : "mean")} another thing at every cut: what is right in one season is wrong in the next.",
            [
                .. seasonal.SelectMany(constant => s_cuts.Zip(constant.Shares, (cut, share) => new Evidence(
                    string.Create(CultureInfo.InvariantCulture,
                        $"share of the first {cut:0%} of train inside the last {constant.Days} days of it"), share,
                        $"{constant.Key}; a share or a number of positives is the same everywhere"))),
            ],
            new Advice("Count recency in events: a share of the train positives.", [.. seasonal.Select(constant => (constant.Key, "8%"))]))
        {
            Severity = Severity.Harmful,
        };
    }

    private static double ShareOf(ReadOnlySpan<long> times, RecentSpan span)
    {
        var start = new EventClock(times).Start(span);
        var inside = 0;
        foreach (var time in times)
        {
            inside += time >= start ? 1 : 0;
        }

        return inside / (double)times.Length;
    }
}
