using System.Diagnostics;
using TorchSharp;
using TwoTower.Model.Data;
using TwoTower.Model.Sampling;
using static TorchSharp.torch;

namespace TwoTower.Benchmarks;

/// <summary>What most people write first: dense embeddings, autograd, dense Adam, in one loop in one process. The yardstick of the actor path.</summary>
internal static class EagerTwoTower
{
    /// <summary>Trains for some batches and returns examples per second.</summary>
    public static double Run(RecommenderData data, int batchSize, int dim, int threads, int batches)
    {
        set_num_threads(threads);
        var set = new TrainingSet(data.Users.Count, data.Items.Count, data.Train);
        var order = new EpochOrder(data.Train.Count, 1).Of(0).ToArray();
        using var users = nn.Embedding(data.Users.Count, dim);
        using var items = nn.Embedding(data.Items.Count, dim);
        using var optimizer = optim.Adam(users.parameters().Concat(items.parameters()), 1e-3);
        using var logQ = tensor(set.ItemCounts.Select(count => MathF.Log(Math.Max(1, count) / (float)data.Train.Count)).ToArray());
        using var target = arange(batchSize, int64);
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
            var u = nn.functional.normalize(users.call(userIds), dim: 1);
            var v = nn.functional.normalize(items.call(itemIds), dim: 1);
            var logits = (u.matmul(v.t()) / 0.2f) - logQ.index_select(0, itemIds);
            var duplicates = itemIds.unsqueeze(0).eq(itemIds.unsqueeze(1)).logical_and(eye(batchSize, dtype: ScalarType.Bool).logical_not());
            var loss = nn.functional.cross_entropy(logits.masked_fill(duplicates, float.NegativeInfinity), target);
            optimizer.zero_grad();
            loss.backward();
            optimizer.step();
        }

        return batches * batchSize / watch.Elapsed.TotalSeconds;
    }
}
