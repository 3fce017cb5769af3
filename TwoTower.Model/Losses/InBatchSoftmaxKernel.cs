using System.Diagnostics;
using System.Numerics.Tensors;
using TorchSharp;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>Softmax with log-q correction on the distinct users and items of the batch: in-batch (Yi et al. 2019, "Sampling-bias-corrected
/// neural modeling for large corpus item recommendations"), with mixed, or with only drawn negatives, or over the whole catalogue. They
/// differ in what columns there are and how often each counts.</summary>
/// <remarks>
/// The logit of user u and item j is z = (û·v̂ + b)/T + prior − λ log q. In the B × B form every example has a row and every example's item
/// a column (or every draw, or every item). Rows of one user and columns of one item are the same but for the positive, so it is exact, and
/// much less work, to take the nU × nI matrix of distinct ones with the multiplicity m of an item as a factor of its exponential. For
/// example i of u with positive p: loss = −z_p + log D, where D = Σ m e^z over the negatives + e^{z_p}.
/// Masking known positives leaves all of the user's train positives out of the negatives (its own item among them); masking duplicates
/// leaves out only other occurrences of the example's own item. Columns from memory (<see cref="CrossBatchMemory"/>) stand after the
/// batch's own and get no gradient.
/// </remarks>
internal sealed class InBatchSoftmaxKernel : IGradientKernel
{
    private readonly ModelOptions _model;
    private readonly LossOptions _loss;
    private readonly TowerLayout? _itemLayout;
    private readonly ExampleDecay? _decay;
    private readonly SoftmaxColumns _columns;
    private readonly ISoftmaxRows _rows;
    private readonly QueryTower _userTower;
    private readonly ITower _itemTower;
    private readonly NativeMatrix _users;
    private readonly NativeMatrix _items;
    private readonly NativeMatrix _logits;
    private readonly NativeMatrix _userGradient;
    private readonly NativeMatrix _itemGradient;
    private readonly float[] _biasGradient;
    private readonly int[] _userStart;
    private readonly int[] _byUser;

    /// <summary>Buffers for batches of up to <paramref name="maxBatch"/> examples.</summary>
    public InBatchSoftmaxKernel(ModelOptions model, LossOptions loss, TrainingSet set, int maxBatch, TowerLayouts? towers = null)
    {
        (_model, _loss) = (model, loss);
        var users = QueryTower.MostQueries(set, towers, maxBatch);
        var items = (int)Math.Min((long)maxBatch + SharedNegatives.RowsOf(loss, set.Items), set.Items);
        var columns = (int)Math.Min(items + ((long)maxBatch * loss.CrossBatchMemory), set.Items);
        _itemLayout = towers?.Items;
        _decay = ExampleDecay.For(loss, items);
        _columns = new SoftmaxColumns(model, loss, set, columns);
        ISoftmaxRows rows = ExampleRows.AreNeeded(loss) ? new ExampleRows(loss, _columns, columns)
            : new SharedRows(loss, _columns, maxBatch);
        _rows = _columns.Prior is { } prior ? new SteppedRows(rows, prior, _columns, columns) : rows;
        _userTower = new QueryTower(model, towers, users);
        _itemTower = Tower.Create(model, towers?.Items, model.ItemWidth, items);
        _users = new NativeMatrix((long)users * model.Dim);
        _items = new NativeMatrix((long)columns * model.Dim);
        _logits = new NativeMatrix((long)users * columns);
        _userGradient = new NativeMatrix((long)users * model.Dim);
        _itemGradient = new NativeMatrix((long)items * model.Dim);
        _biasGradient = new float[columns];
        _userStart = new int[users + 2];
        _byUser = new int[maxBatch];
    }

    /// <inheritdoc />
    public KernelTimes Times { get; } = new();

    /// <inheritdoc />
    public BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> userGradient,
        Span<float> itemGradient)
    {
        var (nU, nI, dim) = (plan.QueryCount, plan.ItemCount, _model.Dim);
        var start = Stopwatch.GetTimestamp();
        var unitUsers = _users.Span(nU * dim);
        var unitItems = _items.Span(nI * dim);
        _userTower.Forward(plan, users, items, unitUsers, dim);
        _itemTower.Forward(plan.ItemBatch, items, unitItems, dim);
        var memory = _loss.RecallsIn(plan.Epoch) ? plan.Memory : null;
        _columns.Prepare(plan, items, memory, BatchTemperature.Of(_itemLayout, plan, items) ?? _loss.Temperature);
        var nC = _columns.Count;
        if (memory is not null)
        {
            _columns.CopyRecalled(memory, _items.Span(nC * dim)[(nI * dim)..]);
        }

        GroupByUser(plan);
        var gathered = Stopwatch.GetTimestamp();
        Times.Gather += gathered - start;

        using var scope = torch.NewDisposeScope();
        using var quiet = torch.no_grad();
        using var u = _users.View(nU, dim);
        using var v = _items.View(nC, dim);
        using (var vT = v.t())
        {
            _logits.SetProduct(nU, nC, u, vT);
        }

        var scored = Stopwatch.GetTimestamp();
        Times.Gemm += scored - gathered;

        var result = Softmax(plan, _logits.Span(nU * nC));
        var softened = Stopwatch.GetTimestamp();
        Times.Softmax += softened - scored;

        using (var g = _logits.View(nU, nC))
        using (var ofBatch = _logits.View(nU, nI, nC))
        using (var gT = ofBatch.t())
        {
            _userGradient.SetProduct(nU, dim, g, v);
            _itemGradient.SetProduct(nI, dim, gT, u);
        }

        var multiplied = Stopwatch.GetTimestamp();
        Times.Gemm += multiplied - softened;

        _itemTower.Backward(plan.ItemBatch, unitItems, _itemGradient.Span(nI * dim), dim, itemGradient);
        _userTower.Backward(plan, items, unitUsers, _userGradient.Span(nU * dim), dim, userGradient, itemGradient);
        if (_model.ItemBias)
        {
            for (var item = 0; item < nI; item++)
            {
                itemGradient[(item * _model.ItemWidth) + dim] = _biasGradient[item];
            }
        }

        if (_decay is not null)
        {
            _decay.Begin(plan);
            _decay.AddShared(plan);
            result = result with { LossSum = result.LossSum + _decay.Apply(plan, items, _model.ItemWidth, itemGradient) };
        }

        if (_itemLayout?.TemperatureRow is not null)
        {
            BatchTemperature.SetGradient(_itemLayout, plan, unitUsers, _userGradient.Span(nU * dim), _columns.Bias,
                _biasGradient.AsSpan(0, _columns.Bias.Length), itemGradient);
        }

        _columns.Release(plan);
        plan.Memory?.Add(plan, unitItems, items, _model.ItemWidth);
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

    private void GroupByUser(BatchPlan plan)
    {
        Array.Clear(_userStart, 0, plan.QueryCount + 2);
        for (var example = 0; example < plan.Examples; example++)
        {
            _userStart[plan.ExampleQuery[example] + 2]++;
        }

        for (var user = 0; user < plan.QueryCount; user++)
        {
            _userStart[user + 2] += _userStart[user + 1];
        }

        // _userStart[user + 1] walks from the start of the user's examples to their end, which is where the next user's start.
        for (var example = 0; example < plan.Examples; example++)
        {
            _byUser[_userStart[plan.ExampleQuery[example] + 1]++] = example;
        }
    }

    /// <summary>Turns the products into the gradient with respect to them, row by row while a row is in the cache.</summary>
    private BatchLoss Softmax(BatchPlan plan, Span<float> matrix)
    {
        var nC = _columns.Count;
        Array.Clear(_biasGradient, 0, nC);
        var sums = default(SoftmaxSums);
        for (var user = 0; user < plan.QueryCount; user++)
        {
            var row = matrix.Slice(user * nC, nC);
            _rows.Differentiate(plan, user, _byUser.AsSpan(_userStart[user], _userStart[user + 1] - _userStart[user]), row, ref sums);
            if (_model.ItemBias)
            {
                TensorPrimitives.Add(row, _biasGradient.AsSpan(0, nC), _biasGradient.AsSpan(0, nC));
            }
        }

        return new BatchLoss(sums.Loss, sums.MaskedPairs, plan.Examples * (_columns.Total - _columns.Own));
    }
}
