using BenchmarkDotNet.Attributes;
using TwoTower.Model;
using TwoTower.Model.Optimizers;

namespace TwoTower.Benchmarks.Micro;

/// <summary>One step of 1,000 rows of 128 floats, as a shard makes it for a push; the time of an operation is all of them.</summary>
[MemoryDiagnoser]
public class OptimizerBenchmarks
{
    private const int Rows = 1000;
    private const int Dim = 128;
    private readonly float[] _rows = Noise(1);
    private readonly float[] _gradients = Noise(2);
    private float[] _slot0 = [];
    private float[] _slot1 = [];
    private int _slotWidth;
    private RowOptimizer _optimizer = null!;
    private int _step;

    /// <summary>The update rule.</summary>
    [ParamsAllValues]
    public OptimizerKind Kind { get; set; }

    /// <summary>Makes the rule and its state.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _optimizer = RowOptimizer.Create(new OptimizerOptions { Kind = Kind });
        _slotWidth = _optimizer.SlotWidth(Dim);
        _slot0 = new float[_optimizer.Slots > 0 ? Rows * _slotWidth : 0];
        _slot1 = new float[_optimizer.Slots > 1 ? Rows * _slotWidth : 0];
        _step = 0;
    }

    /// <summary>Steps every row.</summary>
    [Benchmark]
    public float StepRows()
    {
        _step++;
        for (var row = 0; row < Rows; row++)
        {
            var at = row * Dim;
            _optimizer.Step(
                _rows.AsSpan(at, Dim), _gradients.AsSpan(at, Dim),
                Slot(_slot0, row), Slot(_slot1, row), _step, 1e-6f);
        }

        return _rows[0];
    }

    private Span<float> Slot(float[] slots, int row) => slots.Length == 0 ? [] : slots.AsSpan(row * _slotWidth, _slotWidth);

    private static float[] Noise(int stream)
    {
        var random = new SeededRandom(1, stream);
        var values = new float[Rows * Dim];
        for (var n = 0; n < values.Length; n++)
        {
            values[n] = (float)(0.1 * random.NextGaussian());
        }

        return values;
    }
}
