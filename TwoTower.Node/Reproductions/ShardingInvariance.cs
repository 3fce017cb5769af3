using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Node.Reproductions;

/// <summary>Under BSP it cannot be seen how the tables are divided.</summary>
internal sealed class ShardingInvariance : IReproduction
{
    /// <inheritdoc />
    public string Name => "sharding-invariance";

    /// <inheritdoc />
    public string Source =>
        "TwoTower's first invariant; bulk-synchronous training after Valiant, A bridging model for parallel computation, 1990";

    /// <inheritdoc />
    public string Claim => "With one seed, any number of shards and any partitioner give the same embeddings to the bit.";

    /// <inheritdoc />
    public ReproductionReport Run(ReproductionContext context)
    {
        var hashes = new List<string>();
        var shards = context.Full ? new[] { 1, 3, 4, 16 } : [1, 4, 16];
        foreach (var (loss, optimizer) in new[] { (LossKind.InBatchSoftmax, OptimizerKind.Adam), (LossKind.Bpr, OptimizerKind.Adagrad) })
        {
            var of = new List<string>();
            foreach (var count in shards)
            {
                foreach (var partitioner in Enum.GetValues<PartitionerKind>())
                {
                    var run = context.Simulate($"{loss}, {count} shards, {partitioner}", new TrainingOptions
                    {
                        Model = new ModelOptions { Dim = context.Full ? 128 : 16 },
                        Loss = new LossOptions { Kind = loss },
                        Optimizer = new OptimizerOptions { Kind = optimizer },
                        Workers = 4,
                        Shards = count,
                        Partitioner = partitioner,
                        Consistency = Consistency.Bsp,
                        BatchSize = context.Full ? 1024 : 4096,
                        Epochs = 1,
                        Cutoffs = [10],
                        Patience = 0,
                    }, new WorldOptions
                    {
                        Network = NetworkOptions.Preset("cloud"),
                        Compute = new() { Factor = new Distribution.LogNormal(1, 0.5) }
                    });
                    of.Add(run.Training.ParametersSha256);
                }
            }

            hashes.AddRange(of.Distinct().Select(hash => $"{loss}: {hash}"));
        }

        return new ReproductionReport(
            [new ReproductionRow($"different embedding hashes over {shards.Length} shard counts x 4 partitioners, for each of 2 losses",
                "1", hashes.Count / 2.0, 1, 1)],
            [],
            hashes);
    }
}
