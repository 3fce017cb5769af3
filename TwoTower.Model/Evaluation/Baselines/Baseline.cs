using System.Globalization;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>A baseline that was fitted, or the reason why it could not be.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Scorer">Its scores; null when it could not be fitted.</param>
/// <param name="Chosen">What was chosen inside train, by name: <c>windowShare</c>, <c>neighbours</c>, <c>shrinkage</c>, <c>alpha</c>,
/// <c>lambda</c>; empty when nothing had to be.</param>
/// <param name="Note">What a reader must know of it, as a sentence; above all why there is no scorer. Null when there is nothing.</param>
/// <param name="Seconds">Seconds that choosing and fitting took.</param>
public sealed record Baseline(BaselineKind Kind, IItemScorer? Scorer, IReadOnlyDictionary<string, double> Chosen, string? Note,
    double Seconds)
{
    /// <summary>Its name with what was chosen, in up to 28 characters: "recent popularity (last 2%)", "EASE (l2 500)".</summary>
    public string Label => Kind.InWords() + Kind switch
    {
        _ when Chosen.Count == 0 => string.Empty,
        BaselineKind.RecentPopularity => Text($" (last {Chosen["windowShare"]:0%})"),
        BaselineKind.ItemKnn => Text($" ({Chosen["neighbours"]:0}, shrink {Chosen["shrinkage"]:0.##})"),
        BaselineKind.Ease => Text($" (l2 {Chosen["lambda"]:0.##})"),
        _ => Text($" (alpha {Chosen["alpha"]:0.##}, l2 {Chosen["lambda"]:0.##})"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
