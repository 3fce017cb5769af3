using System.Numerics.Tensors;
using TwoTower.Model.Losses;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Diagnosis;

/// <summary>Training as one worker would do it, one batch after the other, without anybody to wait for: to look at a state between two
/// batches, or to ask what another epoch would have brought. Kernels, batches and update rules are those of training, so under BSP with a
/// mean loss it is the same training; otherwise it is close to it. Embeddings only: towers with layers
/// or histories are not replayed.</summary>
internal sealed class TrainingReplay : IDisposable
{
    private readonly ModelOptions _model;
    private readonly LossOptions _loss;
    private readonly OptimizerOptions _optimizer;
    private readonly TrainingSet _set;
    private readonly long _seed;
    private readonly int _batchSize;
    private readonly BatchBuilder _builder;
    private readonly BatchPlan _plan;
    private readonly IGradientKernel _kernel;
    private readonly RowOptimizer _userRule;
    private readonly RowOptimizer _itemRule;
    private readonly LearningRateSchedule _schedule;
    private float[] _users = [];
    private float[] _items = [];
    private float[] _userGradient = [];
    private float[] _itemGradient = [];

    /// <summary>A replay.</summary>
    /// <param name="model">The model.</param>
    /// <param name="loss">The loss.</param>
    /// <param name="optimizer">The optimizer with its schedule.</param>
    /// <param name="set">Train positives.</param>
    /// <param name="batchSize">Examples of a step.</param>
    /// <param name="epochs">Epochs of the run, which a schedule may go by.</param>
    /// <param name="seed">The run's seed.</param>
    /// <exception cref="ArgumentException">The model has layers or histories, or there is nothing to train on.</exception>
    public TrainingReplay(ModelOptions model, LossOptions loss, OptimizerOptions optimizer, TrainingSet set, int batchSize,
        int epochs, long seed)
    {
        if (!model.UserTower.IsNone || !model.ItemTower.IsNone || set.Log.Count == 0)
        {
            throw new ArgumentException("Only embeddings without layers or histories are replayed, and only on examples.", nameof(model));
        }

        (_model, _loss, _optimizer, _set, _seed, _batchSize) = (model, loss, optimizer, set, seed, Math.Min(batchSize, set.Log.Count));
        _builder = new BatchBuilder(set, loss, new EpochOrder(set.Log.Count, seed), seed);
        _plan = BatchPlan.For(loss, _batchSize, set.Items);
        _kernel = GradientKernel.Create(model, loss, set, _batchSize);
        (_userRule, _itemRule) = (RowOptimizer.Create(optimizer.ForUsers(), model.Dim),
            RowOptimizer.Create(optimizer.ForItems(), model.Dim));
        BatchesPerEpoch = (set.Log.Count + _batchSize - 1) / _batchSize;
        _schedule = new LearningRateSchedule(optimizer, BatchesPerEpoch, (long)BatchesPerEpoch * epochs);
    }

    /// <summary>Batches of an epoch.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>What training begins with.</summary>
    public TrainingState Initial() =>
        new(TableState.Initial(_model, _userRule, _seed, 0, _set.Users), TableState.Initial(_model, _itemRule, _seed, 1, _set.Items), 0);

    /// <summary>The same parameters under an optimizer that has seen nothing.</summary>
    public TrainingState Forgetting(TrainingState state) =>
        state with { Users = state.Users.Forgetting(_userRule), Items = state.Items.Forgetting(_itemRule) };

    /// <summary>Trains an epoch, changing the state's arrays.</summary>
    /// <param name="state">Where it starts.</param>
    /// <param name="epoch">Which epoch's order and draws, from 0.</param>
    /// <returns>The state after it, and the mean loss over it.</returns>
    public (TrainingState State, double Loss) Epoch(TrainingState state, int epoch)
    {
        Rank(state);
        var loss = 0.0;
        for (var batch = 0; batch < BatchesPerEpoch; batch++)
        {
            loss += Compute(state, epoch, batch);
            var rate = (float)_schedule.At(state.Step + batch);
            Apply(state.Users, _userRule, _plan.UserRows.AsSpan(0, _plan.UserRowCount), _userGradient, rate);
            Apply(state.Items, _itemRule, _plan.ItemRows.AsSpan(0, _plan.ItemRowCount), _itemGradient, rate);
        }

        return (state with { Step = state.Step + BatchesPerEpoch }, loss / _set.Log.Count);
    }

    /// <summary>Reads the gradient of batches that lie evenly over an epoch, without changing anything.</summary>
    /// <param name="state">The state.</param>
    /// <param name="epoch">Which epoch's order and draws, from 0.</param>
    /// <param name="batches">How many batches at most.</param>
    /// <param name="atStep">The step whose rate the schedule gives; null is the state's own.</param>
    public GradientReading Read(TrainingState state, int epoch, int batches, long? atStep = null)
    {
        Rank(state);
        batches = Math.Min(batches, BatchesPerEpoch);
        var sums = new StepSums();
        var (loss, examples) = (0.0, 0);
        var rate = (float)_schedule.At(atStep ?? state.Step);
        for (var batch = 0; batch < batches; batch++)
        {
            loss += Compute(state, epoch, (int)((long)BatchesPerEpoch * batch / batches));
            examples += _plan.Examples;
            sums.Add(state.Users, _userRule, _plan.UserRows.AsSpan(0, _plan.UserRowCount), _userGradient, _model.Dim, rate);
            sums.Add(state.Items, _itemRule, _plan.ItemRows.AsSpan(0, _plan.ItemRowCount), _itemGradient, _model.Dim, rate);
        }

        return sums.Reading(loss / examples);
    }

    /// <inheritdoc />
    public void Dispose() => _kernel.Dispose();

    /// <summary>An epoch's hard negatives come from the state that it begins with.</summary>
    private void Rank(TrainingState state) =>
        _builder.Ranked = _loss.RanksSnapshots && state.Step > 0
            ? RankedNegatives.Of(state.Step, state.Users.Values, state.Items.Values, _model, _loss, _set) : null;

    private static void Apply(TableState table, RowOptimizer rule, ReadOnlySpan<int> rows, float[] gradient, float rate)
    {
        for (var n = 0; n < rows.Length; n++)
        {
            var row = rows[n];
            rule.Step(table.Row(row), gradient.AsSpan(n * table.Width, table.Width), table.First(row), table.Second(row),
                ++table.Steps[row], rate);
        }
    }

    /// <summary>Gathers a batch's rows, computes their gradient, and clips it as training does.</summary>
    private double Compute(TrainingState state, int epoch, int batch)
    {
        var first = batch * _batchSize;
        _builder.Build(epoch, first, Math.Min(_batchSize, _set.Log.Count - first), _plan);
        Gather(state.Users, _plan.UserRows.AsSpan(0, _plan.UserRowCount), ref _users, ref _userGradient);
        Gather(state.Items, _plan.ItemRows.AsSpan(0, _plan.ItemRowCount), ref _items, ref _itemGradient);
        var (users, items) = (_plan.UserRowCount * state.Users.Width, _plan.ItemRowCount * state.Items.Width);
        var loss = _kernel.Compute(_plan, _users.AsSpan(0, users), _items.AsSpan(0, items), _userGradient.AsSpan(0, users),
            _itemGradient.AsSpan(0, items)).LossSum;
        if (_optimizer.ClipNorm > 0)
        {
            GradientClipping.Clip(_userGradient.AsSpan(0, users), _itemGradient.AsSpan(0, items), _optimizer.ClipNorm);
        }

        return loss;
    }

    private static void Gather(TableState table, ReadOnlySpan<int> rows, ref float[] values, ref float[] gradient)
    {
        if (values.Length < rows.Length * table.Width)
        {
            values = new float[rows.Length * table.Width];
            gradient = new float[values.Length];
        }

        for (var n = 0; n < rows.Length; n++)
        {
            table.Row(rows[n]).CopyTo(values.AsSpan(n * table.Width));
        }
    }

    /// <summary>Sums over the rows of all batches.</summary>
    private sealed class StepSums
    {
        private readonly List<double> _rates = [];
        private double _gradient;
        private double _step;
        private double _relative;

        public void Add(TableState table, RowOptimizer rule, ReadOnlySpan<int> rows, float[] gradient, int dim, float rate)
        {
            var (moved, before) = (new float[table.Width], new float[table.Width]);
            for (var n = 0; n < rows.Length; n++)
            {
                var row = rows[n];
                table.Row(row).CopyTo(before);
                before.CopyTo(moved, 0);
                float[] first = [.. table.First(row)];
                float[] second = [.. table.Second(row)];
                var g = gradient.AsSpan(n * table.Width, table.Width);
                rule.Step(moved, g, first, second, table.Steps[row] + 1, rate);
                double norm = TensorPrimitives.Norm<float>(g[..dim]),
                    step = TensorPrimitives.Distance<float>(moved.AsSpan(0, dim), before.AsSpan(0, dim));
                _gradient += norm;
                _step += step;
                _relative += step / Math.Max(1e-12, TensorPrimitives.Norm<float>(before.AsSpan(0, dim)));
                _rates.Add(norm > 0 ? step / norm : 0);
            }
        }

        public GradientReading Reading(double loss)
        {
            _rates.Sort();
            var rows = Math.Max(1, _rates.Count);
            return new GradientReading(loss, _gradient / rows, _step / rows, _relative / rows,
                _rates.Count == 0 ? 0 : _rates[_rates.Count / 2], _rates.Count);
        }
    }
}
