using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Diagnosis;

/// <summary>False negatives among users of like activity.</summary>
/// <param name="Bucket">Train positives of the users, and how many users.</param>
/// <param name="Known">Share of their negatives that are their own train positives.</param>
internal sealed record ActivityShare(CountBucket Bucket, double Known);

/// <summary>How often a negative is none: the expected share of negatives that the user has a positive for.</summary>
/// <remarks>
/// In expectation over the sampler, exactly. With r(j) the probability of item j as a negative (uniform 1/n; popularity count^α; in-batch
/// its share q of the train positives, with M mixed negatives (B q + M/n)/(B + M)) and K the user's train positives, an example of item i
/// has Σ_K r known negatives where nothing is masked, (Σ_K r − r(i)) / (1 − r(i)) where its own item is left out, 0 where K is. The mean is
/// over train examples, so active users count for as much as they train.
/// </remarks>
/// <param name="Known">Share of negatives that are train positives of the user.</param>
/// <param name="Later">Share of negatives that become validation positives of the user. No sampler can know them: it
/// says what even perfect masks leave.</param>
/// <param name="ByActivity">By train positives of the user, the least active first.</param>
/// <param name="Examples">Train examples that have a negative.</param>
internal sealed record FalseNegatives(double Known, double Later, IReadOnlyList<ActivityShare> ByActivity, int Examples)
{
    /// <summary>Computes the shares.</summary>
    /// <param name="set">Train positives.</param>
    /// <param name="validation">Held-out positives.</param>
    /// <param name="loss">Kind, sampler, masks.</param>
    /// <param name="batchSize">Examples per batch, which mixed negatives are shared by.</param>
    public static FalseNegatives Of(TrainingSet set, InteractionLog validation, LossOptions loss, int batchSize)
    {
        var later = InteractionMatrix.From(set.Users, set.Items, validation);
        var chance = Chances(set, loss, batchSize);
        var masksKnown = loss.Kind == LossKind.Bpr ? loss.Sampling != NegativeSampling.Uniform : loss.MaskKnownPositives;
        var masksOwn = loss.Kind != LossKind.Bpr && (loss.MaskDuplicates || loss.LogQPositive || loss.Kind == LossKind.FullSoftmax);
        var buckets = CountBuckets.Of([.. set.UserCounts.Where(count => count > 0)], CountBuckets.UserQuantiles);
        var sums = new (double Known, int Examples)[buckets.All.Count];
        var (knownSum, laterSum, examples) = (0.0, 0.0, 0);
        var ofUser = Enumerable.Range(0, set.Users).Select(user => Mass(set, later, chance, user)).ToArray();
        for (var n = 0; n < set.Log.Count; n++)
        {
            var user = set.Log.Users[n];
            var (known, soon) = ofUser[user];
            var left = masksKnown ? known : masksOwn ? chance[set.Log.Items[n]] : 0;
            if (left > 1 - 1e-12)
            {
                if (loss.Kind != LossKind.Bpr)
                {
                    continue; // no column is left
                }

                // The sampler falls back on all items for a user who knows all (NegativeSampler).
                (known, soon, left) = set.Known.ItemsOf(user).Length == set.Items ? (1, 0, 0) : (0, 0, 0);
            }
            else if (masksKnown)
            {
                known = 0;
            }
            else
            {
                known -= left;
            }

            var share = Math.Max(0, known / (1 - left));
            ref var sum = ref sums[buckets.IndexOf(set.UserCounts[user])];
            sum = (sum.Known + share, sum.Examples + 1);
            knownSum += share;
            laterSum += soon / (1 - left);
            examples++;
        }

        return new FalseNegatives(
            knownSum / Math.Max(1, examples), laterSum / Math.Max(1, examples),
            [.. buckets.All.Select((bucket, at) =>
                new ActivityShare(bucket, sums[at].Examples == 0 ? 0 : sums[at].Known / sums[at].Examples))], examples);
    }

    /// <summary>The probability of every item in one draw, before masks.</summary>
    private static double[] Chances(TrainingSet set, LossOptions loss, int batchSize)
    {
        var uniform = 1.0 / Math.Max(1, set.Items);
        var byMass = loss.Kind is LossKind.Bpr or LossKind.SampledSoftmax && loss.Sampling == NegativeSampling.Popularity;
        if (byMass)
        {
            var mass = Array.ConvertAll(set.ItemCounts, count => Math.Pow(count, loss.PopularityAlpha));
            var total = mass.Sum();
            return Array.ConvertAll(mass, weight => weight / total);
        }

        if (loss.Kind != LossKind.InBatchSoftmax)
        {
            return [.. Enumerable.Repeat(uniform, set.Items)];
        }

        var batch = (double)Math.Min(batchSize, set.Log.Count);
        return Array.ConvertAll(set.ItemCounts, count => ((batch * count / Math.Max(1, set.Log.Count)) + (loss.MixedNegatives * uniform))
            / (batch + loss.MixedNegatives));
    }

    /// <summary>Probability that one draw is a train positive of the user, and that it is a later one that is no train positive.</summary>
    private static (double Known, double Later) Mass(TrainingSet set, InteractionMatrix later, double[] chance, int user)
    {
        var (known, soon) = (0.0, 0.0);
        foreach (var item in set.Known.ItemsOf(user))
        {
            known += chance[item];
        }

        foreach (var item in later.ItemsOf(user))
        {
            soon += set.Known.Contains(user, item) ? 0 : chance[item];
        }

        return (known, soon);
    }
}
