using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>A whole training in which every message is taken apart and put together again on its way from actor to actor.</summary>
public class SerializedTrainingSpecs
{
    /// <remarks>Pooled buffers do not make this unsound: the receiver owns those of the copy it gets, and those of the original are
    /// left to the garbage collector.</remarks>
    [Fact]
    public async Task Training_gives_the_same_bits_when_every_message_is_encoded_and_decoded()
    {
        var plan = new TrainingPlan(
            new TrainingOptions
            {
                Model = new ModelOptions { Dim = 8 },
                Loss = new LossOptions { Kind = LossKind.Bpr },
                Workers = 3,
                Shards = 2,
                Epochs = 2,
                BatchSize = 32,
                Consistency = Consistency.Bsp,
                Cutoffs = [5, 10],
            },
            SmallData.Make());
        var straight = await LocalTraining.RunAsync(plan);

        var run = new TrainingRun(plan, null);
        var system = ActorSystem.Create("serialized", ConfigurationFactory.ParseString("""
            akka { actor.serialize-messages = on, loggers = [], stdout-loglevel = OFF, actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy" }
            compute-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 2 } }
            shard-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 1 } }
            evaluation-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 1 } }
            control-dispatcher { type = ForkJoinDispatcher, dedicated-thread-pool { thread-count = 1 } }
            """).WithFallback(WireHosting.Configuration));
        try
        {
            // An actor that cannot take a message apart fails, and its failure ends the run.
            system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Failures(run.Outcome))), typeof(Error));
            var deployment = new LocalDeployment(system);
            TrainingActors.StartShards(run, deployment);
            TrainingActors.StartEvaluator(run, deployment);
            TrainingActors.StartTrainer(run, deployment);
            TrainingActors.StartWorkers(run, deployment);
            var serialized = await run.Outcome.Task.WaitAsync(TimeSpan.FromSeconds(60));

            Assert.Equal(straight.ParametersSha256, serialized.ParametersSha256);
            Assert.Equal(straight.LossByEpoch, serialized.LossByEpoch);
        }
        finally
        {
            await system.Terminate();
        }
    }

    private sealed class Failures : ReceiveActor
    {
        public Failures(TaskCompletionSource<TrainingOutcome> outcome) =>
            Receive<Error>(error => outcome.TrySetException(new InvalidOperationException(error.ToString(), error.Cause)));
    }
}
