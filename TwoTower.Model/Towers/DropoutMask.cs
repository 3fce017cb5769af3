using System.Runtime.InteropServices;
using TwoTower.Model.Options;
using static TorchSharp.torch;

namespace TwoTower.Model.Towers;

/// <summary>Which values a dropout layer lets through in a batch: a pure function of seed, table, layer, epoch, the batch's first example,
/// and the place in the batch. So a batch that is computed again, by whomever, is computed the same.</summary>
internal static class DropoutMask
{
    private const long Stream = 5000;

    /// <summary>0 or 1 / (1 − share), [rows, columns]. The caller disposes it.</summary>
    public static Tensor Of(TowerLayout layout, int layer, double share, in TowerBatch batch, int columns)
    {
        var layerSeed = (long)new SeededRandom(layout.Seed, Stream + (TowerSpec.MostLayers * layout.Table) + layer, batch.Epoch)
            .NextUInt64();
        var random = new SeededRandom(layerSeed, batch.First);
        var kept = (float)(1.0 / (1.0 - share));
        var mask = empty([batch.Entities, columns], ScalarType.Float32);
        foreach (ref var value in MemoryMarshal.Cast<byte, float>(mask.bytes))
        {
            value = random.NextDouble() < share ? 0f : kept;
        }

        return mask;
    }
}
