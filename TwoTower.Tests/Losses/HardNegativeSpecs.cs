using TwoTower.Model.Native;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>Label smoothing and negatives chosen by their scores, against autograd on the naive form.</summary>
public class HardNegativeSpecs
{
    [Theory]
    [InlineData(LossKind.InBatchSoftmax, 0, true, true)]
    [InlineData(LossKind.InBatchSoftmax, 5, true, false)]
    [InlineData(LossKind.InBatchSoftmax, 0, false, false)]
    [InlineData(LossKind.SampledSoftmax, 0, true, true)]
    [InlineData(LossKind.FullSoftmax, 0, true, false)]
    public void Label_smoothing_equals_torchs_cross_entropy(LossKind kind, int mixed, bool duplicates, bool known)
    {
        var loss = new LossOptions
        {
            Kind = kind,
            Negatives = 11,
            MixedNegatives = mixed,
            MaskDuplicates = duplicates,
            MaskKnownPositives = known,
            LabelSmoothing = 0.2,
            Sampling = NegativeSampling.Uniform
        };
        GradientSpecs.Check(SoftmaxColumnSpecs.Model(normalise: true, bias: true), loss, (plan, scores, set) =>
        {
            var total = tensor(0f);
            for (var example = 0; example < plan.Examples; example++)
            {
                var logits = Logits(plan, scores, set, loss, example, NegativesOf(plan, set, loss, example)).unsqueeze(0);
                total = total.Plus(nn.functional.cross_entropy(logits, zeros([1], ScalarType.Int64), label_smoothing: 0.2)
                    .Times(plan.Weights[example]));
            }

            return total;
        });
    }

    [Theory]
    [InlineData(LossKind.InBatchSoftmax, 1, 2, true, true)]
    [InlineData(LossKind.InBatchSoftmax, 3, 2, true, false)]
    [InlineData(LossKind.InBatchSoftmax, 3, 2, false, false)]
    [InlineData(LossKind.SampledSoftmax, 3, 2, true, true)]
    [InlineData(LossKind.FullSoftmax, 2, 2, true, false)]
    [InlineData(LossKind.InBatchSoftmax, 3, 3, true, true)] // not yet: all negatives count
    public void Hard_negatives_are_the_distinct_items_with_the_highest_logits_from_their_epoch_on(LossKind kind, int hard, int from,
        bool duplicates, bool known)
    {
        var loss = new LossOptions
        {
            Kind = kind,
            Negatives = 11,
            MaskDuplicates = duplicates,
            MaskKnownPositives = known,
            HardNegatives = hard,
            HardFromEpoch = from,
            Sampling = NegativeSampling.Uniform
        };
        GradientSpecs.Check(
            SoftmaxColumnSpecs.Model(normalise: true, bias: false), loss,
            (plan, scores, set) =>
            {
                var total = tensor(0f);
                for (var example = 0; example < plan.Examples; example++)
                {
                    var negatives = NegativesOf(plan, set, loss, example);
                    var values = Logits(plan, scores, set, loss, example, negatives).data<float>().ToArray()[1..];
                    var hardest = negatives.Zip(values).DistinctBy(pair => pair.First).OrderByDescending(pair => pair.Second)
                        .Take(from == 2 ? hard : int.MaxValue).Select(pair => pair.First).ToHashSet();
                    var logits = Logits(plan, scores, set, loss, example, [.. negatives.Where(hardest.Contains)]);
                    total = total - nn.functional.log_softmax(logits, 0)[0].Times(plan.Weights[example]);
                }

                return total;
            },
            epoch: 1);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)] // not yet: the first candidate counts
    public void Dynamic_sampling_takes_the_candidate_that_scores_highest_from_its_epoch_on(int from, bool chooses)
    {
        const int Candidates = 3;
        const int Negatives = 2;
        var loss = new LossOptions
        {
            Kind = LossKind.Bpr,
            Temperature = 0.5,
            Negatives = Negatives,
            Sampling = NegativeSampling.Dynamic,
            Candidates = Candidates,
            HardFromEpoch = from
        };
        GradientSpecs.Check(
            new ModelOptions { Dim = 7, ItemBias = true, PriorStrength = 1.5, PriorWindow = RecentSpan.OfDays(10), PriorSteps = 5 }, loss,
            (plan, scores, set) =>
            {
                var total = tensor(0f);
                for (var example = 0; example < plan.Examples; example++)
                {
                    var user = plan.ExampleQuery[example];
                    for (var n = 0; n < Negatives; n++)
                    {
                        var drawn = plan.ExampleNegatives.Skip(((example * Negatives) + n) * Candidates).Take(Candidates).ToArray();
                        Assert.All(drawn, item => Assert.False(set.Known.Contains(plan.UserRows[user], plan.ItemRows[item])));
                        var negative = chooses ? drawn.MaxBy(item => scores[example, item].item<float>()) : drawn[0];
                        var margin = scores[example, plan.ExampleItem[example]] - scores[example, negative];
                        total = total - nn.functional.logsigmoid(margin.DividedBy(loss.Temperature))
                            .Times(plan.Weights[example] / Negatives);
                    }
                }

                return total;
            },
            epoch: 1);
    }

    [Fact]
    public void Options_that_cannot_be_together_are_refused_and_the_rest_are_not()
    {
        Assert.Null(new LossOptions().Refusal);
        Assert.Null(new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Dynamic }.Refusal);
        foreach (var wrong in new[]
        {
            new LossOptions { Kind = LossKind.Bpr, HardNegatives = 1 },
            new LossOptions { Kind = LossKind.Bpr, LabelSmoothing = 0.1 },
            new LossOptions { Kind = LossKind.Bpr, Negatives = 1001 },
            new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Dynamic, Negatives = 300 },
            new LossOptions { Kind = LossKind.SampledSoftmax, Sampling = NegativeSampling.Dynamic },
            new LossOptions { Kind = LossKind.FullSoftmax, MixedNegatives = 1 },
            new LossOptions { Kind = LossKind.FullSoftmax, LogQPositive = true },
            new LossOptions { Kind = LossKind.SampledSoftmax, QEstimate = FrequencyEstimate.Streaming },
            new LossOptions { LogQPositive = true, HardNegatives = 5 },
            new LossOptions { LogQPositive = true, LabelSmoothing = 0.1 },
        })
        {
            Assert.Contains("loss.", wrong.Refusal, StringComparison.Ordinal);
        }
    }

    internal static List<int> NegativesOf(BatchPlan plan, TrainingSet set, LossOptions loss, int example)
    {
        int[] columns = loss.Kind switch
        {
            LossKind.FullSoftmax => [.. Enumerable.Range(0, set.Items)],
            LossKind.SampledSoftmax => [.. SoftmaxColumnSpecs.Draws(plan)],
            _ => [.. plan.ExampleItem.Take(plan.Examples), .. SoftmaxColumnSpecs.Draws(plan)],
        };
        return SoftmaxColumnSpecs.Negatives(plan, example, set, loss, columns, ownIsColumn: loss.Kind != LossKind.SampledSoftmax);
    }

    /// <summary>The positive's logit, then those of the negatives.</summary>
    internal static Tensor Logits(BatchPlan plan, Tensor scores, TrainingSet set, LossOptions loss, int example, List<int> negatives) =>
        stack(negatives.Prepend(plan.ExampleItem[example]).Select(item =>
            scores[example, item].DividedBy(loss.Temperature).Minus(loss.LogQ * Math.Log(SoftmaxColumnSpecs.Q(plan, item, set, loss)))));
}
