using Akka.Actor;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;
using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Training;

/// <summary>Workers and evaluators that cannot go on are heard, however many messages are lost, and one
/// of them ends nobody else's run.</summary>
public class FailingPeerSpecs : TrainingKit
{
    [Fact]
    public void An_evaluator_that_cannot_score_says_so_as_often_as_it_is_asked()
    {
        var run = RunOf(Small());
        var evaluator = StartEvaluator(run, (_, _) => throw new ArithmeticException("no number"));
        evaluator.Tell(new SnapshotProtocol.Evaluate(5, 1), TestActor);
        ExpectMsg<SnapshotProtocol.Read>();
        ExpectMsg<SnapshotProtocol.Read>();
        foreach (var shard in new[] { 0, 1 })
        {
            evaluator.Tell(new SnapshotProtocol.Part(
                new ShardId(shard), 5, 5, false, new float[run.Layout.Users.RowsOf(shard).Length * run.Options.Model.UserWidth],
                new float[run.Layout.Items.RowsOf(shard).Length * run.Options.Model.ItemWidth]), TestActor);
        }

        ExpectMsg<SnapshotProtocol.Taken>();
        Assert.Contains("no number", ExpectMsg<SnapshotProtocol.Failed>().Reason, StringComparison.Ordinal);
        evaluator.Tell(new SnapshotProtocol.Evaluate(5, 1), TestActor); // the answer was lost

        ExpectMsg<SnapshotProtocol.Taken>();
        Assert.Contains("no number", ExpectMsg<SnapshotProtocol.Failed>().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_worker_that_cannot_go_on_says_so_until_it_is_heard_and_stops()
    {
        var run = RunOf(Small() with { Workers = 1, Shards = 1 });
        var worker =
            Sys.ActorOf(WorkerActor.Props(new WorkerId(0),
            Blueprint(run, TestActor, [TestActor], _ => throw new InvalidOperationException("no library"))));
        Watch(worker);
        var birth = ExpectMsg<LeaseProtocol.Join>().Birth;
        worker.Tell(new LeaseProtocol.Welcome(new WorkerId(0), birth), TestActor);
        FishForMessage(message => message is LeaseProtocol.LeaseRequest);
        worker.Tell(new LeaseProtocol.LeaseGranted(new WorkerId(0), birth, 1, run.Epochs.LeaseOf(0, 0)), TestActor);
        var pull = (ParameterProtocol.Pull)FishForMessage(message => message is ParameterProtocol.Pull);
        var shard = new ShardState(new ShardId(0), run.ShardBlueprint);
        Assert.True(shard.TryPull(pull, out var rows, out _));
        worker.Tell(rows, TestActor);

        for (var times = 0; times < 3; times++)
        {
            var failed = (LeaseProtocol.Failed)FishForMessage(message => message is LeaseProtocol.Failed);
            Assert.Equal((WorkerFailure.CannotCompute, "no library", birth), (failed.Kind, failed.Reason, failed.Birth));
        }

        worker.Tell(new LeaseProtocol.FailureRecorded(new WorkerId(0), birth), TestActor);
        FishForMessage(message => message is Terminated);
    }

    [Fact]
    public async Task A_run_goes_on_without_the_worker_that_cannot_compute_and_under_bsp_no_bit_is_another()
    {
        var options = Small() with { Consistency = Consistency.Bsp, Workers = 3 };
        var notices = new System.Collections.Concurrent.ConcurrentQueue<string>();
        var run = RunOf(options, happening =>
        {
            if (happening is TrainingEvent.Notice notice)
            {
                notices.Enqueue(notice.Text);
            }
        });
        var shards = StartShards(run);
        var trainer = StartTrainer(run, shards, StartEvaluator(run, shards));
        for (var worker = 0; worker < options.Workers; worker++)
        {
            Sys.ActorOf(WorkerActor.Props(new WorkerId(worker),
                Blueprint(run, trainer, shards, worker == 1 ? batch =>
                batch < 2 ? null : throw new InvalidOperationException("no library") : null)));
        }

        var outcome = await run.Outcome.Task.WaitAsync(Limit);

        Assert.Contains("worker-1 cannot go on (no library); its batches go to the others.", notices);
        Assert.Equal((await InvariantSpecs.Train(options)).ParametersSha256, outcome.ParametersSha256);
    }

    /// <summary>A worker whose kernel throws when it is told to, by the count of batches before.</summary>
    private static WorkerBlueprint Blueprint(TrainingRun run, IActorRef trainer, IReadOnlyList<IActorRef> shards,
        Func<int, object?>? before)
    {
        WorkerTools Tools()
        {
            var tools = run.Tools(shared: false);
            return before is null ? tools : new WorkerTools(tools.Builder, new FailingKernel(tools.Kernel, before), tools.TakeSlot,
                shared: false);
        }

        return new WorkerBlueprint(run.Options, run.Hot, Tools, run.NextBirth, RealTimeWork.Instance, trainer, shards);
    }

    private sealed class FailingKernel(IGradientKernel kernel, Func<int, object?> before) : IGradientKernel
    {
        private int _batches;

        public KernelTimes Times => kernel.Times;

        public BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> userGradient,
            Span<float> itemGradient)
        {
            before(_batches++);
            return kernel.Compute(plan, users, items, userGradient, itemGradient);
        }

        public void Dispose() => kernel.Dispose();
    }
}
