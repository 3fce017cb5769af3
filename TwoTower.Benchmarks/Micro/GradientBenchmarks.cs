using BenchmarkDotNet.Attributes;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Losses;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Benchmarks.Micro;

/// <summary>Loss and gradient of one batch of 1,024 examples, d=128, on one thread; the time of an operation is one batch.</summary>
[MemoryDiagnoser]
public class GradientBenchmarks
{
    private const int BatchSize = 1024;
    private Batch _softmax = null!;
    private Batch _bpr = null!;

    /// <summary>Makes both batches from synthetic data of MovieLens-1M's size.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var data = DataLoader.Load(new DataOptions { Profile = "ml-1m" });
        _softmax = new Batch(data, new LossOptions());
        _bpr = new Batch(data, new LossOptions { Kind = LossKind.Bpr, Temperature = 1 });
    }

    /// <summary>Frees the kernels' native memory.</summary>
    [GlobalCleanup]
    public void CleanUp()
    {
        _softmax.Kernel.Dispose();
        _bpr.Kernel.Dispose();
    }

    /// <summary>In-batch softmax with log q and both masks.</summary>
    [Benchmark]
    public double InBatchSoftmax() => _softmax.Compute();

    /// <summary>BPR with one unseen negative.</summary>
    [Benchmark]
    public double Bpr() => _bpr.Compute();

    private sealed class Batch
    {
        private readonly BatchPlan _plan;
        private readonly float[] _users;
        private readonly float[] _items;
        private readonly float[] _userGradient;
        private readonly float[] _itemGradient;

        public Batch(RecommenderData data, LossOptions loss)
        {
            var model = new ModelOptions();
            var set = new TrainingSet(data.Users.Count, data.Items.Count, data.Train);
            _plan = new BatchPlan(BatchSize, BatchBuilder.NegativesOf(loss));
            new BatchBuilder(set, loss, new EpochOrder(data.Train.Count, seed: 1), seed: 1).Build(0, 0, BatchSize, _plan);
            Kernel = GradientKernel.Create(model, loss, set, BatchSize);
            _users = Rows(model, 0, _plan.UserRows.AsSpan(0, _plan.UserCount));
            _items = Rows(model, 1, _plan.ItemRows.AsSpan(0, _plan.ItemCount));
            _userGradient = new float[_users.Length];
            _itemGradient = new float[_items.Length];
        }

        public IGradientKernel Kernel { get; }

        public double Compute() => Kernel.Compute(_plan, _users, _items, _userGradient, _itemGradient).LossSum;

        private static float[] Rows(ModelOptions model, int table, ReadOnlySpan<int> rows)
        {
            var values = new float[rows.Length * model.Dim];
            for (var n = 0; n < rows.Length; n++)
            {
                EmbeddingTower.Initialise(values.AsSpan(n * model.Dim, model.Dim), model, seed: 1, table, rows[n]);
            }

            return values;
        }
    }
}
