using Akka.Actor;
using TwoTower.Actors.Evaluation;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Actors.Work;

namespace TwoTower.Tests.Training;

/// <summary>Exactly once, an epoch conserved, snapshots that are cuts: over a bad network and dying workers.</summary>
public class FaultSpecs : TrainingKit
{
    [Theory]
    [InlineData("bsp", 1)]
    [InlineData("bsp", 2)]
    [InlineData("ssp:2", 3)]
    [InlineData("asp", 4)]
    public async Task Lost_doubled_late_and_reordered_messages_change_nothing_that_is_counted(string consistency, int seed)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = ThreeWorkers(model);
        var run = Start(options, target => Sys.ActorOf(LossyLink.Before(target, seed, loss: 0.05, doubling: 0.1, holding: 0.1)), out _);

        var outcome = await run.Outcome.Task.WaitAsync(Limit);

        Assert.All(outcome.Shards, shard => Assert.Equal(run.Epochs.TotalBatches, shard.Pushes));
        Assert.Equal(options.Epochs, outcome.LossByEpoch.Count);
        if (model.Kind == ConsistencyKind.Bsp)
        {
            Assert.Equal((await InvariantSpecs.Train(options)).ParametersSha256, outcome.ParametersSha256);
        }
    }

    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:2")]
    [InlineData("asp")]
    public async Task A_worker_that_dies_in_the_middle_costs_no_batch_and_under_bsp_no_bit(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = ThreeWorkers(model) with { Epochs = 4 };
        IActorRef[] workers = [];
        var died = new TaskCompletionSource();
        var run = Start(options, target => target, out workers, happening =>
        {
            if (happening is TrainingEvent.EpochDone { Epoch: 1 })
            {
                // Waited for, so that the run cannot end before the death is known.
                workers[1].GracefulStop(Limit).Wait(Limit);
            }
            else if (happening is TrainingEvent.Notice)
            {
                died.TrySetResult();
            }
        });

        var outcome = await run.Outcome.Task.WaitAsync(Limit);

        await died.Task.WaitAsync(Limit);
        Assert.All(outcome.Shards, shard => Assert.Equal(run.Epochs.TotalBatches, shard.Pushes));
        Assert.Equal(options.Epochs, outcome.LossByEpoch.Count);
        if (model.Kind == ConsistencyKind.Bsp)
        {
            Assert.Equal((await InvariantSpecs.Train(options)).ParametersSha256, outcome.ParametersSha256);
        }
    }

    [Fact]
    public async Task When_the_last_worker_dies_the_run_fails_and_says_so()
    {
        IActorRef[] workers = [];
        var run = Start(ThreeWorkers(Consistency.Asp) with { Epochs = 1000 }, target => target, out workers, happening =>
        {
            if (happening is TrainingEvent.EpochDone { Epoch: 1 })
            {
                foreach (var worker in workers)
                {
                    Sys.Stop(worker);
                }
            }
        });

        var failure = await Assert.ThrowsAsync<TrainingException>(() => run.Outcome.Task.WaitAsync(Limit));

        Assert.Contains("workers are lost", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluator_refuses_parts_that_were_read_at_different_steps()
    {
        var evaluator = StartEvaluator(RunOf(Small()));

        evaluator.Tell(new SnapshotProtocol.Evaluate(5, 1), TestActor);
        ExpectMsg<SnapshotProtocol.Read>();
        ExpectMsg<SnapshotProtocol.Read>();
        evaluator.Tell(new SnapshotProtocol.Part(new ShardId(0), 5, 5, false, [], []), TestActor);
        evaluator.Tell(new SnapshotProtocol.Part(new ShardId(1), 5, 5, true, [], []), TestActor);

        Assert.Contains("not a cut", ExpectMsg<SnapshotProtocol.Failed>().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_evaluator_asks_a_shard_that_begins_anew_at_once_and_nobody_who_has_answered()
    {
        var run = RunOf(Small());
        var contact = CreateTestProbe();
        var evaluator =
            Sys.ActorOf(EvaluatorActor.Props(new EvaluatorBlueprint(run.Options.Model, run.Layout, run.ValidationUsers, run.Score,
            RealTimeWork.Instance, [TestActor, TestActor], 1000)
            {
                Contact = told => Props.Create(() => new Introduced(told, contact)),
            }));
        evaluator.Tell(new SnapshotProtocol.Evaluate(5, 1), TestActor);
        ExpectMsg<SnapshotProtocol.Read>();
        ExpectMsg<SnapshotProtocol.Read>();
        Assert.Equal(evaluator, contact.ExpectMsg<IActorRef>());
        evaluator.Tell(new SnapshotProtocol.Part(new ShardId(0), 5, 5, false, [], []), TestActor);

        evaluator.Tell(new EvaluatorActor.ShardBegan(new ShardId(0)));
        evaluator.Tell(new EvaluatorActor.ShardBegan(new ShardId(1)));

        Assert.Equal(new SnapshotProtocol.Read(new ShardId(1), 5), ExpectMsg<SnapshotProtocol.Read>());
    }

    [Fact]
    public void An_evaluator_ignores_a_late_copy_of_an_older_request()
    {
        var evaluator = StartEvaluator(RunOf(Small()));
        evaluator.Tell(new SnapshotProtocol.Evaluate(5, 1), TestActor);
        ExpectMsg<SnapshotProtocol.Read>();
        ExpectMsg<SnapshotProtocol.Read>();

        evaluator.Tell(new SnapshotProtocol.Evaluate(3, 1), TestActor);
        evaluator.Tell(new SnapshotProtocol.Evaluate(7, 1), TestActor);

        Assert.Equal(7, ExpectMsg<SnapshotProtocol.Read>().Step);
    }

    private static TrainingOptions ThreeWorkers(Consistency model) => Small() with { Workers = 3, Consistency = model };

    private TrainingRun Start(TrainingOptions options, Func<IActorRef, IActorRef> link, out IActorRef[] workers,
        Action<TrainingEvent>? happening = null)
    {
        var run = RunOf(options, happening);
        IActorRef[] linked = [.. StartShards(run).Select(link)];
        var trainer = StartTrainer(run, linked, link(StartEvaluator(run, linked)));
        var toTrainer = link(trainer);
        workers = [.. Enumerable.Range(0, options.Workers).Select(worker => Sys.ActorOf(
            WorkerActor.Props(new WorkerId(worker), new WorkerBlueprint(options, run.Hot, () => run.Tools(shared: false), run.NextBirth,
                RealTimeWork.Instance, toTrainer, linked))))];
        return run;
    }

    /// <summary>Says whom it is to tell.</summary>
    private sealed class Introduced : ReceiveActor
    {
        public Introduced(IActorRef told, IActorRef to) => to.Tell(told);
    }
}
