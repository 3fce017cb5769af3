using System.Runtime.InteropServices;
using TwoTower.Model.Options;
using static TorchSharp.torch;

namespace TwoTower.Model.Towers;

/// <summary>A tower with side features, layers, or both. Its parameters are the batch's rows; torch finds their gradient.</summary>
internal sealed class MlpTower : ITower
{
    private readonly ModelOptions _model;
    private readonly TowerLayout _layout;
    private readonly TowerNetwork _network;
    private readonly UnitRows _unit;
    private readonly float[] _outputGradient;
    private readonly int[] _placeOfFeature;
    private readonly List<(WeightBlock Block, Tensor Weights)> _weights = [];
    private readonly List<(WeightBlock Block, Tensor Statistic)> _measured = [];
    private Tensor? _embeddings;
    private Tensor? _features;
    private Tensor? _output;

    /// <summary>A tower for batches of up to <paramref name="capacity"/> entities.</summary>
    public MlpTower(ModelOptions model, TowerLayout layout, int capacity)
    {
        (_model, _layout, _network) = (model, layout, new TowerNetwork(layout));
        _unit = new UnitRows(model, capacity);
        _outputGradient = new float[capacity * model.Dim];
        _placeOfFeature = new int[layout.FeatureRows];
    }

    /// <inheritdoc />
    public void Forward(in TowerBatch batch, ReadOnlySpan<float> rows, Span<float> vectors, int stride)
    {
        Release();
        using var recording = enable_grad();
        using var scope = NewDisposeScope();
        var (entities, width) = (batch.Entities, _layout.Width);
        var features = FeaturesOf(batch);
        _embeddings = Leaf(rows, entities, width);
        _features = features > 0 ? Leaf(rows[(entities * width)..], features, width) : null;
        foreach (var block in _layout.Blocks)
        {
            var values = rows.Slice(WeightsAt(batch, block) * width, block.Length);
            _weights.Add((block, Parameter(values, TowerNetwork.ShapeOf(block), learned: !block.IsStatistic)));
        }

        var input = _network.Input(Vectors(_embeddings), _features is null ? null : Vectors(_features), batch.Rows.Span[..entities],
            row => _placeOfFeature[row - _layout.EntityRows]);
        _output = _network.Train(input, block => _weights.First(weights => weights.Block == block).Weights, batch, (block, statistic) =>
            _measured.Add((block, statistic.DetachFromDisposeScope())));
        _output = _output.contiguous().DetachFromDisposeScope();
        _unit.Forward(Floats(_output), _model.Dim, entities, vectors, stride);
    }

    /// <inheritdoc />
    public void Backward(in TowerBatch batch, ReadOnlySpan<float> vectors, ReadOnlySpan<float> vectorGradient, int stride,
        Span<float> rowGradient)
    {
        using var scope = NewDisposeScope();
        var (entities, width, dim) = (batch.Entities, _layout.Width, _layout.Dim);
        _unit.Backward(vectors, vectorGradient, stride, entities, _outputGradient, dim);
        using (var gradient = empty([entities, dim], ScalarType.Float32))
        {
            _outputGradient.AsSpan(0, entities * dim).CopyTo(Floats(gradient));
            _output!.backward([gradient]);
        }

        CopyVectors(_embeddings!.grad!, rowGradient, entities);
        if (_features is not null)
        {
            var features = (int)_features.shape[0];
            Floats(_features.grad!.contiguous()).CopyTo(rowGradient.Slice(entities * width, features * width));
        }

        foreach (var (block, weights) in _weights)
        {
            var target = rowGradient.Slice(WeightsAt(batch, block) * width, block.Rows * width);
            target.Clear();

            // Of a statistic that this batch has none of, what it was: so it stays.
            var statistic = block.IsStatistic ? _measured.FirstOrDefault(measured => measured.Block == block).Statistic
                ?? weights : weights.grad!;
            Floats(statistic.contiguous()).CopyTo(target);
        }

        Release();
    }

    /// <inheritdoc />
    public void Dispose() => Release();

    private static Span<float> Floats(Tensor values) => MemoryMarshal.Cast<byte, float>(values.bytes);

    private static Tensor Leaf(ReadOnlySpan<float> rows, int count, int width) =>
        Parameter(rows[..(count * width)], [count, width], learned: true);

    private static Tensor Parameter(ReadOnlySpan<float> values, long[] shape, bool learned)
    {
        var parameter = empty(shape, ScalarType.Float32).DetachFromDisposeScope();
        values.CopyTo(Floats(parameter));
        return learned ? parameter.requires_grad_() : parameter;
    }

    /// <summary>Rows without what stands behind the vector.</summary>
    private Tensor Vectors(Tensor rows) => _layout.Width == _layout.Dim ? rows : rows.narrow(1, 0, _layout.Dim);

    private void CopyVectors(Tensor gradient, Span<float> rowGradient, int entities)
    {
        var (width, dim) = (_layout.Width, _layout.Dim);
        var values = Floats(gradient.contiguous());
        for (var n = 0; n < entities; n++)
        {
            values.Slice(n * width, dim).CopyTo(rowGradient.Slice(n * width, dim));
        }
    }

    /// <summary>Notes where the batch has its feature rows; returns how many.</summary>
    private int FeaturesOf(in TowerBatch batch)
    {
        var rows = batch.Rows.Span;
        var features = rows.Length - batch.Entities - batch.Foreign - (_layout.Rows - _layout.FirstWeightRow);
        for (var n = 0; n < features; n++)
        {
            _placeOfFeature[rows[batch.Entities + n] - _layout.EntityRows] = n;
        }

        return features;
    }

    /// <summary>Where a block begins among the batch's rows, of which the weights are the last.</summary>
    private int WeightsAt(in TowerBatch batch, WeightBlock block) => batch.Rows.Length - (_layout.Rows - block.FirstRow);

    private void Release()
    {
        _output?.Dispose();
        _embeddings?.Dispose();
        _features?.Dispose();
        _weights.ForEach(weights => weights.Weights.Dispose());
        _measured.ForEach(measured => measured.Statistic.Dispose());
        _weights.Clear();
        _measured.Clear();
        (_output, _embeddings, _features) = (null, null, null);
    }
}
