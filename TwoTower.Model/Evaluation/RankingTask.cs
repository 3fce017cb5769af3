using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation;

/// <summary>Whether items that the user has already in train stay in the ranking.</summary>
public enum RankingProtocol
{
    /// <summary>Seen items are removed from the ranking (the default, and what a recommender does in use).</summary>
    Masked,

    /// <summary>Seen items stay in the ranking.</summary>
    Raw,
}

/// <summary>What is ranked: for each evaluated user the held-out positives and the items to mask.</summary>
public sealed class RankingTask
{
    private readonly int[] _unreachable;

    /// <summary>A task over every user with at least one held-out positive.</summary>
    /// <param name="positives">Held-out positives.</param>
    /// <param name="seen">Items masked under <see cref="RankingProtocol.Masked"/>; the same shape as <paramref name="positives"/>.</param>
    /// <param name="unreachable">Per user, held-out positives outside the catalogue, which count as misses; empty for none.</param>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public RankingTask(InteractionMatrix positives, InteractionMatrix seen, int[]? unreachable = null)
    {
        _unreachable = unreachable is { Length: > 0 } ? unreachable : new int[positives.Users];
        if (positives.Users != seen.Users || positives.Items != seen.Items)
        {
            throw new ArgumentException("Positives and seen items must cover the same users and items.", nameof(seen));
        }

        Positives = positives;
        Seen = seen;
        Users = [.. Enumerable.Range(0, positives.Users).Where(user => positives.ItemsOf(user).Length > 0)];
    }

    /// <summary>Indices of the evaluated users, ascending.</summary>
    public int[] Users { get; }

    /// <summary>Held-out positives.</summary>
    public InteractionMatrix Positives { get; }

    /// <summary>Items masked under <see cref="RankingProtocol.Masked"/>.</summary>
    public InteractionMatrix Seen { get; }

    /// <summary>Held-out positives of a user, those outside the catalogue included: the denominator of recall.</summary>
    public int RelevantOf(int user) => Positives.ItemsOf(user).Length + _unreachable[user];

    /// <summary>Validation: positives held out for validation, train masked.</summary>
    public static RankingTask Validation(RecommenderData data) => new(
        InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Validation),
        InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train),
        data.ValidationUnreachable);

    /// <summary>Test: positives held out for test, train and validation masked.</summary>
    public static RankingTask Test(RecommenderData data) => new(
        InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Test),
        InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train, data.Validation),
        data.TestUnreachable);
}
