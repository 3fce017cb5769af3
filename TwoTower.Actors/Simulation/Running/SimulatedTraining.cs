using Akka.Actor;
using Akka.Dispatch;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Clusters;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Running;

/// <summary>What a simulated run produced.</summary>
/// <param name="Training">The training; its seconds are virtual.</param>
/// <param name="VirtualSeconds">Length of the run.</param>
/// <param name="Events">Events fired and messages run.</param>
/// <param name="TimedOut">Whether the time limit ended it.</param>
public sealed record SimulationOutcome(TrainingOutcome Training, double VirtualSeconds, long Events, bool TimedOut);

/// <summary>Runs a training in a simulated world: the actors of <see cref="LocalTraining"/> on one thread, in
/// virtual time, with real gradients.</summary>
public static class SimulatedTraining
{
    /// <summary>How many events pass between two looks at the clock, the stop request and the watchdog.</summary>
    private const int Stretch = 256;

    /// <summary>Runs on the calling thread until training ends, the time limit passes, or nothing can go on.</summary>
    /// <param name="plan">Settings and data.</param>
    /// <param name="options">The world.</param>
    /// <param name="observers">Who sees what happens; an exception of theirs ends the run.</param>
    /// <param name="progress">Receives events.</param>
    /// <param name="stop">Asks for a clean stop.</param>
    /// <exception cref="ViolationException">An invariant was violated (with <see cref="WorldOptions.Checks"/>).</exception>
    /// <exception cref="WorldException">The world cannot be, or nothing can go on; a <see cref="NobodyLeftException"/>
    /// where nobody is left who could.</exception>
    /// <exception cref="PushesLostException">Training refused to go on without pushes whose every copy was lost.</exception>
    /// <exception cref="TrainingException">Training failed.</exception>
    public static SimulationOutcome Run(TrainingPlan plan, WorldOptions options, IReadOnlyList<IWorldObserver>? observers = null,
        IProgress<TrainingEvent>? progress = null, CancellationToken stop = default) =>
            Run(plan, options, null, observers, progress, stop);

    /// <summary>As the other, with faults of one's own and a look into the protocols.</summary>
    /// <param name="plan">Settings and data.</param>
    /// <param name="options">The world.</param>
    /// <param name="prepare">Is given the world once all actors are started, to schedule faults; null for nothing.</param>
    /// <param name="observers">Who sees what happens; an exception of theirs ends the run.</param>
    /// <param name="progress">Receives events.</param>
    /// <param name="stop">Asks for a clean stop.</param>
    /// <param name="probe">Sees what the protocols show of themselves.</param>
    internal static SimulationOutcome Run(TrainingPlan plan, WorldOptions options, Action<IWorld, VirtualTime>? prepare,
        IReadOnlyList<IWorldObserver>? observers = null, IProgress<TrainingEvent>? progress = null, CancellationToken stop = default,
        ProtocolProbe? probe = null)
    {
        options.Check();
        if (options.ComparesBits)
        {
            FaultlessRun.Require(plan.Options);
        }

        TorchSharp.torch.set_num_threads(1);
        var outcome = Run(new TrainingRun(plan, progress) { Probe = probe ?? ProtocolProbe.None }, options, observers, prepare, stop);
        if (options.ComparesBits && outcome.Training.Reason != StopReason.Interrupted)
        {
            FaultlessRun.Compare(plan, options.Seed, outcome);
        }

        return outcome;
    }

    /// <summary>Runs what is prepared already: a training, or one of sizes alone.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">The world.</param>
    /// <param name="observers">Who sees what happens; an exception of theirs ends the run.</param>
    /// <param name="prepare">Is given the world once all actors are started, to schedule faults.</param>
    /// <param name="stop">Asks for a clean stop.</param>
    /// <exception cref="WorldException">The world cannot be, or nothing can go on.</exception>
    /// <exception cref="TrainingException">Training failed.</exception>
    internal static SimulationOutcome Run(
        ITrainingRun run, WorldOptions options, IReadOnlyList<IWorldObserver>? observers = null,
        Action<IWorld, VirtualTime>? prepare = null, CancellationToken stop = default)
    {
        options.Check();
        var system = ActorSystem.Create("twotower", VirtualTimeHosting.Configuration);
        var time = VirtualTimeHosting.TimeOf(system);
        time.Own();
        try
        {
            var ofCluster = options.Checks && options.Topology.IsCluster ? ClusterCheckers.Of(run, options.Seed) : null;
            IWorldObserver? checkers = !options.Checks ? null : ofCluster ?? (IWorldObserver)CheckerSet.Of(run, options.Seed);
            var faults = options.Faults.Drawn(FaultPlan.NodesOf(options.Topology, run.Options.Workers, run.Options.Shards), options.Seed);
            var gone = new GoneForGood(faults, options.Topology, run.Options.Workers, run.Options.Shards);
            var watchdog = new Watchdog(options.StallSeconds, gone);
            var end = new LivenessBound(options, faults, watchdog, gone);
            var guard = new ObserverGuard(checkers is null ? [.. observers ?? [], watchdog, end] : [.. observers ?? [], checkers,
                watchdog, end]);
            IWorld world = options.Topology.IsCluster ? Cluster(system, run, options, guard) : Actors(system, run, options, guard);
            options.Faults.Schedule(world, time);
            prepare?.Invoke(world, time);
            var timedOut = false;
            if (options.TimeLimitSeconds is { } limit)
            {
                time.After(VirtualTime.TicksOf(limit), new VirtualCall(() =>
                {
                    timedOut = true;
                    world.TellChanged(null, "time limit");
                    AskToStop(world, time);
                }));
            }

            using var registration = stop.Register(() => time.Run(new ActionRunnable(() => AskToStop(world, time))));
            Pump(run, time, watchdog, end, guard);
            var outcome = Outcome(run, ofCluster);
            checkers?.Ended(time.Seconds, outcome);
            foreach (var observer in observers ?? [])
            {
                observer.Ended(time.Seconds, outcome);
            }

            return new SimulationOutcome(outcome, time.Seconds, time.Steps, timedOut);
        }
        finally
        {
            var ended = system.Terminate();
            while (!ended.IsCompleted)
            {
                if (!time.RunReady())
                {
                    Thread.Yield();
                }
            }
        }
    }

    private static SimulatedWorld Actors(ActorSystem system, ITrainingRun run, WorldOptions options, IWorldObserver observer)
    {
        var world = new SimulatedWorld(system, options, run.Options.Workers, [observer]);
        system.ActorOf(Props.Create(() => new FailureListener(run.Outcome)), "failures");
        TrainingActors.StartShards(run, world);
        TrainingActors.StartEvaluator(run, world);
        TrainingActors.StartTrainer(run, world);
        TrainingActors.StartWorkers(run, world);
        return world;
    }

    private static ClusterWorld Cluster(ActorSystem system, ITrainingRun run, WorldOptions options, IWorldObserver observer)
    {
        system.ActorOf(Props.Create(() => new ClusterFailureListener(run.Outcome)), "failures");
        return ClusterWorld.Training(system, run, options, [observer]);
    }

    private static TrainingOutcome Outcome(ITrainingRun run, ClusterCheckers? checkers)
    {
        try
        {
            return run.Outcome.Task.GetAwaiter().GetResult();
        }
        catch (TrainingException refused) when (checkers is { HasLostPushes: true })
        {
            throw new PushesLostException(refused.Message);
        }
    }

    /// <summary>A trainer that is down hears of it when it is back.</summary>
    private static void AskToStop(IWorld world, VirtualTime time)
    {
        if (world.Trainer is { } trainer)
        {
            trainer.Tell(TrainerActor.Stop.Instance);
        }
        else
        {
            time.After(TimeSpan.TicksPerSecond, new VirtualCall(() => AskToStop(world, time)));
        }
    }

    private static void Pump(ITrainingRun run, VirtualTime time, Watchdog watchdog, LivenessBound end, ObserverGuard guard)
    {
        while (true)
        {
            for (var step = 0; step < Stretch && !run.Outcome.Task.IsCompleted; step++)
            {
                if (!time.Step())
                {
                    throw watchdog.Ends(time.Seconds);
                }

                guard.ThrowFailure();
                end.Check(time.Seconds);
            }

            if (run.Outcome.Task.IsCompleted)
            {
                return;
            }

            watchdog.Check(time.Seconds);
        }
    }
}
