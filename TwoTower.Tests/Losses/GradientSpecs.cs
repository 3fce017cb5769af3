using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Losses;
using TwoTower.Model.Native;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>Closed-form losses and gradients against TorchSharp's autograd on the naive form: one
/// row per example, explicit masks.</summary>
public class GradientSpecs
{
    private const int Users = 12;
    private const int Items = 9;

    public static TheoryData<bool, bool, double, int, NegativeSampling> BprVariants => new()
    {
        { true, false, 1.0, 1, NegativeSampling.Uniform },
        { true, true, 0.3, 3, NegativeSampling.Uniform },
        { false, false, 1.0, 2, NegativeSampling.Unseen },
        { false, true, 0.7, 1, NegativeSampling.Popularity },
    };

    public static TheoryData<bool, bool, double, double, bool, bool> SoftmaxVariants
    {
        get
        {
            var data = new TheoryData<bool, bool, double, double, bool, bool>();
            foreach (var normalise in new[] { true, false })
            {
                foreach (var (duplicates, known) in new[] { (true, true), (true, false), (false, false) })
                {
                    data.Add(normalise, false, 0.2, 1.0, duplicates, known);
                    data.Add(normalise, true, 0.5, 0.5, duplicates, known);
                    data.Add(normalise, false, 1.0, 0.0, duplicates, known);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(BprVariants))]
    public void Bpr_equals_autograd(bool normalise, bool bias, double temperature, int negatives, NegativeSampling sampling) => Check(
        new ModelOptions
        {
            Dim = 7,
            Normalise = normalise,
            ItemBias = bias,
            PriorStrength = bias ? 1.5 : 0,
            PriorWindow = RecentSpan.OfDays(10),
            PriorSteps = 5
        },
        new LossOptions { Kind = LossKind.Bpr, Temperature = temperature, Negatives = negatives, Sampling = sampling },
        (plan, scores, _) => NaiveBpr(plan, scores, temperature, negatives));

    [Theory]
    [MemberData(nameof(SoftmaxVariants))]
    public void In_batch_softmax_equals_autograd_on_the_full_matrix(bool normalise, bool bias, double temperature, double logQ,
        bool duplicates, bool known) => Check(
            new ModelOptions
            {
                Dim = 7,
                Normalise = normalise,
                ItemBias = bias,
                PriorStrength = duplicates ? 0 : 0.7,
                PriorSteps = known ? 4 : 1
            },
            new LossOptions { Temperature = temperature, LogQ = logQ, MaskDuplicates = duplicates, MaskKnownPositives = known },
            (plan, scores, set) =>
            {
                var total = tensor(0f);
                for (var example = 0; example < plan.Examples; example++)
                {
                    var user = plan.ExampleQuery[example];
                    var logits = new List<Tensor>();
                    for (var other = 0; other < plan.Examples; other++)
                    {
                        var item = plan.ExampleItem[other];
                        var row = plan.ItemRows[item];
                        var masked = other != example
                            && ((duplicates && item == plan.ExampleItem[example])
                                || (known && set.Known.Contains(plan.UserRows[user], row)));
                        if (!masked)
                        {
                            var q = set.ItemCounts[row] / (double)set.Log.Count;
                            var logit = scores[example, item].DividedBy(temperature).Minus(logQ * Math.Log(q));
                            logits.Insert(other == example ? 0 : logits.Count, logit);
                        }
                    }

                    total = total - nn.functional.log_softmax(stack(logits), 0)[0].Times(plan.Weights[example]);
                }

                return total;
            });

    [Fact]
    public void A_batch_of_one_example_has_no_negatives_no_loss_and_no_gradient()
    {
        var set = Set();
        var loss = new LossOptions();
        var model = new ModelOptions { Dim = 4 };
        var plan = new BatchPlan(1, 0);
        new BatchBuilder(set, loss, new EpochOrder(set.Log.Count, 1), 1).Build(0, 0, 1, plan);
        using var kernel = GradientKernel.Create(model, loss, set, 1);
        var gradients = new[] { new float[4], new float[4] };

        var result = kernel.Compute(plan, [1, 2, 3, 4], [4, 3, 2, 1], gradients[0], gradients[1]);

        Assert.Equal(0, result.LossSum, 1e-6);
        Assert.All(gradients.SelectMany(gradient => gradient), value => Assert.Equal(0, value, 1e-6f));
    }

    [Fact]
    public void Clipping_scales_both_tables_to_the_common_norm_and_leaves_small_gradients_alone()
    {
        float[] users = [3, 0];
        float[] items = [0, 4];

        GradientClipping.Clip(users, items, 10);
        Assert.Equal(3, users[0]);

        GradientClipping.Clip(users, items, 1);
        Assert.Equal([0.6f, 0f, 0f, 0.8f], users.Concat(items));
    }

    /// <summary>Compares a kernel with autograd.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="naive">The loss of a batch from the scores of its queries and items, [queries, items].</param>
    /// <param name="epoch">The batch's epoch.</param>
    /// <param name="towers">Towers with histories, or null.</param>
    /// <param name="queries">With histories: the raw vectors of the batch's queries, made from user and item rows.</param>
    internal static void Check(
        ModelOptions model, LossOptions loss, Func<BatchPlan, Tensor, TrainingSet, Tensor> naive, int epoch = 0,
        TowerLayouts? towers = null, Func<BatchPlan, Tensor, Tensor, Tensor>? queries = null)
    {
        const int Batch = 24; // with 12 users and 9 items there are many duplicates
        var set = Set();
        var plan = BatchPlan.For(loss, Batch, set.Items, towers);
        new BatchBuilder(set, loss, new EpochOrder(set.Log.Count, 3), 3, towers).Build(epoch, 5, Batch, plan);
        var random = new SeededRandom(11);
        var users = Enumerable.Range(0, plan.UserRowCount * model.UserWidth).Select(_ => (float)random.NextGaussian()).ToArray();
        var items = Enumerable.Range(0, plan.ItemRowCount * model.ItemWidth).Select(_ => (float)random.NextGaussian()).ToArray();
        float[] userGradient = [.. Enumerable.Repeat(float.NaN, users.Length)]; // what is not overwritten shows
        float[] itemGradient = [.. Enumerable.Repeat(float.NaN, items.Length)];

        using var kernel = GradientKernel.Create(model, loss, set, Batch, towers);
        var result = kernel.Compute(plan, users, items, userGradient, itemGradient);

        using var scope = NewDisposeScope();
        var u = tensor(users).view(plan.UserRowCount, model.UserWidth).requires_grad_();
        var v = tensor(items).view(plan.ItemRowCount, model.ItemWidth).requires_grad_();
        var scored = v.narrow(0, 0, plan.ItemCount);
        var vectors = scored.narrow(1, 0, model.Dim);
        var raw = queries?.Invoke(plan, u, v) ?? u;
        var scores = model.Normalise
            ? nn.functional.normalize(raw, dim: 1).matmul(nn.functional.normalize(vectors, dim: 1).t())
            : raw.matmul(vectors.t());
        if (model.ItemBias)
        {
            scores = scores.Plus(scored.select(1, model.Dim));
        }

        var expected = naive(plan, ByExample(scores, plan, [.. plan.ItemRows.Take(plan.ItemCount)], ItemPrior.Of(model, set), loss), set);
        expected.DividedBy(plan.Examples).backward();
        Assert.Equal(expected.item<float>(), result.LossSum, 1e-3);
        if (plan.UserRowCount > 0)
        {
            Equal(u.grad!, userGradient);
        }

        Equal(v.grad!, itemGradient);
    }

    /// <summary>BPR's loss of a batch, pair by pair.</summary>
    internal static Tensor NaiveBpr(BatchPlan plan, Tensor scores, double temperature, int negatives)
    {
        var total = tensor(0f);
        for (var example = 0; example < plan.Examples; example++)
        {
            for (var n = 0; n < negatives; n++)
            {
                var margin = scores[example, plan.ExampleItem[example]]
                    - scores[example, plan.ExampleNegatives[(example * negatives) + n]];
                total = total - nn.functional.logsigmoid(margin.DividedBy(temperature)).Times(plan.Weights[example] / negatives);
            }
        }

        return total;
    }

    /// <summary>Scores of users, a row per example: with the prior of its moment.</summary>
    internal static Tensor ByExample(Tensor scores, BatchPlan plan, int[] columns, ItemPrior? prior, LossOptions loss) =>
        stack(Enumerable.Range(0, plan.Examples).Select(example =>
        {
            var row = scores[plan.ExampleQuery[example]];
            if (prior is null)
            {
                return row;
            }

            var logits = prior.LogitsAt(prior.StepOf(plan.ExampleIndex[example])).ToArray();
            return row.Plus(tensor(columns.Select(item => (float)(logits[item] * loss.Temperature)).ToArray()));
        }));

    internal static void Equal(Tensor expected, float[] actual)
    {
        var values = expected.contiguous().data<float>().ToArray();
        Assert.Contains(values, value => Math.Abs(value) > 1e-3);
        for (var n = 0; n < values.Length; n++)
        {
            Assert.Equal(values[n], actual[n], 1e-5f);
        }
    }

    internal static TrainingSet Set(int examples = 60)
    {
        var random = new SeededRandom(2);
        var pairs = Enumerable.Range(0, examples)
            .Select(n => (User: random.NextInt(Users), Item: (int)(Items * random.NextDouble() * random.NextDouble()), Time: n * 40_000L))
            .ToArray();
        return new TrainingSet(Users, Items, new InteractionLog(
            [.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)], [.. pairs.Select(pair => pair.Time)]),
                recencyHalfLife: RecentSpan.OfDays(10));
    }
}
