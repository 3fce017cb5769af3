using TwoTower.Model.Losses;
using TwoTower.Model.Native;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>Softmaxes with other columns than the batch's own items, against autograd on the naive form:
/// one logit per example and column.</summary>
public class SoftmaxColumnSpecs
{
    private const int Drawn = 11; // more than there are items: some come twice

    public static TheoryData<bool, bool, double, bool, bool> Variants
    {
        get
        {
            var data = new TheoryData<bool, bool, double, bool, bool>();
            foreach (var (duplicates, known) in new[] { (true, true), (true, false), (false, false) })
            {
                data.Add(true, false, 1.0, duplicates, known);
                data.Add(false, true, 0.5, duplicates, known);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Sampled_softmax_equals_autograd_on_the_drawn_columns(bool normalise, bool bias, double logQ, bool duplicates, bool known)
    {
        foreach (var sampling in new[] { NegativeSampling.Uniform, NegativeSampling.Popularity })
        {
            var loss = new LossOptions
            {
                Kind = LossKind.SampledSoftmax,
                Negatives = Drawn,
                Sampling = sampling,
                LogQ = logQ,
                MaskDuplicates = duplicates,
                MaskKnownPositives = known
            };
            GradientSpecs.Check(Model(normalise, bias), loss, (plan, scores, set) => Naive(plan, scores, set, loss, [.. Draws(plan)],
                ownIsColumn: false));
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Mixed_negatives_equal_autograd_on_the_batch_and_the_drawn_columns(bool normalise, bool bias, double logQ,
        bool duplicates, bool known)
    {
        var loss = new LossOptions { MixedNegatives = Drawn, LogQ = logQ, MaskDuplicates = duplicates, MaskKnownPositives = known };
        GradientSpecs.Check(Model(normalise, bias), loss, (plan, scores, set) =>
            Naive(plan, scores, set, loss, [.. plan.ExampleItem.Take(plan.Examples), .. Draws(plan)], ownIsColumn: true));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void A_streamed_q_takes_the_place_of_the_counted_one(int mixed)
    {
        var loss = new LossOptions { QEstimate = FrequencyEstimate.Streaming, QRate = 0.2, MixedNegatives = mixed };
        GradientSpecs.Check(Model(normalise: true, bias: false), loss, (plan, scores, set) =>
            Naive(plan, scores, set, loss, [.. plan.ExampleItem.Take(plan.Examples), .. Draws(plan)], ownIsColumn: true));
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Full_softmax_equals_autograd_on_the_whole_catalogue_whatever_log_q_is(bool normalise, bool bias, double logQ,
        bool duplicates, bool known)
    {
        var loss = new LossOptions { Kind = LossKind.FullSoftmax, LogQ = logQ, MaskDuplicates = duplicates, MaskKnownPositives = known };
        GradientSpecs.Check(Model(normalise, bias), loss, (plan, scores, set) =>
        {
            Assert.Equal(set.Items, plan.ItemCount);
            return Naive(plan, scores, set, loss, [.. Enumerable.Range(0, set.Items)], ownIsColumn: true);
        });
    }

    [Fact]
    public void What_is_drawn_for_a_batch_depends_on_the_batch_alone_and_follows_the_distribution()
    {
        var set = GradientSpecs.Set();
        var loss = new LossOptions
        {
            Kind = LossKind.SampledSoftmax,
            Negatives = 40_000,
            Sampling = NegativeSampling.Popularity,
            PopularityAlpha = 0.5
        };
        var (first, again) = (SharedNegatives.For(set, loss, 3)!, SharedNegatives.For(set, loss, 3)!);
        int[] Of(SharedNegatives shared, int epoch, int start) =>
            [.. Enumerable.Range(0, shared.Count).Select(n => shared.Draw(epoch, start, n))];

        var draws = Of(first, 1, 24);

        Assert.Equal(draws, Of(again, 1, 24));
        Assert.NotEqual(draws, Of(first, 1, 48));
        Assert.NotEqual(draws, Of(first, 2, 24));
        var q = SharedNegatives.Probabilities(set, loss);
        Assert.Equal(1.0, q.Sum(), 1e-9);
        for (var item = 0; item < set.Items; item++)
        {
            Assert.Equal(q[item], draws.Count(drawn => drawn == item) / (double)draws.Length, 0.01);
        }
    }

    [Fact]
    public void A_catalogue_too_large_for_a_full_softmax_is_refused_with_what_to_do()
    {
        var loss = new LossOptions { Kind = LossKind.FullSoftmax };

        Assert.Null(loss.RefusalFor(1, LossOptions.MostFullSoftmaxItems));
        Assert.Contains("sampled-softmax", loss.RefusalFor(1, LossOptions.MostFullSoftmaxItems + 1), StringComparison.Ordinal);
    }

    [Fact]
    public void With_many_draws_the_gradient_of_sampled_softmax_is_that_of_full_softmax()
    {
        // Masks off: the positive is drawn like any other item, which is what the correction takes for granted.
        var full = UserGradient(new LossOptions { Kind = LossKind.FullSoftmax, MaskKnownPositives = false });
        var draws = new LossOptions
        {
            Kind = LossKind.SampledSoftmax,
            Negatives = 60_000,
            Sampling = NegativeSampling.Popularity,
            PopularityAlpha = 1
        };
        draws = draws with { MaskDuplicates = false, MaskKnownPositives = false };
        var (sampled, uncorrected) = (UserGradient(draws), UserGradient(draws with { LogQ = 0 }));

        Assert.InRange(Distance(full, sampled), 0, 0.02);
        Assert.InRange(Distance(full, uncorrected), 0.08, double.MaxValue);
    }

    /// <summary>The gradient of the users' rows for one batch and one set of parameters.</summary>
    internal static float[] UserGradient(LossOptions loss)
    {
        var set = GradientSpecs.Set(300);
        Assert.DoesNotContain(0, set.ItemCounts); // an item that cannot be drawn is in no sampled softmax
        var plan = BatchPlan.For(loss, 24, set.Items);
        new BatchBuilder(set, loss, new EpochOrder(set.Log.Count, 3), 3).Build(0, 5, 24, plan);
        var model = new ModelOptions { Dim = 7 };
        float[] Rows(int table, ReadOnlySpan<int> rows)
        {
            var values = new float[rows.Length * model.Dim];
            for (var n = 0; n < rows.Length; n++)
            {
                EmbeddingTower.Initialise(values.AsSpan(n * model.Dim, model.Dim), model, 1, table, rows[n]);
            }

            return values;
        }

        var users = Rows(0, plan.UserRows.AsSpan(0, plan.UserCount));
        var items = Rows(1, plan.ItemRows.AsSpan(0, plan.ItemCount));
        var gradient = new float[users.Length];
        using var kernel = GradientKernel.Create(model, loss, set, 24);
        kernel.Compute(plan, users, items, gradient, new float[items.Length]);
        return gradient;
    }

    /// <summary>‖a − b‖ / ‖a‖.</summary>
    internal static double Distance(float[] a, float[] b) =>
        Math.Sqrt(a.Zip(b, (x, y) => Math.Pow(x - y, 2)).Sum() / a.Sum(x => Math.Pow(x, 2)));

    internal static ModelOptions Model(bool normalise, bool bias) =>
        new() { Dim = 7, Normalise = normalise, ItemBias = bias, PriorStrength = bias ? 0.7 : 0 };

    internal static IEnumerable<int> Draws(BatchPlan plan) => Enumerable.Range(0, plan.ItemCount)
        .SelectMany(item => Enumerable.Repeat(item, plan.ItemDraws[item]));

    /// <summary>Negatives of an example, by position in the batch's items: the columns but the own one, less what is masked.</summary>
    internal static List<int> Negatives(BatchPlan plan, int example, TrainingSet set, LossOptions loss, int[] columns, bool ownIsColumn)
    {
        var own = plan.ExampleItem[example];
        var all = columns.ToList();
        if (ownIsColumn)
        {
            all.Remove(own);
        }

        return [.. all.Where(item => !(loss.MaskDuplicates && item == own)
            && !(loss.MaskKnownPositives && set.Known.Contains(plan.QueryUsers[plan.ExampleQuery[example]], plan.ItemRows[item])))];
    }

    internal static double Q(BatchPlan plan, int item, TrainingSet set, LossOptions loss)
    {
        var row = plan.ItemRows[item];
        var share = loss.QEstimate == FrequencyEstimate.Streaming ? plan.ItemShares[item] : set.ItemCounts[row] / (double)set.Log.Count;
        return loss.Kind switch
        {
            LossKind.FullSoftmax => 1,
            LossKind.SampledSoftmax when loss.Sampling == NegativeSampling.Popularity =>
                Math.Pow(set.ItemCounts[row], loss.PopularityAlpha) / set.ItemCounts.Sum(count => Math.Pow(count, loss.PopularityAlpha)),
            LossKind.SampledSoftmax => 1.0 / set.Items,
            _ => ((plan.Examples * share) + (loss.MixedNegatives / (double)set.Items)) / (plan.Examples + loss.MixedNegatives),
        };
    }

    internal static Tensor Naive(BatchPlan plan, Tensor scores, TrainingSet set, LossOptions loss, int[] columns, bool ownIsColumn)
    {
        var total = tensor(0f);
        for (var example = 0; example < plan.Examples; example++)
        {
            var user = plan.ExampleQuery[example];
            var chosen = Negatives(plan, example, set, loss, columns, ownIsColumn).Prepend(plan.ExampleItem[example]);
            var logits =
                stack(chosen.Select(item => scores[example, item].DividedBy(loss.Temperature)
                .Minus(loss.LogQ * Math.Log(Q(plan, item, set, loss)))));
            total = total - nn.functional.log_softmax(logits, 0)[0].Times(plan.Weights[example]);
        }

        return total;
    }
}
