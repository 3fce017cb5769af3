using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;
using TwoTower.Model.Losses;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Cluster;

/// <summary>What the trainer says of its ledger.</summary>
public class TrainerStatusSpecs() : TestKit("akka { loglevel = ERROR, stdout-loglevel = OFF, loggers = [], log-dead-letters = off }")
{
    [Fact]
    public void The_trainer_describes_its_workers_their_clocks_and_their_leases()
    {
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Workers = 2, Shards = 1, Consistency = Consistency.Asp, LeaseSeconds = 600, RetrySeconds = 60 };
        var run = new TrainingRun(new TrainingPlan(options, SmallData.Make()));
        var trainer =
            Sys.ActorOf(TrainerActor.Props(new TrainerBlueprint(run.Plan, run.Epochs, run.Layout, [TestActor], TestActor, run.ToEmbeddings,
            RealTimeWork.Instance, LostReturn: false, null, null, null, run.Outcome)));

        Assert.Equal((TrainingPhase.Waiting, 0, 2),
            Ask(trainer) is var none ? (none.Phase, none.Workers.Count, none.WorkersNeeded) : default);
        Join(trainer, 0, 1);
        Assert.Equal((TrainingPhase.Waiting, 1), Ask(trainer) is var one ? (one.Phase, one.Workers.Count) : default);
        Join(trainer, 1, 2);
        var lease = Lease(trainer, 0, 1, 1);
        Lease(trainer, 1, 2, 1);
        trainer.Tell(new LeaseProtocol.Completed(new WorkerId(0), 1, 1, new BatchReport(lease.Batch, new BatchLoss(32, 0, 0), 64, 0, 0,
            default)), TestActor);
        ExpectMsg<LeaseProtocol.CompletionRecorded>();
        var status = Ask(trainer);

        Assert.Equal((TrainingPhase.Training, 1L, run.Epochs.TotalBatches, 1, options.Epochs, 0.5),
            (status.Phase, status.Batches, status.TotalBatches, status.Epoch, status.Epochs, status.Loss));
        Assert.True(status.ExamplesPerSecond > 0);
        Assert.Equal(60, status.RetrySeconds);
        Assert.InRange(status.SecondsSinceBatch!.Value, 0, 60);
        Assert.Equal([(0, 1L, 1L, ""), (1, 1L, 0L, "1")],
            status.Workers.Select(worker => (worker.Worker, worker.Clock, worker.Frontier, string.Join(',', worker.Leases))));
        Assert.All(status.Workers, worker => Assert.InRange(worker.SecondsSilent, 0, 60));
    }

    private TrainingStatus Ask(IActorRef trainer)
    {
        trainer.Tell(TrainerActor.Describe.Instance, TestActor);
        return ExpectMsg<TrainingStatus>();
    }

    private void Join(IActorRef trainer, int worker, long birth)
    {
        trainer.Tell(new LeaseProtocol.Join(new WorkerId(worker), birth), TestActor);
        ExpectMsg<LeaseProtocol.Welcome>();
    }

    private Lease Lease(IActorRef trainer, int worker, long birth, long ordinal)
    {
        trainer.Tell(new LeaseProtocol.LeaseRequest(new WorkerId(worker), birth, ordinal), TestActor);
        return ExpectMsg<LeaseProtocol.LeaseGranted>().Lease;
    }
}
