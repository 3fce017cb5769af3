using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Losses;

/// <summary>From a batch's rows to the vectors of its queries, and back. A query is what items are ranked for: a user or, where users are
/// their histories, a user before one of their sessions. Not safe for several threads.</summary>
/// <remarks>With histories it makes a row for every query, which the tower behind it takes for the row of a user: so features and
/// normalisation are the same for both.</remarks>
internal sealed class QueryTower : IDisposable
{
    private readonly ModelOptions _model;
    private readonly ITower _tower;
    private readonly HistoryPooling? _pooling;
    private readonly bool _hasId;
    private readonly int[] _names;
    private readonly float[] _rows;
    private readonly float[] _gradient;

    /// <summary>A tower for batches of up to <paramref name="capacity"/> queries.</summary>
    public QueryTower(ModelOptions model, TowerLayouts? towers, int capacity)
    {
        _model = model;
        _tower = Tower.Create(model, towers?.Users, model.UserWidth, capacity);
        (_pooling, _hasId) = (towers?.Histories is null ? null : new HistoryPooling(model),
            model.UserTower.Input == UserInput.HistoryAndId);
        var rows = towers?.Histories is null ? 0 : capacity + towers.Users.RowsBesidesEntities;
        (_names, _rows, _gradient) = (new int[rows], new float[rows * model.UserWidth], new float[rows * model.UserWidth]);
    }

    /// <summary>Most queries of a batch.</summary>
    /// <param name="set">The examples.</param>
    /// <param name="towers">The towers, or null for embeddings alone.</param>
    /// <param name="examples">Most examples.</param>
    public static int MostQueries(TrainingSet set, TowerLayouts? towers, int examples) => towers?.Histories is { } histories
        ? Math.Min(examples, histories.Sessions) : Math.Min(examples, set.Users);

    /// <summary>The vectors of the batch's queries, normalised when the model is; 0 for a query of whom nothing is known.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="users">Raw user rows.</param>
    /// <param name="items">Raw item rows.</param>
    /// <param name="vectors">[queries, <paramref name="stride"/>], the first dim of each overwritten.</param>
    /// <param name="stride">Floats from one vector to the next.</param>
    public void Forward(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> vectors, int stride)
    {
        if (_pooling is null)
        {
            _tower.Forward(plan.UserBatch, users, vectors, stride);
            return;
        }

        var (width, itemWidth, dim) = (_model.UserWidth, _model.ItemWidth, _model.Dim);
        for (var query = 0; query < plan.QueryCount; query++)
        {
            var row = _rows.AsSpan(query * width, width);
            if (_hasId)
            {
                users.Slice(plan.QueryUserPlaces[query] * width, width).CopyTo(row);
            }
            else
            {
                row.Clear();
            }

            var history = HistoryOf(plan, query);
            _pooling.Add(items, itemWidth, plan.HistoryPlaces.AsSpan(history), plan.HistoryWeights.AsSpan(history),
                plan.HistoryShares.AsSpan(history), row[..dim]);
        }

        plan.QueryUsers.AsSpan(0, plan.QueryCount).CopyTo(_names);
        plan.UserRows.AsSpan(plan.UserCount, plan.UserRowCount - plan.UserCount).CopyTo(_names.AsSpan(plan.QueryCount));
        users[(plan.UserCount * width)..].CopyTo(_rows.AsSpan(plan.QueryCount * width));
        _tower.Forward(Batch(plan), _rows.AsSpan(0, RowsOf(plan) * width), vectors, stride);
    }

    /// <summary>The gradient of all user rows, and of the item rows in histories, after <see cref="Forward"/> on the same batch and after
    /// the item tower has gone back.</summary>
    /// <param name="plan">The batch.</param>
    /// <param name="items">Raw item rows.</param>
    /// <param name="vectors">What <see cref="Forward"/> wrote.</param>
    /// <param name="vectorGradient">In the same shape.</param>
    /// <param name="stride">Floats from one vector to the next in both.</param>
    /// <param name="userGradient">In the shape of the user rows, overwritten.</param>
    /// <param name="itemGradient">In the shape of the item rows: what a history gives an item is added to what it has as a scored one; rows
    /// of histories alone are overwritten.</param>
    public void Backward(BatchPlan plan, ReadOnlySpan<float> items, ReadOnlySpan<float> vectors, ReadOnlySpan<float> vectorGradient,
        int stride, Span<float> userGradient, Span<float> itemGradient)
    {
        if (_pooling is null)
        {
            _tower.Backward(plan.UserBatch, vectors, vectorGradient, stride, userGradient);
            return;
        }

        var (width, itemWidth, dim) = (_model.UserWidth, _model.ItemWidth, _model.Dim);
        _tower.Backward(Batch(plan), vectors, vectorGradient, stride, _gradient.AsSpan(0, RowsOf(plan) * width));
        userGradient[..(plan.UserCount * width)].Clear();
        _gradient.AsSpan(plan.QueryCount * width, (plan.UserRowCount - plan.UserCount) * width)
            .CopyTo(userGradient[(plan.UserCount * width)..]);
        itemGradient.Slice(plan.FirstForeignItem * itemWidth, plan.ForeignItems * itemWidth).Clear();
        for (var query = 0; query < plan.QueryCount; query++)
        {
            var gradient = _gradient.AsSpan(query * width, dim);
            if (_hasId)
            {
                var target = userGradient.Slice(plan.QueryUserPlaces[query] * width, dim);
                TensorPrimitives.Add(target, gradient, target);
            }

            var history = HistoryOf(plan, query);
            _pooling.AddGradient(items, itemWidth, plan.HistoryPlaces.AsSpan(history), plan.HistoryWeights.AsSpan(history),
                plan.HistoryShares.AsSpan(history), gradient, itemGradient);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _tower.Dispose();

    private static Range HistoryOf(BatchPlan plan, int query) => plan.HistoryStart[query]..plan.HistoryStart[query + 1];

    private static int RowsOf(BatchPlan plan) => plan.QueryCount + plan.UserRowCount - plan.UserCount;

    private TowerBatch Batch(BatchPlan plan) => new(_names.AsMemory(0, RowsOf(plan)), plan.QueryCount, plan.Epoch, plan.First);
}
