using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Losses;
using TwoTower.Model.Native;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Tests.Simulation;
using TwoTower.Tests.Training;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>Columns from earlier batches, against autograd on the naive form: one logit per example and per
/// example of any batch in memory.</summary>
public class CrossBatchMemorySpecs
{
    private const int Batch = 6;
    private static readonly int[] s_starts = [0, 10, 20, 30];

    public static TheoryData<bool, bool, bool, bool, int, bool> Variants => new()
    {
        { true, false, true, true, 0, false },
        { true, true, true, false, 0, false },
        { false, true, false, false, 0, false },
        { true, false, true, false, 4, false },
        { true, false, true, false, 3, true },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Items_in_memory_are_columns_without_gradient(bool normalise, bool bias, bool duplicates, bool known, int mixed,
        bool streaming)
    {
        var loss = new LossOptions
        {
            CrossBatchMemory = 2,
            MaskDuplicates = duplicates,
            MaskKnownPositives = known,
            MixedNegatives = mixed,
            Temperature = 0.5
        };
        loss = loss with { QEstimate = streaming ? FrequencyEstimate.Streaming : FrequencyEstimate.Exact };
        var run = new Run(SoftmaxColumnSpecs.Model(normalise, bias), loss, epoch: 0);

        using var scope = NewDisposeScope();
        var (u, v, scores) = run.Scores();
        var expected = run.Naive(scores, remembered: 2);
        expected.DividedBy(Batch).backward();

        Assert.Equal(expected.item<float>(), run.Result.LossSum, 1e-3);
        GradientSpecs.Equal(u.grad!, run.UserGradient);
        GradientSpecs.Equal(v.grad!, run.ItemGradient);
    }

    [Fact]
    public void Before_its_first_epoch_memory_is_filled_and_does_not_count()
    {
        var loss = new LossOptions { CrossBatchMemory = 2, CrossBatchFromEpoch = 2, MaskKnownPositives = false };
        var model = SoftmaxColumnSpecs.Model(normalise: true, bias: false);
        var without = new Run(model, loss with { CrossBatchMemory = 0 }, epoch: 0);
        var (early, late) = (new Run(model, loss, epoch: 0), new Run(model, loss, epoch: 1));

        Assert.Equal(without.UserGradient, early.UserGradient);
        Assert.Equal(without.Result, early.Result);
        Assert.Equal(2 * Batch, early.Memory!.Examples);
        Assert.Equal(Batch * ((3 * Batch) - 1), late.Result.Pairs);
    }

    [Fact]
    public void What_hard_negatives_and_smoothing_see_are_all_columns()
    {
        foreach (var loss in new[] { new LossOptions { LabelSmoothing = 0.1 }, new LossOptions { HardNegatives = 1 },
            new LossOptions { LogQPositive = true } })
        {
            var options = loss with { CrossBatchMemory = 2, MaskKnownPositives = false };
            var (one, two) = (new Run(SoftmaxColumnSpecs.Model(normalise: true, bias: false), options with { CrossBatchMemory = 1 }, 0),
                new Run(SoftmaxColumnSpecs.Model(normalise: true, bias: false), options, 0));

            Assert.Equal((Batch * ((2 * Batch) - 1), Batch * ((3 * Batch) - 1)), (one.Result.Pairs, two.Result.Pairs));
            Assert.NotEqual(one.Result.LossSum, two.Result.LossSum, 1e-3);
        }
    }

    [Fact]
    public void Simulated_workers_remember_each_its_own_batches_and_repeat_to_the_bit()
    {
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Adagrad) with
        { Workers = 4, Consistency = Consistency.Ssp(2) };
        TrainingOutcome Train(int memory) => SimulatedTrainingSpecs.Simulate(
            options with { Loss = options.Loss with { CrossBatchMemory = memory } },
            new WorldOptions { Network = NetworkOptions.Preset("wan") }).Training;

        var (first, again, without) = (Train(3), Train(3), Train(0));

        Assert.Equal(first.ParametersSha256, again.ParametersSha256);
        Assert.NotEqual(without.ParametersSha256, first.ParametersSha256);
    }

    [Fact]
    public async Task Under_bsp_it_is_refused_because_the_model_would_depend_on_who_computed_what()
    {
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Adagrad) with
        { Consistency = Consistency.Bsp, Loss = new LossOptions { CrossBatchMemory = 2 } };

        var refused = await Assert.ThrowsAsync<TrainingException>(() => InvariantSpecs.Train(options));

        Assert.Contains("train.consistency=ssp:1", refused.Message, StringComparison.Ordinal);
        Assert.Contains("loss.kind=softmax", (options.Loss with { Kind = LossKind.Bpr }).Refusal, StringComparison.Ordinal);
    }

    /// <summary>Four batches of one worker, of which the last is looked at.</summary>
    private sealed class Run
    {
        private readonly ModelOptions _model;
        private readonly LossOptions _loss;
        private readonly TrainingSet _set = GradientSpecs.Set();
        private readonly BatchPlan[] _plans;
        private readonly float[][] _users;
        private readonly float[][] _items;

        public Run(ModelOptions model, LossOptions loss, int epoch)
        {
            (_model, _loss) = (model, loss);
            Memory = CrossBatchMemory.For(loss, model);
            var builder = new BatchBuilder(_set, loss, new EpochOrder(_set.Log.Count, 3), 3);
            using var kernel = GradientKernel.Create(model, loss, _set, Batch);
            var random = new SeededRandom(11);
            float[] Rows(int count, int width) => [.. Enumerable.Range(0, count * width).Select(_ => (float)random.NextGaussian())];
            _plans = [.. s_starts.Select(_ => BatchPlan.For(loss, Batch, _set.Items))];
            (_users, _items) = (new float[_plans.Length][], new float[_plans.Length][]);
            for (var n = 0; n < _plans.Length; n++)
            {
                var plan = _plans[n];
                builder.Build(epoch, s_starts[n], Batch, plan);
                (_users[n], _items[n]) = (Rows(plan.UserCount, model.UserWidth), Rows(plan.ItemCount, model.ItemWidth));
                (UserGradient, ItemGradient) = (new float[_users[n].Length], new float[_items[n].Length]);
                plan.Memory = Memory;
                Result = kernel.Compute(plan, _users[n], _items[n], UserGradient, ItemGradient);
            }
        }

        public CrossBatchMemory? Memory { get; }

        public BatchLoss Result { get; }

        public float[] UserGradient { get; } = [];

        public float[] ItemGradient { get; } = [];

        private BatchPlan Last => _plans[^1];

        /// <summary>Rows of the last batch, and scores of its users with every item of the catalogue: as it is in that batch, else as it
        /// was in the newest that had it.</summary>
        public (Tensor Users, Tensor Items, Tensor Scores) Scores()
        {
            var u = tensor(_users[^1]).view(Last.UserCount, _model.UserWidth).requires_grad_();
            var v = tensor(_items[^1]).view(Last.ItemCount, _model.ItemWidth).requires_grad_();
            var newest = new List<Tensor>();
            for (var row = 0; row < _set.Items; row++)
            {
                var n = Enumerable.Range(0, _plans.Length).LastOrDefault(n => Has(n, row, anyKind: n == _plans.Length - 1), -1);
                newest.Add(n < 0 ? zeros(_model.ItemWidth)
                    : n == _plans.Length - 1 ? v[Place(n, row)]
                    : tensor(_items[n].AsSpan(Place(n, row) * _model.ItemWidth, _model.ItemWidth).ToArray()));
            }

            var all = stack(newest);
            var vectors = all.narrow(1, 0, _model.Dim);
            var scores = _model.Normalise ? nn.functional.normalize(u, dim: 1).matmul(nn.functional.normalize(vectors, dim: 1).t())
                : u.matmul(vectors.t());
            scores = _model.ItemBias ? scores.Plus(all.select(1, _model.Dim)) : scores;
            return (u, v, GradientSpecs.ByExample(scores, Last, [.. Enumerable.Range(0, _set.Items)], ItemPrior.Of(_model, _set), _loss));
        }

        public Tensor Naive(Tensor scores, int remembered)
        {
            var drawn = SoftmaxColumnSpecs.Draws(Last).Select(item => Last.ItemRows[item]).ToArray();
            var columns = _plans.TakeLast(1 + remembered)
                .SelectMany(plan => plan.ExampleItem.Take(plan.Examples).Select(item => plan.ItemRows[item])).Concat(drawn).ToArray();
            var total = tensor(0f);
            for (var example = 0; example < Batch; example++)
            {
                var (user, own) = (Last.ExampleQuery[example], Last.ItemRows[Last.ExampleItem[example]]);
                var negatives = columns.ToList();
                negatives.Remove(own);
                negatives.RemoveAll(row => (_loss.MaskDuplicates && row == own)
                    || (_loss.MaskKnownPositives && _set.Known.Contains(Last.UserRows[user], row)));
                var logits = stack(negatives.Prepend(own).Select(row => scores[example, row].DividedBy(_loss.Temperature)
                    .Minus(Math.Log(Q(row, columns.Length - drawn.Length)))));
                total = total - nn.functional.log_softmax(logits, 0)[0].Times(Last.Weights[example]);
            }

            return total;
        }

        private double Q(int row, int fromStream)
        {
            var n = Enumerable.Range(0, _plans.Length).Last(n => Has(n, row, anyKind: n == _plans.Length - 1));
            var share = _loss.QEstimate == FrequencyEstimate.Streaming ? _plans[n].ItemShares[Place(n, row)]
                : _set.ItemCounts[row] / (double)_set.Log.Count;
            return ((fromStream * share) + (_loss.MixedNegatives / (double)_set.Items)) / (fromStream + _loss.MixedNegatives);
        }

        private bool Has(int n, int row, bool anyKind) => Place(n, row) is >= 0 and var place
            && (anyKind || _plans[n].ItemMultiplicity[place] > 0);

        private int Place(int n, int row) => Array.IndexOf(_plans[n].ItemRows, row, 0, _plans[n].ItemCount);
    }
}
