using BenchmarkDotNet.Attributes;
using TwoTower.Model;
using TwoTower.Model.Evaluation;

namespace TwoTower.Benchmarks.Micro;

/// <summary>The best K of one row of scores over a catalogue of MovieLens-1M's size, on one thread; the
/// time of an operation is one user.</summary>
[MemoryDiagnoser]
public class RankingBenchmarks
{
    private readonly float[] _scores = new float[3_662];
    private int[] _top = null!;
    private TopItems _finder = null!;

    /// <summary>Items asked for.</summary>
    [Params(10, 100)]
    public int K { get; set; }

    /// <summary>Makes normal scores.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var random = new SeededRandom(1);
        foreach (ref var score in _scores.AsSpan())
        {
            score = (float)random.NextGaussian();
        }

        _top = new int[K];
        _finder = new TopItems(K);
    }

    /// <summary>The scan with a rising threshold.</summary>
    [Benchmark]
    public int Scan() => _finder.Find(_scores, _top);

    /// <summary>What it is measured against: a full sort of all items.</summary>
    [Benchmark(Baseline = true)]
    public int FullSort()
    {
        var items = new int[_scores.Length];
        for (var item = 0; item < items.Length; item++)
        {
            items[item] = item;
        }

        var keys = (float[])_scores.Clone();
        Array.Sort(keys, items);
        return items[^1];
    }
}
