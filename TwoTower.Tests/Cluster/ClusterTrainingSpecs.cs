using Akka.Actor;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Cluster;

/// <summary>Several nodes train one model.</summary>
public sealed class ClusterTrainingSpecs
{
    [Fact]
    public async Task Nodes_over_the_network_one_of_them_slow_learn_the_same_bits_as_one_process_under_bsp()
    {
        var options = RankedTrainingSpecs.Ranked(Small("bsp")); // with negatives that the trainer hands out besides leases
        await using var cluster = new SmallCluster(options);
        var told = new List<TrainingEvent>();
        await cluster.StartTrainerAsync([ClusterNode.Evaluator], told.Add);
        await cluster.JoinAsync(ClusterNode.Server);
        await cluster.JoinAsync(ClusterNode.Server);
        await cluster.JoinAsync(ClusterNode.Worker,
            change: node => node with { WorkerWork = new SlowedWork(TimeSpan.FromMilliseconds(20)) });
        await cluster.JoinAsync(ClusterNode.Worker, workers: 2);

        var outcome = await cluster.TrainAsync();

        Assert.Equal(StopReason.Finished, outcome.Reason);
        Assert.Equal((await InvariantSpecs.Train(options)).ParametersSha256, outcome.ParametersSha256);
        // What shards elsewhere count is told while they train, not only at the end.
        var progress = Assert.IsType<TrainingEvent.BatchesDone>(told.Last(happening => happening is TrainingEvent.BatchesDone));
        Assert.Equal(3, progress.Shards.Count);
        Assert.All(progress.Shards, shard => Assert.InRange(shard.Pushes, 1, cluster.Run.Epochs.TotalBatches));
        Assert.True(progress.Time!.Apply > 0);
        Assert.Contains(told.TakeWhile(happening => happening != progress), happening => happening is TrainingEvent.StalenessCounted);
    }

    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:2")]
    public async Task A_worker_that_vanishes_and_one_that_leaves_cost_no_batch_and_under_bsp_no_bit(string consistency)
    {
        var options = Small(consistency) with { Epochs = 6 };
        await using var cluster = new SmallCluster(options);
        var begun = new TaskCompletionSource();
        await cluster.StartTrainerAsync([ClusterNode.Evaluator, ClusterNode.Server], happening =>
        {
            if (happening is TrainingEvent.EpochDone { Epoch: 1 })
            {
                begun.TrySetResult();
            }
        });
        await cluster.JoinAsync(ClusterNode.Worker);
        var vanishing = await cluster.JoinAsync(ClusterNode.Worker);
        var leaving = await cluster.JoinAsync(ClusterNode.Worker);
        var training = cluster.TrainAsync();
        await begun.Task.WaitAsync(SmallCluster.Limit);

        await cluster.CrashAsync(vanishing);
        await leaving.LeaveAsync(SmallCluster.Limit);
        var outcome = await training;

        Assert.All(outcome.Shards, shard => Assert.Equal(cluster.Run.Epochs.TotalBatches, shard.Pushes));
        Assert.Equal(options.Epochs, outcome.LossByEpoch.Count);
        if (consistency == "bsp")
        {
            Assert.Equal((await InvariantSpecs.Train(options)).ParametersSha256, outcome.ParametersSha256);
        }
    }

    [Fact]
    public async Task Every_node_learns_that_the_run_is_over()
    {
        await using var cluster = new SmallCluster(Small("ssp:2") with { Workers = 1, Epochs = 1 });
        await cluster.StartTrainerAsync([ClusterNode.Evaluator]);
        var server = await cluster.JoinAsync(ClusterNode.Server);
        var worker = await cluster.JoinAsync(ClusterNode.Worker);

        await cluster.TrainAsync();

        Assert.Equal(new NodeEnd(string.Empty), await server.Done.WaitAsync(SmallCluster.Limit));
        Assert.Equal(new NodeEnd(string.Empty), await worker.Done.WaitAsync(SmallCluster.Limit));
    }

    [Fact]
    public async Task A_run_whose_workers_do_not_all_come_ends_and_every_node_learns_who_was_missing()
    {
        await using var cluster = new SmallCluster(Small("asp") with { StartWithinSeconds = 12 });
        var notices = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await cluster.StartTrainerAsync([ClusterNode.Evaluator, ClusterNode.Server],
            happening => notices.Enqueue(happening is TrainingEvent.Notice notice ? notice.Text : string.Empty));
        var worker = await cluster.JoinAsync(ClusterNode.Worker);

        var failure = await Assert.ThrowsAsync<TrainingException>(cluster.TrainAsync);

        const string Who = "(worker-0 has joined)";
        Assert.Contains($"has not begun within 12 s: of 3 workers 2 did not come {Who}", failure.Message, StringComparison.Ordinal);
        Assert.Contains(notices, text => text.Contains($"of 3 2 have not come {Who}; without them the run ends after 12 s",
            StringComparison.Ordinal));
        Assert.Equal(failure.Message, (await worker.Done.WaitAsync(SmallCluster.Limit)).Failure);
    }

    [Fact]
    public async Task A_lease_of_the_majority_goes_by_the_margin_after_which_shards_of_a_removed_member_start_elsewhere()
    {
        await using var cluster = new SmallCluster(Small("asp"));
        await cluster.StartTrainerAsync([]);
        var system = cluster.Trainer.System;

        Assert.Equal(system.Settings.Config.GetTimeSpan("akka.cluster.down-removal-margin"), Akka.Cluster.Cluster.Get(system)
            .DowningProvider.DownRemovalMargin);
    }

    [Fact]
    public async Task Nobody_goes_before_everybody_knows_that_the_run_is_over()
    {
        var options = Small("ssp:2") with { Workers = 1, Epochs = 1 };
        await using var cluster = new SmallCluster(options);
        await cluster.StartTrainerAsync([ClusterNode.Evaluator, ClusterNode.Server]);
        ClusterNode? shown = null;
        var worker = await cluster.JoinAsync(ClusterNode.Worker, change: node => shown = node with { Farewell = SmallCluster.Limit });
        var card = new NodeCard(AdmissionProtocol.Version, "slow", worker.Address, [ClusterNode.Evaluator], 0,
            cluster.Run.Plan.Data.Fingerprint, [.. shown!.Settings], []);
        var told = new TaskCompletionSource();
        var slow = worker.System.ActorOf(Props.Create(() => new SlowToKnow(card, told)));

        var training = cluster.TrainAsync();
        await told.Task.WaitAsync(SmallCluster.Limit);
        Assert.False(worker.Done.IsCompleted, "The worker's node asks every second, so it knows by now; another node does not.");
        slow.Tell(SlowToKnow.Know);
        await training;

        Assert.Equal(new NodeEnd(string.Empty), await worker.Done.WaitAsync(SmallCluster.Limit));
    }

    [Fact]
    public async Task A_node_with_other_data_or_another_model_is_refused_with_that_reason_and_the_others_go_on()
    {
        var options = Small("asp") with { Workers = 1, Epochs = 1 };
        await using var cluster = new SmallCluster(options);
        await cluster.StartTrainerAsync([ClusterNode.Evaluator, ClusterNode.Server]);
        var otherData = await cluster.JoinAsync(ClusterNode.Worker, data: SmallData.Make(users: 50));
        var otherModel = await cluster.JoinAsync(ClusterNode.Worker,
            change: node => node with { Settings = ["model.dim=16", .. node.Settings.Skip(1)] });

        var (data, model) = (await otherData.Done.WaitAsync(SmallCluster.Limit), await otherModel.Done.WaitAsync(SmallCluster.Limit));
        await cluster.JoinAsync(ClusterNode.Worker);
        var outcome = await cluster.TrainAsync();

        Assert.True(data.Refused && model.Refused);
        Assert.Contains("fingerprint", data.Failure, StringComparison.Ordinal);
        Assert.Contains("model.dim=8, it has model.dim=16", model.Failure, StringComparison.Ordinal);
        Assert.Equal(StopReason.Finished, outcome.Reason);
    }

    /// <summary>A node's agent that is told of the end again and again, for two seconds, before it takes notice.</summary>
    private sealed class SlowToKnow : ReceiveActor, IWithTimers
    {
        public const string Know = "know", Ask = "ask";
        private int _times;
        private bool _knows;

        public SlowToKnow(NodeCard card, TaskCompletionSource told)
        {
            var coordinator = ClusterHosting.CoordinatorOf(Context.System);
            Receive<string>(text => text == Ask, _ => coordinator.Tell(new AdmissionProtocol.Apply(card)));
            Receive<string>(_ => _knows = true);
            Receive<AdmissionProtocol.Admitted>(_ => { });
            Receive<AdmissionProtocol.Dismissed>(_ => { });
            Receive<AdmissionProtocol.Ended>(ended =>
            {
                if (++_times == 20)
                {
                    told.TrySetResult();
                }

                if (_knows)
                {
                    Sender.Tell(new AdmissionProtocol.EndKnown(ended.Node));
                }
            });
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer(Ask, Ask, TimeSpan.FromMilliseconds(100));
    }

    private static TrainingOptions Small(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        return InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Workers = 3, Consistency = model, Shards = 3, RetrySeconds = 0.5, LeaseSeconds = 30 };
    }
}
