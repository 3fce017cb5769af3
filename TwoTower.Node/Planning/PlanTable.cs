using System.Globalization;
using System.Text.Json.Nodes;

namespace TwoTower.Node.Planning;

/// <summary>Sizes side by side.</summary>
/// <param name="Metric">The deciding metric.</param>
/// <param name="Target">The value that time is counted to.</param>
/// <param name="Sizes">In the order in which they were asked for.</param>
public sealed record PlanTable(string Metric, double Target, IReadOnlyList<SizePlan> Sizes)
{
    /// <summary>Prints a table of 80 columns.</summary>
    public void Write(TextWriter to)
    {
        void Line(FormattableString text) => to.WriteLine(text.ToString(CultureInfo.InvariantCulture).TrimEnd());
        Line($"Target: {Metric} {Target:0.0000}");
        Line($"{"workers",7} {"examples/s",12} {"speed-up",8} {"computing",9} {"best",7} {"s to target",12} {"measured/s",12} {"ratio",6}");
        foreach (var size in Sizes)
        {
            var speedUp = size.Predicted.ExamplesPerSecond / Sizes[0].Predicted.ExamplesPerSecond;
            var (measured, ratio) = size.Measured is { } real ? (Text(real.ExamplesPerSecond, "#,0"), Text(size.Ratio!.Value, "0.00")) : ("-", "-");
            Line($"{size.Workers,7} {size.Predicted.ExamplesPerSecond,12:#,0} {speedUp,8:0.00} {size.Computing,9:0.0%} {Text(size.Predicted.Best, "0.0000"),7} {To(size.Predicted),12} {measured,12} {ratio,6}");
        }

        foreach (var size in Sizes.Where(size => size.Measured is not null))
        {
            Line($"  measured with {size.Workers} worker{(size.Workers == 1 ? string.Empty : "s")}: best {Text(size.Measured!.Best, "0.0000")}, {To(size.Measured)} s to the target");
        }
    }

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
            ["predicted"] = Shape(size.Predicted),
            ["measured"] = size.Measured is { } measured ? Shape(measured) : null,
            ["predictedOverMeasured"] = size.Ratio,
        })]),
    };

    private static string Text(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private string To(SizeOutcome outcome) => outcome.SecondsTo(Target) is { } seconds ? Text(seconds, seconds < 10 ? "0.000" : "#,0.0") : "never";

    private JsonObject Shape(SizeOutcome outcome) => new()
    {
        ["examplesPerSecond"] = outcome.ExamplesPerSecond,
        ["best"] = double.IsFinite(outcome.Best) ? outcome.Best : null,
        ["secondsToTarget"] = outcome.SecondsTo(Target),
    };
}
