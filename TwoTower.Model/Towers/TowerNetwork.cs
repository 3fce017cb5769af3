using TwoTower.Model.Native;
using TwoTower.Model.Options;
using static TorchSharp.torch;

namespace TwoTower.Model.Towers;

/// <summary>The layers of a tower over given weights, in torch operations, so that autograd finds the gradient.</summary>
/// <param name="layout">The tower.</param>
internal sealed class TowerNetwork(TowerLayout layout)
{
    // torch's default.
    private const double Epsilon = 1e-5;

    /// <summary>Weights of a block, in its own shape: a matrix is [output, input], all else a vector.</summary>
    public static long[] ShapeOf(WeightBlock block) => block.Kind == WeightKind.Matrix ? [block.Length / block.FanIn, block.FanIn]
        : [block.Length];

    /// <summary>What the first layer gets: embeddings with features added to them or beside them.</summary>
    /// <param name="embeddings">[entities, dim].</param>
    /// <param name="features">Feature rows, [rows, dim], or null when the tower has none.</param>
    /// <param name="entities">Table rows of the entities.</param>
    /// <param name="placeOf">Place of a feature's table row in <paramref name="features"/>.</param>
    public Tensor Input(Tensor embeddings, Tensor? features, ReadOnlySpan<int> entities, Func<int, int> placeOf)
    {
        if (features is null)
        {
            return embeddings;
        }

        var matrices = layout.Concatenates ? layout.Fields : 1;
        var columns = (int)features.shape[0];
        var shares = new float[matrices][];
        for (var matrix = 0; matrix < matrices; matrix++)
        {
            shares[matrix] = new float[entities.Length * columns];
        }

        for (var n = 0; n < entities.Length; n++)
        {
            foreach (var feature in layout.FeaturesOf(entities[n]))
            {
                shares[layout.Concatenates ? feature.Field : 0][(n * columns) + placeOf(feature.Row)] += feature.Weight;
            }
        }

        var rows = entities.Length;
        Tensor[] parts = [.. shares.Select(share => tensor(share, [rows, columns]).mm(features))];
        return layout.Concatenates ? cat([embeddings, .. parts], 1) : embeddings.Plus(parts[0]);
    }

    /// <summary>The output in evaluation: running statistics, nothing dropped.</summary>
    /// <param name="input">[entities, input width].</param>
    /// <param name="weights">Weights of a block.</param>
    public Tensor Evaluate(Tensor input, Func<WeightBlock, Tensor> weights)
    {
        var x = input;
        for (var layer = 0; layer < layout.Spec.Layers.Count; layer++)
        {
            x = layout.Spec.Layers[layer] switch
            {
                TowerLayer.Relu => x.relu(),
                TowerLayer.Linear =>
                    nn.functional.linear(x, weights(Block(layer, WeightKind.Matrix)), weights(Block(layer, WeightKind.Bias))),
                TowerLayer.BatchNorm =>
                    ScaleAndShift(layer, x, weights(Block(layer, WeightKind.Mean)), weights(Block(layer, WeightKind.Variance)), weights),
                _ => x,
            };
        }

        return x;
    }

    /// <summary>The output in training.</summary>
    /// <param name="input">[entities, input width].</param>
    /// <param name="weights">Weights of a block.</param>
    /// <param name="batch">Decides what is dropped.</param>
    /// <param name="measured">Is given the batch's statistic of every statistic block; a variance over one
    /// entity is not there, and is not given.</param>
    public Tensor Train(Tensor input, Func<WeightBlock, Tensor> weights, in TowerBatch batch, Action<WeightBlock, Tensor> measured)
    {
        var x = input;
        for (var layer = 0; layer < layout.Spec.Layers.Count; layer++)
        {
            x = layout.Spec.Layers[layer] switch
            {
                TowerLayer.Relu => x.relu(),
                TowerLayer.Linear =>
                    nn.functional.linear(x, weights(Block(layer, WeightKind.Matrix)), weights(Block(layer, WeightKind.Bias))),
                TowerLayer.BatchNorm => Normalise(layer, x, weights, measured),
                TowerLayer.Dropout { Share: > 0 } dropout => x * DropoutMask.Of(layout, layer, dropout.Share, batch, (int)x.shape[1]),
                _ => x,
            };
        }

        return x;
    }

    private Tensor Normalise(int layer, Tensor x, Func<WeightBlock, Tensor> weights, Action<WeightBlock, Tensor> measured)
    {
        var mean = x.mean([0]);
        var variance = (x - mean).Squared().mean([0]);
        var entities = x.shape[0];
        measured(Block(layer, WeightKind.Mean), mean.detach());
        if (entities > 1)
        {
            measured(Block(layer, WeightKind.Variance), variance.detach().Times(entities / (entities - 1.0)));
        }

        return ScaleAndShift(layer, x, mean, variance, weights);
    }

    private Tensor ScaleAndShift(int layer, Tensor x, Tensor mean, Tensor variance, Func<WeightBlock, Tensor> weights) =>
        ((x - mean) * variance.Plus(Epsilon).rsqrt() * weights(Block(layer, WeightKind.Scale)))
            .Plus(weights(Block(layer, WeightKind.Shift)));

    private WeightBlock Block(int layer, WeightKind kind) => layout.Blocks.First(block => block.Layer == layer && block.Kind == kind);
}
