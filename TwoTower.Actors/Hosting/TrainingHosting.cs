using Akka.Actor;
using Akka.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Hosting;

/// <summary>Wires the actors of a run into an actor system. Tests and production call the same methods.</summary>
internal static class TrainingHosting
{
    /// <summary>A system that is part of a program: it logs nothing by itself, an actor that fails is gone, and the program ends
    /// it and not the other way round.</summary>
    internal const string Embedded = """
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

    /// <summary>Dispatchers with threads of their own for workers, shards and evaluator, so that computing
    /// never delays control messages.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerDispatchers(this AkkaConfigurationBuilder builder, TrainingOptions options) =>
        builder.AddHocon(
            Embedded
            + Dispatcher(TrainingActors.DispatcherOf(NodeRole.Worker), Math.Min(options.Workers, Environment.ProcessorCount))
            + Dispatcher(TrainingActors.DispatcherOf(NodeRole.Shard), Math.Min(options.Shards, Environment.ProcessorCount))
            + Dispatcher(TrainingActors.DispatcherOf(NodeRole.Evaluator), 1)
            + Dispatcher(TrainingActors.DispatcherOf(NodeRole.Trainer), 1),
            HoconAddMode.Prepend);

    /// <summary>Adds one actor per parameter shard.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerShards(this AkkaConfigurationBuilder builder, TrainingRun run) =>
        builder.WithActors((system, _) => TrainingActors.StartShards(run, DeploymentOf(system)));

    /// <summary>Adds the evaluator. After the shards.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerEvaluator(this AkkaConfigurationBuilder builder, TrainingRun run) =>
        builder.WithActors((system, _) => TrainingActors.StartEvaluator(run, DeploymentOf(system)));

    /// <summary>Adds the trainer. After shards and evaluator.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerTrainer(this AkkaConfigurationBuilder builder, TrainingRun run) =>
        builder.WithActors((system, registry) => registry.Register<TrainerActor>(TrainingActors.StartTrainer(run, DeploymentOf(system))));

    /// <summary>Adds the workers. After the trainer.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerWorkers(this AkkaConfigurationBuilder builder, TrainingRun run) =>
        builder.WithActors((system, _) => TrainingActors.StartWorkers(run, DeploymentOf(system)));

    private static LocalDeployment DeploymentOf(ActorSystem system) =>
        system.WithExtension<LocalDeploymentExtension, LocalDeploymentProvider>().Deployment;

    private static string Dispatcher(string name, int threads) => $$"""

        {{name}} {
          type = ForkJoinDispatcher
          throughput = 10
          dedicated-thread-pool { thread-count = {{threads}} }
        }
        """;

    /// <summary>One deployment for all that is added to one actor system.</summary>
    private sealed class LocalDeploymentExtension(LocalDeployment deployment) : IExtension
    {
        public LocalDeployment Deployment => deployment;
    }

    private sealed class LocalDeploymentProvider : ExtensionIdProvider<LocalDeploymentExtension>
    {
        public override LocalDeploymentExtension CreateExtension(ExtendedActorSystem system) => new(new LocalDeployment(system));
    }
}
