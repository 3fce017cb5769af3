using System.Globalization;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>Baselines and the oracle in a line each, as they come.</summary>
internal static class BaselineLines
{
    /// <summary>Prints a baseline as soon as it is there, with the seconds that it took where they are worth a word.</summary>
    /// <param name="baseline">The baseline.</param>
    /// <param name="metrics">The metrics that are shown.</param>
    /// <param name="to">Where.</param>
    public static void PrintBaseline(JudgedBaseline baseline, IReadOnlyList<string> metrics, TextWriter to)
    {
        var (fitted, result) = baseline;
        if (result is { Masked.Users.Length: 0 })
        {
            return; // nobody is judged: a refit
        }

        to.WriteLine(result is null
            ? Paragraph.Wrap($"{fitted.Kind.InWords(),-18} left out: {fitted.Note}", 4)
            : $"{fitted.Kind.InWords(),-18}{string.Concat(metrics.Select(metric => $" {metric} {result.Masked.Mean(metric).ToString("0.0000", CultureInfo.InvariantCulture)}"))}"
                + (BaselineNames.Cheap.Contains(fitted.Kind) ? string.Empty : string.Create(CultureInfo.InvariantCulture,
                    $"  {fitted.Seconds:0.0} s")));
    }

    /// <summary>Prints what the truth of a synthetic world reaches; nothing where it is not known.</summary>
    public static void PrintOracle(Baselines baselines, IReadOnlyList<string> metrics, TextWriter to)
    {
        if (baselines.Oracle is { Masked.Users.Length: > 0 } oracle)
        {
            to.WriteLine(
                $"{oracle.Name,-18}{string.Concat(metrics.Select(metric => $" {metric} {oracle.Masked.Mean(metric).ToString("0.0000", CultureInfo.InvariantCulture)}"))}  the truth of this world");
        }
    }
}
