using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TwoTower.Model.Towers;

/// <summary>A tower's output for every entity of its table.</summary>
internal static class TowerEvaluation
{
    // Always the same pieces, so that the sums inside a matrix product are always the same.
    private const int EntitiesAtOnce = 2048;

    /// <summary>Outputs of all entities, [entities, dim], before normalisation.</summary>
    /// <param name="layout">The tower.</param>
    /// <param name="entities">What the entities' vectors begin with: their rows, or what stands for them, [entities, width].</param>
    /// <param name="table">The whole table in row order, [rows, width].</param>
    public static float[] Outputs(TowerLayout layout, ReadOnlySpan<float> entities, ReadOnlySpan<float> table)
    {
        var (dim, width) = (layout.Dim, layout.Width);
        var outputs = new float[layout.Entities * dim];
        var network = new TowerNetwork(layout);
        using var quiet = no_grad();
        using var whole = NewDisposeScope();
        var features = layout.FeatureRows > 0
            ? Vectors(table.Slice(layout.EntityRows * width, layout.FeatureRows * width), layout.FeatureRows, width, dim) : null;
        var weights = new Dictionary<WeightBlock, Tensor>();
        foreach (var block in layout.Blocks)
        {
            weights.Add(block, tensor(table.Slice(block.FirstRow * width, block.Length).ToArray(), TowerNetwork.ShapeOf(block)));
        }

        var names = new int[EntitiesAtOnce];
        for (var first = 0; first < layout.Entities; first += EntitiesAtOnce)
        {
            using var piece = NewDisposeScope();
            var count = Math.Min(EntitiesAtOnce, layout.Entities - first);
            for (var n = 0; n < count; n++)
            {
                names[n] = first + n;
            }

            var embeddings = Vectors(entities.Slice(first * width, count * width), count, width, dim);
            var input = network.Input(embeddings, features, names.AsSpan(0, count), row => row - layout.EntityRows);
            MemoryMarshal.Cast<byte, float>(network.Evaluate(input, block => weights[block]).contiguous().bytes)
                .CopyTo(outputs.AsSpan(first * dim));
        }

        return outputs;
    }

    private static Tensor Vectors(ReadOnlySpan<float> rows, int count, int width, int dim) => tensor(rows.ToArray(), [count, width])
        .narrow(1, 0, dim);
}
