using System.Globalization;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Display;

/// <summary>Differences of two rankings in words: wherever the program says that one is better, it says so by these.</summary>
internal static class DifferenceText
{
    /// <summary>A difference with its sign; rounded first, because what rounds to zero has no sign.</summary>
    public static string Signed(double value) => Math.Round(value, 4).ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);

    /// <summary>An interval of differences; a dash where there is none.</summary>
    public static string Range(Interval interval) => double.IsNaN(interval.Low)
        ? "-" : $"[{Signed(interval.Low)}, {Signed(interval.High)}]";

    /// <summary>A value with its interval; without it where there is none.</summary>
    public static string WithRange(Interval interval) => double.IsNaN(interval.Low)
        ? interval.Value.ToString("0.0000", CultureInfo.InvariantCulture)
        : FormattableString.Invariant($"{interval.Value:0.0000} [{interval.Low:0.0000}, {interval.High:0.0000}]");

    /// <summary>Who wins; somebody does only where the interval leaves 0 out.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="above">What to say when it is above 0.</param>
    /// <param name="below">What to say when it is below 0.</param>
    public static string Verdict(Interval difference, string above, string below) =>
        double.IsNaN(difference.Low) ? "not known" : !difference.ExcludesZero ? "no winner" : difference.Value > 0 ? above : below;
}
