using System.Diagnostics;
using System.Numerics.Tensors;
using TorchSharp;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>In-batch sampled softmax with log-q correction (Yi et al. 2019, "Sampling-bias-corrected neural modeling for large corpus item
/// recommendations"), on the distinct users and items of the batch.</summary>
/// <remarks>
/// The logit of user u and item j is z = (û·v̂ + b)/T + prior − λ log q. In the B × B form every example has a row and every example's item a column. Rows of one user
/// and columns of one item are the same but for the positive, so it is exact, and much less work, to take the nU × nI matrix of distinct ones with the
/// multiplicity m of an item as a factor of its exponential. For example i of u with positive p: loss = −z_p + log D, where
/// D = Σ m e^z over the negatives + e^{z_p}.
/// Masking known positives leaves all of the user's train positives out of the negatives (its own item among them); masking duplicates leaves out only other
/// occurrences of the example's own item.
/// </remarks>
public sealed class InBatchSoftmaxKernel : IGradientKernel
{
    private readonly ModelOptions _model;
    private readonly LossOptions _loss;
    private readonly TrainingSet _set;
    private readonly float[] _logQ;
    private readonly float[]? _prior;
    private readonly ITower _userTower;
    private readonly ITower _itemTower;
    private readonly NativeMatrix _users;
    private readonly NativeMatrix _items;
    private readonly NativeMatrix _logits;
    private readonly NativeMatrix _userGradient;
    private readonly NativeMatrix _itemGradient;
    private readonly float[] _columnShift;
    private readonly float[] _multiplicity;
    private readonly float[] _biasGradient;
    private readonly float[] _positiveLogit;
    private readonly int[] _columnOf;
    private readonly int[] _userStart;
    private readonly int[] _byUser;

    /// <summary>Buffers for batches of up to <paramref name="maxBatch"/> examples.</summary>
    public InBatchSoftmaxKernel(ModelOptions model, LossOptions loss, TrainingSet set, int maxBatch, TowerLayouts? towers = null)
    {
        _model = model;
        _loss = loss;
        _set = set;
        _logQ = ItemFrequencies.LogQ(set);
        _prior = ItemPrior.Logits(model, set);
        var users = Math.Min(maxBatch, set.Users);
        var items = Math.Min(maxBatch, set.Items);
        _userTower = Tower.Create(model, towers?.Users, model.UserWidth, users);
        _itemTower = Tower.Create(model, towers?.Items, model.ItemWidth, items);
        _users = new NativeMatrix((long)users * model.Dim);
        _items = new NativeMatrix((long)items * model.Dim);
        _logits = new NativeMatrix((long)users * items);
        _userGradient = new NativeMatrix((long)users * model.Dim);
        _itemGradient = new NativeMatrix((long)items * model.Dim);
        _columnShift = new float[items];
        _multiplicity = new float[items];
        _biasGradient = new float[items];
        _positiveLogit = new float[maxBatch];
        _columnOf = new int[set.Items];
        Array.Fill(_columnOf, -1);
        _userStart = new int[users + 2];
        _byUser = new int[maxBatch];
    }

    /// <inheritdoc />
    public KernelTimes Times { get; } = new();

    /// <inheritdoc />
    public BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> userGradient, Span<float> itemGradient)
    {
        var (nU, nI, dim) = (plan.UserCount, plan.ItemCount, _model.Dim);
        var start = Stopwatch.GetTimestamp();
        var unitUsers = _users.Span(nU * dim);
        var unitItems = _items.Span(nI * dim);
        _userTower.Forward(plan.UserBatch, users, unitUsers, dim);
        _itemTower.Forward(plan.ItemBatch, items, unitItems, dim);
        PrepareColumns(plan, items);
        GroupByUser(plan);
        var gathered = Stopwatch.GetTimestamp();
        Times.Gather += gathered - start;

        using var quiet = torch.no_grad();
        using var u = _users.View(nU, dim);
        using var v = _items.View(nI, dim);
        using (var vT = v.t())
        {
            _logits.SetProduct(nU, nI, u, vT);
        }

        var scored = Stopwatch.GetTimestamp();
        Times.Gemm += scored - gathered;

        var result = Softmax(plan, _logits.Span(nU * nI));
        var softened = Stopwatch.GetTimestamp();
        Times.Softmax += softened - scored;

        using (var g = _logits.View(nU, nI))
        using (var gT = g.t())
        {
            _userGradient.SetProduct(nU, dim, g, v);
            _itemGradient.SetProduct(nI, dim, gT, u);
        }

        var multiplied = Stopwatch.GetTimestamp();
        Times.Gemm += multiplied - softened;

        _userTower.Backward(plan.UserBatch, unitUsers, _userGradient.Span(nU * dim), dim, userGradient);
        _itemTower.Backward(plan.ItemBatch, unitItems, _itemGradient.Span(nI * dim), dim, itemGradient);
        if (_model.ItemBias)
        {
            for (var item = 0; item < nI; item++)
            {
                itemGradient[(item * _model.ItemWidth) + dim] = _biasGradient[item];
            }
        }

        ReleaseColumns(plan);
        Times.Gradient += Stopwatch.GetTimestamp() - multiplied;
        return result;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _userTower.Dispose();
        _itemTower.Dispose();
        _users.Dispose();
        _items.Dispose();
        _logits.Dispose();
        _userGradient.Dispose();
        _itemGradient.Dispose();
    }

    private void PrepareColumns(BatchPlan plan, ReadOnlySpan<float> items)
    {
        for (var item = 0; item < plan.ItemCount; item++)
        {
            var row = plan.ItemRows[item];
            var bias = _model.ItemBias ? items[(item * _model.ItemWidth) + _model.Dim] / (float)_loss.Temperature : 0f;
            _columnShift[item] = bias + (_prior?[row] ?? 0f) - ((float)_loss.LogQ * _logQ[row]);
            _multiplicity[item] = plan.ItemMultiplicity[item];
            _columnOf[row] = item;
        }

        Array.Clear(_biasGradient, 0, plan.ItemCount);
    }

    private void ReleaseColumns(BatchPlan plan)
    {
        for (var item = 0; item < plan.ItemCount; item++)
        {
            _columnOf[plan.ItemRows[item]] = -1;
        }
    }

    private void GroupByUser(BatchPlan plan)
    {
        Array.Clear(_userStart, 0, plan.UserCount + 2);
        for (var example = 0; example < plan.Examples; example++)
        {
            _userStart[plan.ExampleUser[example] + 2]++;
        }

        for (var user = 0; user < plan.UserCount; user++)
        {
            _userStart[user + 2] += _userStart[user + 1];
        }

        // _userStart[user + 1] walks from the start of the user's examples to their end, which is where the next user's start.
        for (var example = 0; example < plan.Examples; example++)
        {
            _byUser[_userStart[plan.ExampleUser[example] + 1]++] = example;
        }
    }

    /// <summary>Turns the products into the gradient with respect to them, row by row while a row is in the cache.</summary>
    private BatchLoss Softmax(BatchPlan plan, Span<float> matrix)
    {
        var nI = plan.ItemCount;
        var shift = _columnShift.AsSpan(0, nI);
        var multiplicity = _multiplicity.AsSpan(0, nI);
        var scale = (float)(1.0 / (plan.Examples * _loss.Temperature));
        var lossSum = 0.0;
        var maskedPairs = 0L;
        for (var user = 0; user < plan.UserCount; user++)
        {
            var row = matrix.Slice(user * nI, nI);
            var examples = _byUser.AsSpan(_userStart[user], _userStart[user + 1] - _userStart[user]);
            var largest = SoftmaxRow.ScaleAndShift(row, (float)(1.0 / _loss.Temperature), shift);
            foreach (var example in examples)
            {
                _positiveLogit[example] = row[plan.ExampleItem[example]];
            }

            if (_loss.MaskKnownPositives)
            {
                maskedPairs += examples.Length * (long)(MaskKnown(plan.UserRows[user], plan, row) - 1);
                largest = TensorPrimitives.Max(row);
                foreach (var example in examples)
                {
                    largest = MathF.Max(largest, _positiveLogit[example]);
                }
            }

            var negatives = SoftmaxRow.Exponentiate(row, largest, multiplicity);
            var factor = 0f;
            foreach (var example in examples)
            {
                factor += plan.Weights[example] / Denominator(plan, example, negatives, largest, out _);
            }

            TensorPrimitives.Multiply(row, factor * scale, row);
            foreach (var example in examples)
            {
                var weight = plan.Weights[example];
                var item = plan.ExampleItem[example];
                var denominator = Denominator(plan, example, negatives, largest, out var positive);
                lossSum += weight * (largest - _positiveLogit[example] + Math.Log(denominator));
                var others = plan.ItemMultiplicity[item] - 1;
                row[item] += scale * weight * (_loss.MaskKnownPositives ? (positive / denominator) - 1f
                    : _loss.MaskDuplicates ? -(others * positive / denominator) - 1f
                    : -1f);
                maskedPairs += !_loss.MaskKnownPositives && _loss.MaskDuplicates ? others : 0;
            }

            if (_model.ItemBias)
            {
                TensorPrimitives.Add(row, _biasGradient.AsSpan(0, nI), _biasGradient.AsSpan(0, nI));
            }
        }

        return new BatchLoss(lossSum, maskedPairs, plan.Examples * (plan.Examples - 1L));
    }

    /// <summary>D of an example; <paramref name="positive"/> is its e^{z_p}, both relative to the row's largest logit.</summary>
    private float Denominator(BatchPlan plan, int example, float negatives, float largest, out float positive)
    {
        positive = MathF.Exp(_positiveLogit[example] - largest);
        if (_loss.MaskKnownPositives)
        {
            return negatives + positive;
        }

        // The row's sum holds the positive once per occurrence; rounding must not push what remains under the positive itself.
        return _loss.MaskDuplicates
            ? MathF.Max(positive, negatives - ((plan.ItemMultiplicity[plan.ExampleItem[example]] - 1) * positive))
            : negatives;
    }

    /// <summary>Takes the user's train positives out of a row; returns how many examples of the batch have one of them as their item.</summary>
    private int MaskKnown(int user, BatchPlan plan, Span<float> row)
    {
        var occurrences = 0;
        foreach (var item in _set.Known.ItemsOf(user))
        {
            if (_columnOf[item] is >= 0 and var column)
            {
                row[column] = float.NegativeInfinity;
                occurrences += plan.ItemMultiplicity[column];
            }
        }

        return occurrences;
    }
}
