using System.Diagnostics;
using System.Numerics;
using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>Bayesian personalised ranking (Rendle et al. 2009): the mean over an example's negatives of −log σ((s_p −
/// s_n)/T), s = û·v̂ + b + prior.</summary>
/// <remarks>Distinct rows are normalised once per batch and their gradients go back through the normalisation once, so an example costs two
/// dot products and three additions of a row. Under dynamic sampling the negative is the candidate with the highest score, the first of
/// equals. Examples are taken in order on one thread: the sums are the same every time.</remarks>
internal sealed unsafe class BprKernel : IGradientKernel
{
    private readonly ModelOptions _model;
    private readonly LossOptions _loss;
    private readonly int _stride;
    private readonly TowerLayout? _itemLayout;
    private readonly ExampleDecay? _decay;
    private readonly float[] _learnedBias;
    private readonly QueryTower _userTower;
    private readonly ITower _itemTower;
    private readonly float[] _users;
    private readonly float[] _items;
    private readonly float[] _userGradient;
    private readonly float[] _itemGradient;
    private readonly ItemPrior? _prior;
    private readonly float[] _bias;
    private readonly float[] _biasGradient;

    /// <summary>Buffers for batches of up to <paramref name="maxBatch"/> examples.</summary>
    public BprKernel(ModelOptions model, LossOptions loss, TrainingSet set, int maxBatch, TowerLayouts? towers = null)
    {
        _model = model;
        _loss = loss;
        _prior = ItemPrior.Of(model, set);
        _itemLayout = towers?.Items;

        // Rows padded with zeros to whole vectors: the hot loop has no remainder.
        _stride = (model.Dim + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        var users = QueryTower.MostQueries(set, towers, maxBatch);
        var items = (int)Math.Min((long)maxBatch * (1 + BatchBuilder.NegativesOf(loss)), set.Items);
        _userTower = new QueryTower(model, towers, users);
        _itemTower = Tower.Create(model, towers?.Items, model.ItemWidth, items);
        _users = GC.AllocateArray<float>(users * _stride, pinned: true);
        _items = GC.AllocateArray<float>(items * _stride, pinned: true);
        _userGradient = GC.AllocateArray<float>(users * _stride, pinned: true);
        _itemGradient = GC.AllocateArray<float>(items * _stride, pinned: true);
        _bias = new float[items];
        _learnedBias = new float[model.ItemBias ? items : 0];
        _decay = ExampleDecay.For(loss, items);
        _biasGradient = new float[items];
    }

    /// <inheritdoc />
    public KernelTimes Times { get; } = new();

    /// <inheritdoc />
    public BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> userGradient,
        Span<float> itemGradient)
    {
        var start = Stopwatch.GetTimestamp();
        var (nU, nI) = (plan.QueryCount, plan.ItemCount);
        _userTower.Forward(plan, users, items, _users, _stride);
        _itemTower.Forward(plan.ItemBatch, items, _items, _stride);
        Array.Clear(_userGradient, 0, nU * _stride);
        Array.Clear(_itemGradient, 0, nI * _stride);
        if (_model.ItemBias)
        {
            Array.Clear(_biasGradient, 0, nI);
        }

        var temperature = BatchTemperature.Of(_itemLayout, plan, items) ?? _loss.Temperature;
        for (var item = 0; item < nI; item++)
        {
            _bias[item] = _model.ItemBias ? _learnedBias[item] = items[(item * _model.ItemWidth) + _model.Dim] : 0f;
        }

        var gathered = Stopwatch.GetTimestamp();
        Times.Gather += gathered - start;
        _decay?.Begin(plan);
        var lossSum = Pairs(plan, temperature);
        _itemTower.Backward(plan.ItemBatch, _items, _itemGradient, _stride, itemGradient);
        _userTower.Backward(plan, items, _users, _userGradient, _stride, userGradient, itemGradient);
        if (_model.ItemBias)
        {
            for (var item = 0; item < nI; item++)
            {
                itemGradient[(item * _model.ItemWidth) + _model.Dim] = _biasGradient[item];
            }
        }

        lossSum += _decay?.Apply(plan, items, _model.ItemWidth, itemGradient) ?? 0;
        if (_itemLayout?.TemperatureRow is not null)
        {
            BatchTemperature.SetGradient(
                _itemLayout, plan, _users.AsSpan(0, nU * _stride), _userGradient.AsSpan(0, nU * _stride),
                _learnedBias.AsSpan(0, _model.ItemBias ? nI : 0), _biasGradient.AsSpan(0, _model.ItemBias ? nI : 0), itemGradient);
        }

        Times.Gradient += Stopwatch.GetTimestamp() - gathered;
        return new BatchLoss(lossSum, 0, 0);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _userTower.Dispose();
        _itemTower.Dispose();
    }

    private double Pairs(BatchPlan plan, double temperature)
    {
        var candidates = BatchBuilder.CandidatesOf(_loss);
        var negatives = plan.NegativesPerExample / candidates;
        var chooses = candidates > 1 && _loss.IsHardIn(plan.Epoch);
        var inverseTemperature = (float)(1.0 / temperature);
        var scale = (float)(1.0 / (temperature * negatives * plan.Examples));
        var lossSum = 0.0;
        var own = _loss.OwnPairLoss;
        fixed (float* users = _users, items = _items, userGradient = _userGradient, itemGradient = _itemGradient)
        {
            for (var example = 0; example < plan.Examples; example++)
            {
                var userAt = (long)plan.ExampleQuery[example] * _stride;
                var positive = plan.ExampleItem[example];
                var positiveAt = (long)positive * _stride;
                var weight = plan.Weights[example];
                var prior = new Prior(_prior is null ? [] : _prior.LogitsAt(_prior.StepOf(plan.ExampleIndex[example])), plan.ItemRows,
                    (float)temperature);
                _decay?.AddPositive(positive, weight);
                for (var n = 0; n < negatives; n++)
                {
                    var drawn = plan.ExampleNegatives.AsSpan(((example * negatives) + n) * candidates, candidates);
                    var negative = chooses ? Hardest(drawn, users + userAt, items, prior) : drawn[0];
                    var negativeAt = (long)negative * _stride;
                    _decay?.AddNegative(negative, (double)weight / negatives);
                    var margin = (Margin(users + userAt, items + positiveAt, items + negativeAt) + _bias[positive] + prior.Score(positive)
                        - _bias[negative] - prior.Score(negative)) * inverseTemperature;
                    var loss = own is null ? LogSigmoid(margin, out var slope) : own.Of(margin, out slope);
                    lossSum += weight * loss / negatives;
                    var coefficient = weight * slope * scale;
                    Accumulate(users + userAt, items + positiveAt, items + negativeAt, userGradient + userAt, itemGradient + positiveAt,
                        itemGradient + negativeAt, coefficient);
                    if (_model.ItemBias)
                    {
                        _biasGradient[positive] += coefficient;
                        _biasGradient[negative] -= coefficient;
                    }
                }
            }
        }

        return lossSum;
    }

    /// <summary>−log σ(x), and its derivative −σ(−x).</summary>
    private static float LogSigmoid(float margin, out float slope)
    {
        var decay = MathF.Exp(-MathF.Abs(margin));
        slope = margin >= 0 ? -decay / (1f + decay) : -1f / (1f + decay);
        return MathF.Max(-margin, 0f) + MathF.Log(1f + decay);
    }

    /// <summary>The candidate with the highest score.</summary>
    private int Hardest(ReadOnlySpan<int> candidates, float* user, float* items, Prior prior)
    {
        var (hardest, highest) = (candidates[0], float.NegativeInfinity);
        foreach (var candidate in candidates)
        {
            var score = _bias[candidate] + prior.Score(candidate) + TensorPrimitives.Dot(new ReadOnlySpan<float>(user, _stride),
                new ReadOnlySpan<float>(items + ((long)candidate * _stride), _stride));
            if (score > highest)
            {
                (hardest, highest) = (candidate, score);
            }
        }

        return hardest;
    }

    /// <summary>The prior at an example's moment.</summary>
    /// <param name="logits">By item of the catalogue; empty when there is none.</param>
    /// <param name="rows">The items of the batch.</param>
    /// <param name="temperature">What makes a score of a logit.</param>
    private readonly ref struct Prior(ReadOnlySpan<float> logits, int[] rows, float temperature)
    {
        private readonly ReadOnlySpan<float> _logits = logits;

        public float Score(int item) => _logits.IsEmpty ? 0f : _logits[rows[item]] * temperature;
    }

    /// <summary>u · (p − n), in two independent sums.</summary>
    private float Margin(float* u, float* p, float* n)
    {
        var width = Vector<float>.Count;
        var a = Vector<float>.Zero;
        var b = Vector<float>.Zero;
        var at = 0;
        for (; at + (2 * width) <= _stride; at += 2 * width)
        {
            a = Vector.FusedMultiplyAdd(Vector.Load(u + at), Vector.Load(p + at) - Vector.Load(n + at), a);
            b = Vector.FusedMultiplyAdd(Vector.Load(u + at + width), Vector.Load(p + at + width) - Vector.Load(n + at + width), b);
        }

        for (; at < _stride; at += width)
        {
            a = Vector.FusedMultiplyAdd(Vector.Load(u + at), Vector.Load(p + at) - Vector.Load(n + at), a);
        }

        return Vector.Sum(a + b);
    }

    /// <summary>gu += c (p − n); gp += c u; gn −= c u. Right also when positive and negative are the same item: the
    /// two additions cancel in order.</summary>
    private void Accumulate(float* u, float* p, float* n, float* gu, float* gp, float* gn, float c)
    {
        var width = Vector<float>.Count;
        var coefficient = new Vector<float>(c);
        for (var at = 0; at < _stride; at += width)
        {
            var user = Vector.Load(u + at);
            Vector.Store(Vector.FusedMultiplyAdd(coefficient, Vector.Load(p + at) - Vector.Load(n + at), Vector.Load(gu + at)), gu + at);
            Vector.Store(Vector.FusedMultiplyAdd(coefficient, user, Vector.Load(gp + at)), gp + at);
            Vector.Store(Vector.FusedMultiplyAdd(-coefficient, user, Vector.Load(gn + at)), gn + at);
        }
    }
}
