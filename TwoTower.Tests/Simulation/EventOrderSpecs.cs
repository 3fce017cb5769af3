using Akka.Actor;
using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;

namespace TwoTower.Tests.Simulation;

/// <summary>Making the event core faster must not change what happens when.</summary>
public class EventOrderSpecs
{
    [Fact]
    public void Events_happen_by_moment_and_within_a_moment_in_the_order_in_which_they_were_scheduled() =>
        Gen.Int[0, 20].Array[0, 200].Sample(delays =>
        {
            var time = new VirtualTime();
            var happened = new List<int>();
            for (var n = 0; n < delays.Length; n++)
            {
                var (id, again) = (n, delays[n] % 5);
                time.After(delays[n], new VirtualCall(() =>
                {
                    happened.Add(id);
                    if (again == 0)
                    {
                        time.After(3, new VirtualCall(() => happened.Add(1000 + id)));
                    }
                }));
            }

            while (time.Step())
            {
            }

            // Ticks are whole, so a stable sort by moment is the whole rule; what is scheduled later comes after what was scheduled before.
            var expected = delays.Select((delay, id) => (Moment: delay, Order: id, Id: id))
                .Concat(delays.Select((delay, id) => (delay, id)).Where(first => first.delay % 5 == 0).OrderBy(first => first.delay)
                    .Select((first, n) => (Moment: first.delay + 3, Order: delays.Length + n, Id: 1000 + first.id)))
                .OrderBy(happening => happening.Moment).ThenBy(happening => happening.Order).Select(happening => happening.Id);
            Assert.Equal(expected, happened);
        });

    /// <summary>The hash was taken before links and nodes were looked up without dictionaries. It may change only with a
    /// reason that is written down here.</summary>
    [Fact]
    public void The_order_of_requests_over_random_links_is_the_one_it_was_before_the_event_core_was_made_faster()
    {
        var network = new NetworkOptions
        {
            Latency = new Distribution.Uniform(1e-4, 5e-4),
            Jitter = new Distribution.Uniform(0, 1e-4),
            Loss = 0.01,
            Duplication = 0.02,
            Reordering = 0.3,
        };
        var system = ActorSystem.Create("order", VirtualTimeHosting.Configuration);
        var time = VirtualTimeHosting.TimeOf(system);
        time.Own();
        var seen = new List<(long Ticks, int Worker, long Ordinal)>();
        var world = new SimulatedWorld(system, new WorldOptions { Network = network, Seed = 5 }, 40, []);
        world.Start(NodeId.Trainer, () => Props.Create(() => new Server(seen, time)));
        for (var worker = 0; worker < 40; worker++)
        {
            var (id, server) = (new WorkerId(worker), world.Link(NodeId.Worker(worker), NodeId.Trainer));
            world.Start(NodeId.Worker(worker), () => Props.Create(() => new Client(id, server)));
        }

        while (time.Seconds < 0.2 && time.Step())
        {
        }

        var hash = 14695981039346656037UL;
        foreach (var (ticks, worker, ordinal) in seen)
        {
            hash = (((((hash ^ (ulong)ticks) * 1099511628211) ^ (ulong)worker) * 1099511628211) ^ (ulong)ordinal) * 1099511628211;
        }

        var ended = system.Terminate();
        while (!ended.IsCompleted)
        {
            time.RunReady();
        }

        Assert.Equal((9173, "8ae517588f8e7e50"), (seen.Count, hash.ToString("x16", System.Globalization.CultureInfo.InvariantCulture)));
    }

    private sealed class Server : ReceiveActor
    {
        public Server(List<(long Ticks, int Worker, long Ordinal)> seen, VirtualTime time) => Receive<LeaseProtocol.LeaseRequest>(request =>
        {
            seen.Add((time.Ticks, request.Worker.Value, request.Ordinal));
            Sender.Tell(new LeaseProtocol.CompletionRecorded(request.Worker, request.Birth, request.Ordinal));
        });
    }

    private sealed class Client : ReceiveActor, IWithTimers
    {
        private readonly IActorRef _server;
        private readonly WorkerId _id;
        private long _ordinal;

        public Client(WorkerId id, IActorRef server)
        {
            (_id, _server) = (id, server);
            Receive<LeaseProtocol.CompletionRecorded>(recorded =>
                Timers.StartSingleTimer("next", "next", TimeSpan.FromTicks(1000 + (recorded.Ordinal % 7 * 500))));
            Receive<string>(_ => Ask());
        }

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart()
        {
            Timers.StartPeriodicTimer("retry", "retry", TimeSpan.FromMilliseconds(10));
            Ask();
        }

        private void Ask() => _server.Tell(new LeaseProtocol.LeaseRequest(_id, 1, ++_ordinal));
    }
}
