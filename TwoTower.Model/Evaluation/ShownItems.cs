namespace TwoTower.Model.Evaluation;

/// <summary>What a user is shown in the top K: items that are there for sure, and items that tie for the last places,
/// each there with the same chance.</summary>
/// <param name="Items">The items, those for sure first.</param>
/// <param name="Certain">How many of them are there for sure.</param>
/// <param name="ChanceAtCut">The chance of the others.</param>
internal sealed record ShownItems(int[] Items, int Certain, double ChanceAtCut)
{
    /// <summary>A list without ties at its end.</summary>
    public static ShownItems Exactly(params int[] items) => new(items, items.Length, 0);

    /// <summary>The chance that the n-th of <see cref="Items"/> is shown.</summary>
    public double ChanceOf(int n) => n < Certain ? 1 : ChanceAtCut;

    internal static ShownItems Of(RankedRow ranked, int k)
    {
        if (ranked.Groups is not [.., var last] || !last.IsCutBy(k))
        {
            return Exactly(ranked.Top.ToArray());
        }

        return new ShownItems([.. ranked.Top[..last.Above], .. ranked.ItemsOf(last)], last.Above, last.ChanceIn(k));
    }
}
