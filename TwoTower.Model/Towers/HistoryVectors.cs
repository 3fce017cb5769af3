using System.Numerics.Tensors;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>Users' vectors from their histories, outside training: those of a whole table, and that of somebody who is in none.</summary>
internal sealed class HistoryVectors
{
    private readonly TwoTowerEmbeddings _embeddings;
    private readonly ModelOptions _model;
    private readonly HistoryWeights _weights;

    /// <summary>Takes a model.</summary>
    /// <param name="embeddings">Its vectors, with those of items in histories.</param>
    /// <param name="model">Its shape.</param>
    /// <exception cref="ArgumentException">The embeddings have no vectors of items in histories.</exception>
    public HistoryVectors(TwoTowerEmbeddings embeddings, ModelOptions model)
    {
        if (embeddings.ItemHistories is null)
        {
            throw new ArgumentException("These embeddings have no vectors of items in histories.", nameof(embeddings));
        }

        (_embeddings, _model, _weights) = (embeddings, model, new HistoryWeights(model.History));
    }

    /// <summary>The tower of a model by which users who were not in train are served, or null: where users have ids too, theirs was not
    /// learned, and <c>FoldIn</c> serves them.</summary>
    /// <param name="embeddings">The model's vectors.</param>
    /// <param name="model">Its shape.</param>
    public static HistoryVectors? ForNewUsers(TwoTowerEmbeddings embeddings, ModelOptions model) =>
        model.UserTower.Input == UserInput.History && embeddings.ItemHistories is not null ? new HistoryVectors(embeddings, model) : null;

    /// <summary>The vector, as it scores, of somebody with a history: the very one that a user of train with this history has, where users
    /// have no id and no features.</summary>
    /// <param name="items">Rows of items they liked, the oldest first. Only the last ones count
    /// (<see cref="HistoryOptions.Length"/>).</param>
    /// <param name="times">Unix seconds, as many, ascending; where times are not known, all alike.</param>
    /// <returns>[columns]: the vector and, where items have a last column for bias and prior, 1.</returns>
    public float[] VectorOf(ReadOnlySpan<int> items, ReadOnlySpan<long> times)
    {
        var result = new float[_embeddings.Dim];
        result.AsSpan(_model.Dim).Fill(1f);
        Pool(items, times, result.AsSpan(0, _model.Dim));
        var vector = result.AsSpan(0, _model.Dim);
        TensorPrimitives.Multiply(vector, EmbeddingTower.ScaleOf(_model, vector), vector);
        return result;
    }

    /// <summary>How much every positive of somebody counts: shares that sum to 1, 0 before the history.</summary>
    /// <param name="items">Rows of items they liked, the oldest first.</param>
    /// <param name="times">Unix seconds, ascending.</param>
    public float[] SharesOf(ReadOnlySpan<int> items, ReadOnlySpan<long> times) => Pool(items, times, new float[_model.Dim]);

    private float[] Pool(ReadOnlySpan<int> items, ReadOnlySpan<long> times, Span<float> vector)
    {
        var shares = new float[times.Length];
        var first = _weights.FirstOf(times);
        if (times.Length > 0)
        {
            var weights = new float[times.Length - first];
            _weights.Fill(times[first..], weights);
            new HistoryPooling(_model).Add(_embeddings.ItemHistories, _model.Dim, items[first..], weights, shares.AsSpan(first), vector);
        }

        return shares;
    }

    /// <summary>What stands for every user's row after all of train, [users, width]: their history, and
    /// their own row where they have one.</summary>
    /// <param name="model">The model.</param>
    /// <param name="towers">Layouts with histories.</param>
    /// <param name="users">Raw user table.</param>
    /// <param name="items">Raw item table.</param>
    internal static float[] Pooled(ModelOptions model, TowerLayouts towers, ReadOnlySpan<float> users, ReadOnlySpan<float> items)
    {
        var (pooled, histories) = (new float[towers.Users.Entities * model.UserWidth], towers.Histories!);
        users[..(towers.Users.EntityRows * model.UserWidth)].CopyTo(pooled);
        var (history, weights, shares, pooling) = (new int[histories.MostItems], new float[histories.MostItems],
            new float[histories.MostItems], new HistoryPooling(model));
        for (var user = 0; user < towers.Users.Entities; user++)
        {
            var row = pooled.AsSpan(user * model.UserWidth, model.UserWidth);
            var places = history.AsSpan(0, histories.Latest(user, history, weights));
            foreach (ref var place in places)
            {
                place = towers.Items.HistoryRowOf(place);
            }

            pooling.Add(items, model.ItemWidth, places, weights.AsSpan(0, places.Length), shares.AsSpan(0, places.Length),
                row[..model.Dim]);
        }

        return pooled;
    }

    /// <summary>The vectors by which items count in histories, [items, dim].</summary>
    /// <param name="model">The model.</param>
    /// <param name="towers">Layouts with histories.</param>
    /// <param name="items">Raw item table.</param>
    internal static float[] OfItems(ModelOptions model, TowerLayouts towers, ReadOnlySpan<float> items)
    {
        var vectors = new float[towers.Items.Entities * model.Dim];
        for (var item = 0; item < towers.Items.Entities; item++)
        {
            items.Slice(towers.Items.HistoryRowOf(item) * model.ItemWidth, model.Dim).CopyTo(vectors.AsSpan(item * model.Dim));
        }

        return vectors;
    }
}
