using System.Diagnostics;
using Akka.Actor;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;

namespace TwoTower.Benchmarks.Simulator;

/// <summary>Akka actors over virtual time with nothing to compute: every client sleeps on a timer, asks the one server,
/// and sleeps again when answered.</summary>
internal static class EventCore
{
    /// <summary>Runs on the calling thread.</summary>
    /// <param name="clients">Clients.</param>
    /// <param name="rounds">Rounds of each.</param>
    /// <param name="timers">Whether clients keep their timers through <see cref="IWithTimers"/> as the training
    /// actors do, or ask the scheduler.</param>
    /// <param name="network">Links between clients and server, or null when they know each other directly.</param>
    public static EventCoreResult Run(int clients, int rounds, bool timers, NetworkOptions? network = null)
    {
        var system = ActorSystem.Create("events", VirtualTimeHosting.Configuration);
        var time = VirtualTimeHosting.TimeOf(system);
        time.Own();
        var count = new Counter();
        IDeployment deployment = network is null
            ? new LocalDeployment(system)
            : new SimulatedWorld(system, new WorldOptions { Network = network }, clients, []);
        deployment.Start(NodeId.Trainer, () => Props.Create(() => new Server(count)));
        for (var client = 0; client < clients; client++)
        {
            var id = client;
            var server = deployment.Link(NodeId.Worker(id), NodeId.Trainer);
            deployment.Start(NodeId.Worker(id), () => timers
                ? Props.Create(() => new TimerClient(id, rounds, server, count))
                : Props.Create(() => new SchedulerClient(id, rounds, server, count)));
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        while (count.Finished < clients && time.Step())
        {
        }

        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var bytes = GC.GetAllocatedBytesForCurrentThread() - allocated;
        var ended = system.Terminate();
        while (!ended.IsCompleted)
        {
            time.RunReady();
        }

        return new EventCoreResult(count.Timers, count.Messages, seconds, count.Hash, bytes);
    }

    private sealed class Counter
    {
        public long Timers { get; set; }

        public long Messages { get; set; }

        public int Finished { get; set; }

        public ulong Hash { get; private set; } = 14695981039346656037;

        /// <summary>FNV-1a over (client, moment).</summary>
        public void Mix(long client, long ticks)
        {
            Hash = (Hash ^ (ulong)client) * 1099511628211;
            Hash = (Hash ^ (ulong)ticks) * 1099511628211;
        }
    }

    private sealed class Wake
    {
        public static readonly Wake Instance = new();
    }

    private sealed class Server : ReceiveActor
    {
        public Server(Counter count) => Receive<LeaseProtocol.LeaseRequest>(ask =>
        {
            count.Messages++;
            count.Mix(ask.Worker.Value, Context.System.Scheduler.MonotonicClock.Ticks);
            Sender.Tell(new LeaseProtocol.Unknown(ask.Worker, ask.Birth));
        });
    }

    private abstract class Client : ReceiveActor
    {
        private int _left;

        protected Client(int id, int rounds, IActorRef server, Counter count)
        {
            Id = id;
            _left = rounds;
            var ask = new LeaseProtocol.LeaseRequest(new WorkerId(id), 1, 1);
            Receive<Wake>(_ =>
            {
                count.Timers++;
                count.Messages++;
                server.Tell(ask);
            });
            Receive<LeaseProtocol.Unknown>(_ =>
            {
                count.Messages++;
                if (--_left > 0)
                {
                    Sleep(TimeSpan.FromTicks(Interval));
                }
                else
                {
                    count.Finished++;
                }
            });
        }

        protected int Id { get; }

        /// <summary>Differs from client to client, so that moments spread out, and coincides now and then.</summary>
        private long Interval => 10_000 + (Id * 37 % 1013);

        protected override void PreStart() => Sleep(TimeSpan.FromTicks(Interval));

        protected abstract void Sleep(TimeSpan interval);
    }

    private sealed class SchedulerClient(int id, int rounds, IActorRef server, Counter count) : Client(id, rounds, server, count)
    {
#pragma warning disable AK1004 // the bare scheduler is what is measured here
        protected override void Sleep(TimeSpan interval) => Context.System.Scheduler.ScheduleTellOnce(interval, Self, Wake.Instance, Self);
#pragma warning restore AK1004
    }

    private sealed class TimerClient(int id, int rounds, IActorRef server, Counter count) : Client(id, rounds, server, count), IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        protected override void Sleep(TimeSpan interval) => Timers.StartSingleTimer(nameof(Wake), Wake.Instance, interval);
    }
}

/// <summary>What a run of the event core gave.</summary>
/// <param name="Timers">Timers fired.</param>
/// <param name="Messages">Messages handled by actors.</param>
/// <param name="Seconds">Wall-clock seconds.</param>
/// <param name="Hash">Of the order of requests.</param>
/// <param name="Bytes">Bytes allocated.</param>
internal sealed record EventCoreResult(long Timers, long Messages, double Seconds, ulong Hash, long Bytes);
