using TwoTower.Actors.Options;
using TwoTower.Model.Losses;
using TwoTower.Model.Native;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Tests.Training;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>Decay of positives and negatives apart, against autograd.</summary>
public class ExampleDecaySpecs
{
    [Theory]
    [InlineData(1, 0.3, 0)]
    [InlineData(3, 0, 0.2)]
    [InlineData(2, 0.3, 0.05)]
    public void Of_bpr_it_is_the_penalty_of_every_examples_own_items(int negatives, double positive, double negative)
    {
        var loss = new LossOptions
        {
            Kind = LossKind.Bpr,
            Negatives = negatives,
            Sampling = NegativeSampling.Uniform,
            PositiveDecay = positive,
            NegativeDecay = negative
        };
        Check(loss, (plan, example) => (
            [plan.ExampleItem[example]], plan.ExampleNegatives[(example * negatives)..((example + 1) * negatives)]));
    }

    [Fact]
    public void Of_sampled_softmax_the_batchs_draws_are_every_examples_negatives()
    {
        var loss = new LossOptions { Kind = LossKind.SampledSoftmax, Negatives = 11, PositiveDecay = 0.3, NegativeDecay = 0.2 };
        Check(loss, (plan, example) => ([plan.ExampleItem[example]], [.. SoftmaxColumnSpecs.Draws(plan)]));
    }

    [Fact]
    public async Task Workers_add_up_with_it_as_they_do_without()
    {
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Sgd) with { Consistency = Consistency.Bsp };
        options = options with { Loss = options.Loss with { PositiveDecay = 0.5, NegativeDecay = 0.1 } };

        var (one, four) = (await InvariantSpecs.Train(options with { Workers = 1, BatchSize = 64 }),
            await InvariantSpecs.Train(options with { Workers = 4, BatchSize = 16 }));

        Assert.All(one.Embeddings.Items.Zip(four.Embeddings.Items), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Theory]
    [InlineData(LossKind.InBatchSoftmax)]
    [InlineData(LossKind.FullSoftmax)]
    public void Where_every_column_is_both_it_is_refused(LossKind kind)
    {
        Assert.Contains("optimizer.itemDecay", new LossOptions { Kind = kind, NegativeDecay = 0.1 }.Refusal, StringComparison.Ordinal);
        Assert.Contains("optimizer.itemDecay", new LossOptions { Kind = kind, PositiveDecay = 0.1 }.Refusal, StringComparison.Ordinal);
    }

    /// <summary>The difference that the penalty makes to loss and gradient is that of ½ λ‖h‖² of the raw rows.</summary>
    private static void Check(LossOptions loss, Func<BatchPlan, int, (int[] Positives, int[] Negatives)> of)
    {
        var model = SoftmaxColumnSpecs.Model(normalise: true, bias: true);
        var set = GradientSpecs.Set();
        const int Batch = 24;
        var plan = BatchPlan.For(loss, Batch, set.Items);
        new BatchBuilder(set, loss, new EpochOrder(set.Log.Count, 3), 3).Build(0, 5, Batch, plan);
        var random = new Model.SeededRandom(11);
        float[] Rows(int count, int width) => [.. Enumerable.Range(0, count * width).Select(_ => (float)random.NextGaussian())];
        var (users, items) = (Rows(plan.UserCount, model.UserWidth), Rows(plan.ItemCount, model.ItemWidth));
        (double Loss, float[] Users, float[] Items) Compute(LossOptions options)
        {
            var (userGradient, itemGradient) = (new float[users.Length], new float[items.Length]);
            using var kernel = GradientKernel.Create(model, options, set, Batch);
            return (kernel.Compute(plan, users, items, userGradient, itemGradient).LossSum, userGradient, itemGradient);
        }

        var (with, without) = (Compute(loss), Compute(loss with { PositiveDecay = 0, NegativeDecay = 0 }));

        using var scope = NewDisposeScope();
        var rows = tensor(items).view(plan.ItemCount, model.ItemWidth).requires_grad_();
        var penalty = tensor(0f);
        for (var example = 0; example < Batch; example++)
        {
            var (positives, negatives) = of(plan, example);
            Tensor Squares(int[] of) => of.Select(item => rows[item].Squared().sum()).Aggregate((a, b) => a.Plus(b));
            var both = Squares(positives).Times(0.5 * loss.PositiveDecay)
                .Plus(Squares(negatives).Times(0.5 * loss.NegativeDecay / negatives.Length));
            penalty = penalty.Plus(both.Times(plan.Weights[example]));
        }

        penalty.DividedBy(Batch).backward();
        Assert.Equal(penalty.item<float>(), with.Loss - without.Loss, 1e-3);
        Assert.Equal(without.Users, with.Users);
        GradientSpecs.Equal(rows.grad!, [.. with.Items.Zip(without.Items, (a, b) => a - b)]);
    }
}
