using Akka.Actor;
using Akka.Hosting;
using TwoTower.Actors.Evaluation;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>Wires the actors of a run into an actor system. Tests and production call the same methods.</summary>
public static class TrainingHosting
{
    private const string Dispatchers = """
        akka {
          loglevel = ERROR
          stdout-loglevel = OFF
          loggers = []
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          coordinated-shutdown.exit-clr = off
        }
        """;

    /// <summary>Dispatchers with threads of their own for workers, shards and evaluator, so that computing never delays control messages.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerDispatchers(this AkkaConfigurationBuilder builder, TrainingOptions options) => builder.AddHocon(
        Dispatchers
        + Dispatcher("compute-dispatcher", Math.Min(options.Workers, Environment.ProcessorCount))
        + Dispatcher("shard-dispatcher", Math.Min(options.Shards, Environment.ProcessorCount))
        + Dispatcher("evaluation-dispatcher", 1)
        + Dispatcher("control-dispatcher", 1),
        HoconAddMode.Prepend);

    /// <summary>Adds one actor per parameter shard.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerShards(this AkkaConfigurationBuilder builder, TrainingRun run) => builder.WithActors((system, _) =>
        run.Shards = [.. Enumerable.Range(0, run.Options.Shards)
            .Select(shard => system.ActorOf(ParameterShardActor.Props(new ShardId(shard), run.ShardBlueprint).WithDispatcher("shard-dispatcher"), new ShardId(shard).ToString()))]);

    /// <summary>Adds the evaluator. After the shards.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerEvaluator(this AkkaConfigurationBuilder builder, TrainingRun run) => builder.WithActors((system, registry) =>
        registry.Register<EvaluatorActor>(system.ActorOf(
            EvaluatorActor.Props(new EvaluatorBlueprint(run.Options.Model, run.Layout, run.Score, RealTimeWork.Instance, run.Shards, run.Options.RetrySeconds)).WithDispatcher("evaluation-dispatcher"),
            "evaluator")));

    /// <summary>Adds the trainer. After shards and evaluator.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerTrainer(this AkkaConfigurationBuilder builder, TrainingRun run) => builder.WithActors((system, registry) =>
        registry.Register<TrainerActor>(system.ActorOf(
            TrainerActor.Props(new TrainerBlueprint(
                run.Plan, run.Epochs, run.Layout, run.Shards, registry.Get<EvaluatorActor>(), RealTimeWork.Instance, LostReturn: false, run.RestoredBest(), run.Progress, run.Outcome)).WithDispatcher("control-dispatcher"),
            "trainer")));

    /// <summary>Adds the workers. After the trainer.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerWorkers(this AkkaConfigurationBuilder builder, TrainingRun run) => builder.WithActors((system, registry) =>
    {
        var trainer = registry.Get<TrainerActor>();
        for (var worker = 0; worker < run.Options.Workers; worker++)
        {
            var id = new WorkerId(worker);
            system.ActorOf(
                WorkerActor.Props(id, new WorkerBlueprint(run.Options, run.Layout, run.Builder, run.Kernel, run.NextBirth, RealTimeWork.Instance, trainer, run.Shards)).WithDispatcher("compute-dispatcher"),
                id.ToString());
        }
    });

    private static string Dispatcher(string name, int threads) => $$"""

        {{name}} {
          type = ForkJoinDispatcher
          throughput = 10
          dedicated-thread-pool { thread-count = {{threads}} }
        }
        """;
}
