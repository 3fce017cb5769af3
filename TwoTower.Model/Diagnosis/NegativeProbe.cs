using System.Numerics.Tensors;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Losses;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Diagnosis;

/// <summary>Shows the examples of a few train batches beside the negatives that the loss would give them, scored by finished embeddings.
/// Batches, draws and masks are those of training (<see cref="BatchBuilder"/>); the prior and the item bias, when there are
/// any, are part of the embeddings.</summary>
/// <remarks>log q is the true one: counted over train, whatever the loss corrects for and however it estimates it.</remarks>
/// <param name="embeddings">What scores.</param>
/// <param name="set">Train positives.</param>
/// <param name="loss">Kind, temperature, negatives, masks.</param>
/// <param name="batchSize">Examples per batch.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="epoch">The epoch, from 0, whose batches are looked at.</param>
internal sealed class NegativeProbe(TwoTowerEmbeddings embeddings, TrainingSet set, LossOptions loss, int batchSize, long seed, int epoch)
{
    private readonly LossOptions _loss = loss with { QEstimate = FrequencyEstimate.Exact };

    private TrainingSet Set => set;

    /// <summary>Shows batches that lie evenly over the epoch until there have been enough examples. Those
    /// without a negative are left out.</summary>
    /// <param name="examples">About how many examples; whole batches are taken.</param>
    /// <param name="visit">Takes each.</param>
    /// <returns>How many were shown.</returns>
    public int Visit(int examples, ScoredExampleVisitor visit)
    {
        var count = set.Log.Count;
        var size = Math.Min(batchSize, count);
        if (size == 0)
        {
            return 0;
        }

        var batches = Math.Clamp((examples + size - 1) / size, 1, count / size);
        var builder = new BatchBuilder(set, _loss, new EpochOrder(count, seed), seed)
        {
            Ranked = _loss.RanksSnapshots ? RankedNegatives.Of(0, embeddings, set, _loss.RankingDepth, Environment.ProcessorCount) : null,
        };
        var plan = BatchPlan.For(_loss, size, set.Items);
        var shown = 0;
        for (var batch = 0; batch < batches; batch++)
        {
            builder.Build(epoch, (int)((long)(count / size) * batch / batches) * size, size, plan);
            shown += _loss.Kind == LossKind.Bpr ? VisitPairs(plan, visit) : new Columns(this, plan).Visit(visit);
        }

        return shown;
    }

    private float Score(int user, int item) => TensorPrimitives.Dot(
        embeddings.Users.AsSpan(user * embeddings.Dim, embeddings.Dim),
        embeddings.Items.AsSpan(item * embeddings.Dim, embeddings.Dim)) / (float)_loss.Temperature;

    private int VisitPairs(BatchPlan plan, ScoredExampleVisitor visit)
    {
        var candidates = BatchBuilder.CandidatesOf(_loss);
        var negatives = plan.NegativesPerExample / candidates;
        var chooses = candidates > 1 && _loss.IsHardIn(plan.Epoch);
        var (items, scores, zeros, ones) = (new int[negatives], new float[negatives], new float[negatives], new float[negatives]);
        Array.Fill(ones, 1f);
        for (var example = 0; example < plan.Examples; example++)
        {
            var user = plan.QueryUsers[plan.ExampleQuery[example]];
            for (var n = 0; n < negatives; n++)
            {
                var drawn = plan.ExampleNegatives.AsSpan(((example * negatives) + n) * candidates, chooses ? candidates : 1);
                scores[n] = float.NegativeInfinity;
                foreach (var place in drawn)
                {
                    if (Score(user, plan.ItemRows[place]) is var score && score > scores[n])
                    {
                        (items[n], scores[n]) = (plan.ItemRows[place], score);
                    }
                }
            }

            var positive = plan.ItemRows[plan.ExampleItem[example]];
            visit(new ScoredExample
            {
                User = user,
                Item = positive,
                Weight = plan.Weights[example],
                Score = Score(user, positive),
                NegativeItems = items,
                NegativeScores = scores,
                NegativeLogQ = zeros,
                NegativeCounts = ones,
            });
        }

        return plan.Examples;
    }

    /// <summary>The columns of one batch's softmax.</summary>
    private sealed class Columns
    {
        private readonly NegativeProbe _probe;
        private readonly LossOptions _loss;
        private readonly BatchPlan _plan;
        private readonly float[] _logQ;
        private readonly float[] _counts;
        private readonly TopItems? _hardest;
        private readonly int[] _kept;

        public Columns(NegativeProbe probe, BatchPlan plan)
        {
            (_probe, _loss, _plan) = (probe, probe._loss, plan);
            var frequencies = new ColumnFrequencies(_loss, probe.Set);
            _logQ = new float[plan.ItemCount];
            _counts = new float[plan.ItemCount];
            for (var item = 0; item < plan.ItemCount; item++)
            {
                _logQ[item] = frequencies.LogQ(plan.ItemRows[item], plan.ItemShares[item], plan.Examples);
                _counts[item] = _loss.Kind switch
                {
                    LossKind.FullSoftmax => 1,
                    LossKind.SampledSoftmax => plan.ItemDraws[item],
                    _ => plan.ItemMultiplicity[item] + (_loss.MixedNegatives > 0 ? plan.ItemDraws[item] : 0),
                };
            }

            var kept = Math.Min(_loss.HardNegatives, plan.ItemCount);
            _hardest = kept > 0 && _loss.IsHardIn(plan.Epoch) ? new TopItems(kept) : null;
            _kept = new int[kept];
        }

        public int Visit(ScoredExampleVisitor visit)
        {
            var all = new float[_plan.ItemCount];
            var (items, scores, logQ, counts) = (new int[all.Length], new float[all.Length], new float[all.Length], new float[all.Length]);
            var shown = 0;
            foreach (var group in Enumerable.Range(0, _plan.Examples).GroupBy(example => _plan.ExampleQuery[example]))
            {
                var user = _plan.QueryUsers[group.Key];
                for (var item = 0; item < all.Length; item++)
                {
                    all[item] = _probe.Score(user, _plan.ItemRows[item]);
                }

                foreach (var example in group)
                {
                    var own = _plan.ExampleItem[example];
                    var used = 0;
                    foreach (var item in Kept(user, own, all))
                    {
                        (items[used], scores[used], logQ[used], counts[used]) =
                            (_plan.ItemRows[item], all[item], _logQ[item], CountFor(user, own, item));
                        used++;
                    }

                    if (used == 0)
                    {
                        continue;
                    }

                    shown++;
                    visit(new ScoredExample
                    {
                        User = user,
                        Item = _plan.ItemRows[own],
                        Weight = _plan.Weights[example],
                        Score = all[own],
                        LogQ = _logQ[own],
                        NegativeItems = items.AsSpan(0, used),
                        NegativeScores = scores.AsSpan(0, used),
                        NegativeLogQ = logQ.AsSpan(0, used),
                        NegativeCounts = counts.AsSpan(0, used),
                    });
                }
            }

            return shown;
        }

        /// <summary>The columns that are negatives of an example: all that the masks leave, or of these the hardest.</summary>
        private IEnumerable<int> Kept(int user, int own, float[] scores)
        {
            var negatives = Enumerable.Range(0, scores.Length).Where(item => CountFor(user, own, item) > 0);
            if (_hardest is null)
            {
                return negatives;
            }

            var logits = new float[scores.Length];
            Array.Fill(logits, float.NegativeInfinity);
            foreach (var item in negatives)
            {
                logits[item] = scores[item] - ((float)_loss.LogQ * _logQ[item]);
            }

            return _kept[.._hardest.Find(logits, _kept)].Where(item => float.IsFinite(logits[item]));
        }

        /// <summary>How often a column counts as a negative of an example.</summary>
        private float CountFor(int user, int own, int item)
        {
            if (item == own)
            {
                // What is left of its own item when the example's own column is taken out; none of it under a mask.
                var others = _counts[item] - (_loss.Kind == LossKind.SampledSoftmax ? 0 : 1);
                return _loss.MaskDuplicates || _loss.MaskKnownPositives || _loss.LogQPositive ? 0 : others;
            }

            return _loss.MaskKnownPositives && _probe.Set.Known.Contains(user, _plan.ItemRows[item]) ? 0 : _counts[item];
        }
    }
}
