using System.Diagnostics;
using TwoTower.Model.Data;
using TwoTower.Model.Native;
using TwoTower.Model.Sampling;
using static TorchSharp.torch;

namespace TwoTower.Benchmarks;

/// <summary>What most people write first: dense embeddings, autograd, dense Adam, in one loop in one process.
/// The yardstick of the actor path.</summary>
/// <remarks>Tables are plain tensors and Adam is written out, operation by operation as in TorchSharp's: its own steps and modules give
/// libtorch numbers that nobody holds (see
/// <see cref="HeldNumbers"/>).</remarks>
internal static class EagerTwoTower
{
    /// <summary>Trains for some batches and returns examples per second.</summary>
    public static double Run(RecommenderData data, int batchSize, int dim, int threads, int batches)
    {
        set_num_threads(threads);
        var set = new TrainingSet(data.Users.Count, data.Items.Count, data.Train);
        var order = new EpochOrder(data.Train.Count, 1).Of(0).ToArray();
        using var whole = NewDisposeScope();
        var users = randn(data.Users.Count, dim, requires_grad: true);
        var items = randn(data.Items.Count, dim, requires_grad: true);
        AdamState[] states = [new(users), new(items)];
        var logQ = tensor(set.ItemCounts.Select(count => MathF.Log(Math.Max(1, count) / (float)data.Train.Count)).ToArray());
        var target = tensor(Enumerable.Range(0, batchSize).Select(n => (long)n).ToArray());
        var watch = new Stopwatch();
        for (var batch = -2; batch < batches; batch++)
        {
            if (batch == 0)
            {
                watch.Start();
            }

            using var scope = NewDisposeScope();
            var first = (batch + 2) * batchSize % (data.Train.Count - batchSize);
            var userIds = tensor(Enumerable.Range(first, batchSize).Select(n => (long)data.Train.Users[order[n]]).ToArray());
            var itemIds = tensor(Enumerable.Range(first, batchSize).Select(n => (long)data.Train.Items[order[n]]).ToArray());
            var u = nn.functional.normalize(users.index_select(0, userIds), dim: 1);
            var v = nn.functional.normalize(items.index_select(0, itemIds), dim: 1);
            var logits = u.matmul(v.t()).DividedBy(0.2f) - logQ.index_select(0, itemIds);
            var duplicates = itemIds.unsqueeze(0).eq(itemIds.unsqueeze(1))
                .logical_and(eye(batchSize, dtype: ScalarType.Bool).logical_not());
            var loss = nn.functional.cross_entropy(logits.Filled(duplicates, float.NegativeInfinity), target);
            foreach (var state in states)
            {
                state.ZeroGradient();
            }

            loss.backward();
            foreach (var state in states)
            {
                state.Step(batch + 3);
            }
        }

        return batches * batchSize / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Dense Adam (Kingma and Ba 2015) with torch's defaults.</summary>
    private sealed class AdamState(Tensor parameter)
    {
        private const double Rate = 1e-3;
        private const double Beta1 = 0.9;
        private const double Beta2 = 0.999;
        private const double Epsilon = 1e-8;
        private readonly Tensor _mean = zeros_like(parameter);
        private readonly Tensor _square = zeros_like(parameter);

        public void ZeroGradient() => parameter.grad?.zero_();

        public void Step(int step)
        {
            using var quiet = no_grad();
            var gradient = parameter.grad!;
            _mean.ScaleInPlace(Beta1).AddInPlace(gradient, 1 - Beta1);
            _square.ScaleInPlace(Beta2).AddProductInPlace(gradient, gradient, 1 - Beta2);
            var root = _square.sqrt().DividedBy(Math.Sqrt(1 - Math.Pow(Beta2, step))).AddInPlace(Epsilon);
            parameter.AddQuotientInPlace(_mean, root, -Rate / (1 - Math.Pow(Beta1, step)));
        }
    }
}
