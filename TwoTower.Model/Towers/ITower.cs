using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>What a tower needs to know of a batch.</summary>
/// <param name="Rows">Rows of its table: those of the entities, then of their features, then those that are no part of
/// the tower, then all of its weights.</param>
/// <param name="Entities">How many of them are entities.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="First">Position of the batch's first example in the epoch.</param>
/// <param name="Foreign">How many of them are no part of the tower: what users' histories read of the item table.</param>
internal readonly record struct TowerBatch(ReadOnlyMemory<int> Rows, int Entities, int Epoch, int First, int Foreign = 0);

/// <summary>From rows of a table to the vectors that score, and from the vectors' gradient back to the
/// rows'. Not safe for several threads.</summary>
internal interface ITower : IDisposable
{
    /// <summary>The vectors of the batch's entities, normalised when the model is.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">Raw rows in the batch's order, [rows, width].</param>
    /// <param name="vectors">[entities, <paramref name="stride"/>], the first dim of each overwritten.</param>
    /// <param name="stride">Floats from one vector to the next, at least dim.</param>
    void Forward(in TowerBatch batch, ReadOnlySpan<float> rows, Span<float> vectors, int stride);

    /// <summary>The gradient of all rows, after <see cref="Forward"/> on the same batch. Where an entity has a bias behind
    /// its vector, that is not touched.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="vectors">What <see cref="Forward"/> wrote.</param>
    /// <param name="vectorGradient">In the same shape.</param>
    /// <param name="stride">Floats from one vector to the next in both.</param>
    /// <param name="rowGradient">[rows, width], overwritten but for foreign rows; of rows that are measured and
    /// not learned, the batch's statistic.</param>
    void Backward(in TowerBatch batch, ReadOnlySpan<float> vectors, ReadOnlySpan<float> vectorGradient, int stride,
        Span<float> rowGradient);
}

/// <summary>Makes towers.</summary>
internal static class Tower
{
    /// <summary>A tower for batches.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">Its layout; null for embeddings alone.</param>
    /// <param name="width">Floats per row.</param>
    /// <param name="capacity">The most entities of a batch.</param>
    public static ITower Create(ModelOptions model, TowerLayout? layout, int width, int capacity) =>
        layout is null or { IsPlain: true } ? new EmbeddingOnly(model, width, capacity) : new MlpTower(model, layout, capacity);

    /// <summary>The vector is the embedding itself.</summary>
    private sealed class EmbeddingOnly(ModelOptions model, int width, int capacity) : ITower
    {
        private readonly UnitRows _unit = new(model, capacity);

        public void Forward(in TowerBatch batch, ReadOnlySpan<float> rows, Span<float> vectors, int stride) =>
            _unit.Forward(rows, width, batch.Entities, vectors, stride);

        public void Backward(in TowerBatch batch, ReadOnlySpan<float> vectors, ReadOnlySpan<float> vectorGradient, int stride,
            Span<float> rowGradient) =>
                _unit.Backward(vectors, vectorGradient, stride, batch.Entities, rowGradient, width);

        public void Dispose()
        {
        }
    }
}
