using System.Numerics.Tensors;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Diagnosis;

/// <summary>How much the negatives of a loss have to teach finished embeddings.</summary>
/// <remarks>
/// A negative j of an example pushes with the share of the gradient that the loss gives it: for a softmax m e^z / D (with m its
/// multiplicity, z = s/T − λ log q and D the sum over all columns), for BPR σ(−x)/k with the margin x = (s_p − s_j)/T of one of k negatives
/// (Rendle et al. 2009, equation 5). Rankings are decided among a user's best unseen items, so what counts is how much of the push goes to
/// those ("hardest"); a negative that nobody would have ranked high teaches nothing about the top of the list (Rendle and Freudenthaler
/// 2014, section 3).
/// </remarks>
internal sealed record NegativeStrength
{
    /// <summary>Examples looked at.</summary>
    public required int Examples { get; init; }

    /// <summary>Mean number of distinct negatives of an example.</summary>
    public required double Negatives { get; init; }

    /// <summary>Effective number of negatives: the median over examples of e^H, with H the entropy of the shares of the push among the
    /// example's negatives. 1 when one of them takes it all.</summary>
    public required double Effective { get; init; }

    /// <summary>How many of a user's best unseen items count as hardest: a hundredth of the catalogue, at least 10 (at most all).</summary>
    public required int Hardest { get; init; }

    /// <summary>Share of the push that goes to the user's hardest.</summary>
    public required double HardShare { get; init; }

    /// <summary>That share over the one that uniform pushing would have (<see cref="Hardest"/> over the catalogue).</summary>
    public required double HardLift { get; init; }

    /// <summary>Share of negatives, as often as they count, that score below the positive already.</summary>
    public required double RankedRight { get; init; }

    /// <summary>Mean push on all negatives of an example, in units of the largest possible (1 for an example that is all wrong).</summary>
    public required double Push { get; init; }

    /// <summary>Looks at about so many train examples.</summary>
    /// <param name="embeddings">What scores.</param>
    /// <param name="set">Train positives.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="batchSize">Examples per batch.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0, whose rules for hard negatives hold.</param>
    /// <param name="examples">About how many.</param>
    /// <returns>The strength, or null when no example has a negative or no user has an unseen item.</returns>
    public static NegativeStrength? Of(TwoTowerEmbeddings embeddings, TrainingSet set, LossOptions loss, int batchSize, long seed,
        int epoch, int examples = 2048)
    {
        var hardest = Math.Min(set.Items, Math.Max(10, set.Items / 100));
        var hardestOf = new Dictionary<int, int[]>();
        var effective = new List<double>();
        var (push, hard, right, pairs, distinct) = (0.0, 0.0, 0.0, 0.0, 0L);
        var shown = new NegativeProbe(embeddings, set, loss, batchSize, seed, epoch).Visit(examples, (in ScoredExample example) =>
        {
            if (!hardestOf.TryGetValue(example.User, out var best))
            {
                hardestOf[example.User] = best = BestUnseen(embeddings, set, example.User, hardest);
            }

            var pushes = loss.Kind == LossKind.Bpr ? PairPushes(example) : SoftmaxPushes(example, loss.LogQ);
            effective.Add(EffectiveNumber(pushes));
            distinct += pushes.Length;
            for (var n = 0; n < pushes.Length; n++)
            {
                push += example.Weight * pushes[n];
                hard += Array.BinarySearch(best, example.NegativeItems[n]) >= 0 ? example.Weight * pushes[n] : 0;
                right += example.NegativeScores[n] < example.Score ? example.NegativeCounts[n] : 0;
                pairs += example.NegativeCounts[n];
            }
        });
        if (shown == 0 || push <= 0 || hardestOf.Values.All(best => best.Length == 0))
        {
            return null;
        }

        effective.Sort();
        return new NegativeStrength
        {
            Examples = shown,
            Negatives = (double)distinct / shown,
            Effective = effective[effective.Count / 2],
            Hardest = hardest,
            HardShare = hard / push,
            HardLift = hard / push * set.Items / hardest,
            RankedRight = right / pairs,
            Push = push / shown,
        };
    }

    /// <summary>e^H of shares that need not add up to 1 (the perplexity of what pushes; Hill's number of order 1).</summary>
    /// <param name="pushes">None negative.</param>
    /// <returns>Between 1 and their number; 0 when all are 0.</returns>
    public static double EffectiveNumber(ReadOnlySpan<double> pushes)
    {
        var sum = 0.0;
        foreach (var push in pushes)
        {
            sum += push;
        }

        if (!(sum > 0))
        {
            return 0;
        }

        var entropy = 0.0;
        foreach (var push in pushes)
        {
            var share = push / sum;
            entropy -= share > 0 ? share * Math.Log(share) : 0;
        }

        return Math.Exp(entropy);
    }

    private static double[] PairPushes(in ScoredExample example)
    {
        var pushes = new double[example.NegativeScores.Length];
        for (var n = 0; n < pushes.Length; n++)
        {
            pushes[n] = 1.0 / (1.0 + Math.Exp(example.Score - example.NegativeScores[n])) / pushes.Length;
        }

        return pushes;
    }

    private static double[] SoftmaxPushes(in ScoredExample example, double strength)
    {
        var own = example.Score - (strength * example.LogQ);
        var largest = own;
        var pushes = new double[example.NegativeScores.Length];
        for (var n = 0; n < pushes.Length; n++)
        {
            pushes[n] = example.NegativeScores[n] - (strength * example.NegativeLogQ[n]);
            largest = Math.Max(largest, pushes[n]);
        }

        var sum = Math.Exp(own - largest);
        for (var n = 0; n < pushes.Length; n++)
        {
            pushes[n] = example.NegativeCounts[n] * Math.Exp(pushes[n] - largest);
            sum += pushes[n];
        }

        TensorPrimitives.Divide(pushes, sum, pushes);
        return pushes;
    }

    /// <summary>The user's best unseen items, by index; fewer for a user who has seen nearly everything.</summary>
    private static int[] BestUnseen(TwoTowerEmbeddings embeddings, TrainingSet set, int user, int hardest)
    {
        var dim = embeddings.Dim;
        var scores = new float[set.Items];
        for (var item = 0; item < scores.Length; item++)
        {
            scores[item] = TensorPrimitives.Dot(embeddings.Users.AsSpan(user * dim, dim), embeddings.Items.AsSpan(item * dim, dim));
        }

        foreach (var item in set.Known.ItemsOf(user))
        {
            scores[item] = float.NegativeInfinity;
        }

        var top = new int[hardest];
        var found = new TopItems(hardest).Find(scores, top);
        return [.. top.Take(found).Where(item => !float.IsNegativeInfinity(scores[item])).Order()];
    }
}
