using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Sampling;

/// <summary>The unseen items that a snapshot of the model ranks best for every user: hard negatives that are found once per snapshot
/// instead of once per batch (Xiong et al. 2021, "Approximate nearest neighbor negative contrastive learning for dense text retrieval",
/// where the index lags behind training in the same way). Immutable.</summary>
/// <param name="step">Batches that the snapshot had seen.</param>
/// <param name="depth">Items per user.</param>
/// <param name="items">[users, depth], best first, rows of the item table; −1 after the last where a user has fewer
/// unseen items, or no train positive.</param>
internal sealed class RankedNegatives(long step, int depth, int[] items)
{
    /// <summary>Batches that the snapshot had seen.</summary>
    public long Step => step;

    /// <summary>Items per user: what was asked for, or the whole of a smaller catalogue.</summary>
    public int Depth => depth;

    /// <summary>[users, depth]; −1 where there is none.</summary>
    public int[] Items => items;

    /// <summary>A user's items, best first.</summary>
    public ReadOnlySpan<int> Of(int user)
    {
        var row = items.AsSpan(user * depth, depth);
        var end = row.IndexOf(-1);
        return end < 0 ? row : row[..end];
    }

    /// <summary>Ranks the catalogue for every user with a train positive, their own positives left out.</summary>
    /// <param name="step">Batches that the snapshot had seen.</param>
    /// <param name="embeddings">The snapshot's vectors as they score.</param>
    /// <param name="set">The train positives.</param>
    /// <param name="depth">Items per user.</param>
    /// <param name="parallelism">Threads; they change nothing in the result.</param>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    public static RankedNegatives Of(long step, TwoTowerEmbeddings embeddings, TrainingSet set, int depth, int parallelism)
    {
        depth = Math.Min(depth, set.Items);
        var task = new RankingTask(set.Known, set.Known); // of its users; what they know is masked
        var lists = RankingEvaluator.Recommend(new DotProductScorer(embeddings), task, depth, parallelism);
        var items = new int[set.Users * depth];
        Array.Fill(items, -1);
        for (var row = 0; row < lists.Length; row++)
        {
            lists[row].CopyTo(items, task.Users[row] * depth);
        }

        return new RankedNegatives(step, depth, items);
    }

    /// <summary>Ranks by raw parameters of embeddings without layers or features.</summary>
    /// <param name="step">Batches that the parameters have seen.</param>
    /// <param name="users">[users, UserWidth].</param>
    /// <param name="items">[items, ItemWidth].</param>
    /// <param name="model">The model.</param>
    /// <param name="loss">The loss, for the depth and the temperature.</param>
    /// <param name="set">The train positives.</param>
    internal static RankedNegatives Of(long step, float[] users, float[] items, ModelOptions model, LossOptions loss, TrainingSet set) =>
        Of(
            step, EmbeddingTower.ToEmbeddings(model, users, items, ItemPrior.Scores(ItemPrior.Of(model, set)?.Logits, loss.Temperature)),
            set, loss.RankingDepth, Environment.ProcessorCount);
}
