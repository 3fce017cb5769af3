using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Time;

/// <summary>Makes the one dispatcher that all actors of a simulated system share. Needs <see cref="VirtualTimeScheduler"/>.</summary>
internal sealed class VirtualTimeDispatcherConfigurator : MessageDispatcherConfigurator
{
    private readonly VirtualTimeDispatcher _dispatcher;

    /// <summary>Called by Akka.</summary>
    public VirtualTimeDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
        : base(config, prerequisites) =>
            _dispatcher = new VirtualTimeDispatcher(this, ((VirtualTimeScheduler)prerequisites.Scheduler).Time);

    /// <inheritdoc />
    public override MessageDispatcher Dispatcher() => _dispatcher;

    private sealed class VirtualTimeDispatcher(MessageDispatcherConfigurator configurator, VirtualTime time)
        : MessageDispatcher(configurator)
    {
        protected override void ExecuteTask(IRunnable run) => time.Run(run);

        protected override void Shutdown()
        {
        }
    }
}

/// <summary>Akka's configuration of a simulated actor system.</summary>
internal static class VirtualTimeHosting
{
    private const string Type = "TwoTower.Actors.Simulation.Time.VirtualTimeDispatcherConfigurator, TwoTower.Actors";

    /// <summary>Names the scheduler, and the dispatcher for every place where Akka and the training actors name one.</summary>
    public static string Configuration { get; } = $$"""
        {{TrainingHosting.Embedded}}
        akka {
          scheduler.implementation = "TwoTower.Actors.Simulation.Time.VirtualTimeScheduler, TwoTower.Actors"
          coordinated-shutdown.run-by-actor-system-terminate = off
          actor {
            default-dispatcher { type = "{{Type}}", throughput = 1000 }
            internal-dispatcher { type = "{{Type}}", throughput = 1000 }
          }
        }
        {{string.Join('\n', Enum.GetValues<NodeRole>().Select(TrainingActors.DispatcherOf).Append(WireHosting.Dispatcher).Distinct().Select(name => $"{name} {{ type = \"{Type}\", throughput = 1000 }}"))}}
        """;

    /// <summary>The virtual time of a system.</summary>
    public static VirtualTime TimeOf(ActorSystem system) => ((VirtualTimeScheduler)system.Scheduler).Time;
}
