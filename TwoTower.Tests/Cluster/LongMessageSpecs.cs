using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Cluster;

/// <summary>Snapshots, images, copies of shards and models that are many times as long as the arrays that
/// they are held in on their way.</summary>
public sealed class LongMessageSpecs
{
    [Fact]
    public async Task A_model_of_many_pieces_is_evaluated_copied_handed_off_and_exported_to_the_same_bits_as_in_one_process()
    {
        var options = Wide() with { Durability = Durability.Replica(1), Epochs = 6 };
        await using var cluster = new SmallCluster(options);
        var begun = new TaskCompletionSource();
        ClusterNode Small(ClusterNode node) => node with { Endpoints = new EndpointOptions { SegmentBytes = 10_000 } };
        await cluster.StartTrainerAsync(
            [],
            happening =>
            {
                if (happening is TrainingEvent.EpochDone { Epoch: 1 })
                {
                    begun.TrySetResult();
                }
            },
            Small);
        await cluster.JoinAsync(ClusterNode.Evaluator, change: Small);
        await cluster.JoinAsync(ClusterNode.Server, change: Small);
        var leaving = await cluster.JoinAsync(ClusterNode.Server, change: Small);
        await cluster.JoinAsync(ClusterNode.Server, change: Small);
        await cluster.JoinAsync(ClusterNode.Worker, workers: 2, change: Small);
        var training = cluster.TrainAsync();
        await begun.Task.WaitAsync(SmallCluster.Limit);

        await leaving.LeaveAsync(SmallCluster.Limit);
        var outcome = await training;

        Assert.Equal((await InvariantSpecs.Train(options with { Durability = Durability.None })).ParametersSha256,
            outcome.ParametersSha256);
    }

    [Fact]
    public async Task A_model_that_the_evaluators_node_cannot_take_ends_the_run_with_the_reason_on_every_node()
    {
        await using var cluster = new SmallCluster(Wide());
        await cluster.StartTrainerAsync([]);
        await cluster.JoinAsync(ClusterNode.Evaluator,
            change: node => node with { Endpoints = new EndpointOptions { LongestMessage = 200_000 } });
        var server = await cluster.JoinAsync(ClusterNode.Server);
        await cluster.JoinAsync(ClusterNode.Worker, workers: 2);

        var failed = await Assert.ThrowsAsync<TrainingException>(cluster.TrainAsync);

        Assert.Contains("can never be delivered", failed.Message, StringComparison.Ordinal);
        Assert.Contains("is longer than the 200000 there may be", failed.Message, StringComparison.Ordinal);
        Assert.Equal(failed.Message, (await server.Done.WaitAsync(SmallCluster.Limit)).Failure);
    }

    private static TrainingOptions Wide()
    {
        Assert.True(Consistency.TryParse("bsp", out var bsp));
        return InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Model = new ModelOptions { Dim = 1024 },
            Workers = 2,
            Consistency = bsp,
            Shards = 1,
            RetrySeconds = 0.5,
            LeaseSeconds = 30
        };
    }
}
