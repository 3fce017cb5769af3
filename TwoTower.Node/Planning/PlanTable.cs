using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Node.Display;

namespace TwoTower.Node.Planning;

/// <summary>Sizes side by side.</summary>
/// <param name="Metric">The deciding metric.</param>
/// <param name="Target">The value that time is counted to.</param>
/// <param name="Sizes">In the order in which they were asked for.</param>
internal sealed record PlanTable(string Metric, double Target, IReadOnlyList<SizePlan> Sizes)
{
    /// <summary>Prints a table of 80 columns.</summary>
    public void Write(TextWriter to)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture).TrimEnd());
        Line($"Target: {Metric} {Target:0.0000}");
        Line($"{"workers",7} {"examples/s",13} {"speed-up",8} {"computing",9} {"best",6} {"s to target",11} {"measured/s",11} {"ratio",5}");
        foreach (var size in Sizes)
        {
            var speedUp = size.Predicted.ExamplesPerSecond / Sizes[0].Predicted.ExamplesPerSecond;
            var (measured, ratio) = size.Measured is { } real ? (Text(real.ExamplesPerSecond, "#,0"), Text(size.Ratio!.Value, "0.00"))
                : ("-", "-");
            Line($"{size.Workers,7} {size.Predicted.ExamplesPerSecond,13:#,0} {speedUp,8:0.00} {size.Computing,9:0.0%} {Text(size.Predicted.Best, "0.0000"),6} {To(size.Predicted),11} {measured,11} {ratio,5}");
        }

        if (Doubt is { } doubt)
        {
            to.WriteLine(Paragraph.Wrap(doubt, 4));
        }

        foreach (var size in Sizes.Where(size => size.Measured is not null))
        {
            Line($"  measured with {size.Workers} worker{(size.Workers == 1 ? string.Empty : "s")}: best {Text(size.Measured!.Best, "0.0000")}, {To(size.Measured)} s to the target");
        }
    }

    /// <summary>Above this variation of the timed gradients something else keeps the machine busy.</summary>
    public const double Busy = 0.5;

    /// <summary>What casts doubt on the figures; null when nothing does.</summary>
    public string? Doubt => Sizes.Max(size => size.Variation) is > Busy and var worst
        ? string.Create(CultureInfo.InvariantCulture,
            $"  warning: The timings of gradients vary by {worst:0%} of their mean: something else keeps this machine busy, and the figures follow it. Plan on an idle machine.")
        : null;

    /// <summary>The same for programs.</summary>
    public JsonObject ToJson() => new()
    {
        ["metric"] = Metric,
        ["target"] = double.IsFinite(Target) ? Target : null,
        ["sizes"] = new JsonArray([.. Sizes.Select(size => (JsonNode)new JsonObject
        {
            ["workers"] = size.Workers,
            ["slowdown"] = size.Slowdown,
            ["workersComputing"] = size.Computing,
            ["gradientVariation"] = size.Variation,
            ["predicted"] = Shape(size.Predicted),
            ["measured"] = size.Measured is { } measured ? Shape(measured) : null,
            ["predictedOverMeasured"] = size.Ratio,
        })]),
    };

    private static string Text(double value, string format) => double.IsFinite(value)
        ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private string To(SizeOutcome outcome) => outcome.SecondsTo(Target) is { } seconds
        ? Text(seconds, seconds < 10 ? "0.000" : "#,0.0") : "never";

    private JsonObject Shape(SizeOutcome outcome) => new()
    {
        ["examplesPerSecond"] = outcome.ExamplesPerSecond,
        ["best"] = double.IsFinite(outcome.Best) ? outcome.Best : null,
        ["secondsToTarget"] = outcome.SecondsTo(Target),
    };
}
