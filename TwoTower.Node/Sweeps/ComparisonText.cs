using System.Globalization;
using TwoTower.Node.Display;

namespace TwoTower.Node.Sweeps;

/// <summary>A comparison in 80 columns of text.</summary>
internal static class ComparisonText
{
    /// <summary>Writes a comparison.</summary>
    public static void Write(TextWriter to, RunComparison comparison)
    {
        void Line(string name, string first, string second) => to.WriteLine($"  {name,-26} {Cut(first),24} {Cut(second),24}");
        var (a, b) = (comparison.First, comparison.Second);
        to.WriteLine($"A  {a.Folder}");
        to.WriteLine($"B  {b.Folder}");
        to.WriteLine();
        to.WriteLine("Settings that differ");
        foreach (var (key, first, second) in comparison.Settings)
        {
            Line(key, first ?? "-", second ?? "-");
        }

        to.WriteLine(Paragraph.Wrap("  " + Verdict(comparison), 2));
        to.WriteLine();
        to.WriteLine("Masked validation metrics of the best model");
        to.WriteLine($"  {"",-14}{"A",9}{"B",9}{"B - A",10}  95 % interval");
        foreach (var metric in comparison.Metrics)
        {
            var difference = metric.First is { } x && metric.Second is { } y ? y - x : (double?)null;
            var interval = metric.Difference is { } known
                ? $"{DifferenceText.Range(known)}  {DifferenceText.Verdict(known, "B is better", "A is better")}"
                : "not known";
            to.WriteLine(
                $"  {metric.Metric,-14}{Number(metric.First, 4),9}{Number(metric.Second, 4),9}{(difference is { } value ? DifferenceText.Signed(value) : "-"),10}  {interval}");
        }

        to.WriteLine(Paragraph.Wrap(comparison.Unknown is { } reason
            ? $"  Significance is not known: {reason}."
            : "  Paired bootstrap over users. It says whether these two models differ for users like these, not whether another seed "
                + "would give the same. Each interval stands alone: of twenty metrics with no difference one leaves 0 out.", 2));
        to.WriteLine();
        to.WriteLine($"  {"",-26} {"A",24} {"B",24}");
        Line("staleness mean", Number(a.Staleness.Mean, 2), Number(b.Staleness.Mean, 2));
        Line("staleness p99, max", $"{Number(a.Staleness.P99, 0)}, {Number(a.Staleness.Max, 0)}",
            $"{Number(b.Staleness.P99, 0)}, {Number(b.Staleness.Max, 0)}");
        Line("seconds", $"{Number(a.Seconds, 3)}{(a.IsSimulated ? " virtual" : string.Empty)}",
            $"{Number(b.Seconds, 3)}{(b.IsSimulated ? " virtual" : string.Empty)}");
        Line("workers idle", Number(100 * a.IdleShare, 1) + " %", Number(100 * b.IdleShare, 1) + " %");
        Line("traffic, MB", Number(a.TrafficBytes / 1e6, 2), Number(b.TrafficBytes / 1e6, 2));
        Line("busiest over mean shard", Number(a.LoadImbalance, 3), Number(b.LoadImbalance, 3));
        foreach (var part in a.Time.Keys.Concat(b.Time.Keys).Distinct(StringComparer.Ordinal))
        {
            Line($"thread seconds, {part}", Number(a.Time.TryGetValue(part, out var first) ? first : null, 3),
                Number(b.Time.TryGetValue(part, out var second) ? second : null, 3));
        }

        if (a.IsSimulated != b.IsSimulated)
        {
            to.WriteLine(
                Paragraph.Wrap(
                "  One run is simulated: its seconds are virtual, and its idle share and traffic are counted in another way than live "
                + "training's.", 2));
        }

        Line("parameters", a.ParametersSha256[..12], b.ParametersSha256[..12]);
        to.WriteLine(a.ParametersSha256 == b.ParametersSha256 ? "  The parameters are the same to the bit." : "  The parameters differ.");
    }

    private static string Verdict(RunComparison comparison) => (comparison.Differing, comparison.SeedsDiffer) switch
    {
        (0, false) => "None: the runs repeat each other.",
        (0, true) => "Only seeds differ: what follows is chance.",
        (1, false) => "One setting differs, under the same seeds; a sweep over seeds tells its doing from chance.",
        (1, true) => "One setting differs, and so do seeds: what follows is the setting's doing and chance.",
        (var more, _) => $"{more} settings differ: what follows cannot be laid to any one of them.",
    };

    private static string Cut(string text) => text.Length <= 24 ? text : "…" + text[^23..];

    private static string Number(double? value, int digits) => value is { } known && double.IsFinite(known)
        ? known.ToString($"F{digits}", CultureInfo.InvariantCulture) : "-";
}
