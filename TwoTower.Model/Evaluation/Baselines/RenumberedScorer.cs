using System.Buffers;
using TwoTower.Model.Data.Splitting;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>A scorer that was fitted in the canonical order, for the order that users and items have.</summary>
/// <param name="scorer">The scorer.</param>
/// <param name="order">The canonical order.</param>
internal sealed class RenumberedScorer(IItemScorer scorer, CanonicalOrder order) : IItemScorer
{
    /// <inheritdoc />
    public int Items => scorer.Items;

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores)
    {
        var (own, canonical) = (new int[users.Length], ArrayPool<float>.Shared.Rent(users.Length * Items));
        for (var n = 0; n < users.Length; n++)
        {
            own[n] = order.Users[users[n]];
        }

        scorer.Score(own, canonical.AsSpan(0, users.Length * Items));
        for (var n = 0; n < users.Length; n++)
        {
            var from = canonical.AsSpan(n * Items, Items);
            var to = scores.Slice(n * Items, Items);
            for (var item = 0; item < to.Length; item++)
            {
                to[item] = from[order.Items[item]];
            }
        }

        ArrayPool<float>.Shared.Return(canonical);
    }
}
