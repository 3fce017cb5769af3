using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Work;

namespace TwoTower.Tests.Simulation;

/// <summary>A simulated world whose actors only write down what reaches them, and when.</summary>
internal sealed class WorldRig : IDisposable, IWorldObserver
{
    public static readonly NodeId W0 = NodeId.Worker(0), W1 = NodeId.Worker(1), S0 = NodeId.Shard(0), S1 = NodeId.Shard(1);
    private const int Header = 48;

    private readonly ActorSystem _system = ActorSystem.Create("rig", VirtualTimeHosting.Configuration);

    public WorldRig(WorldOptions options, params NodeId[] nodes)
    {
        Time = VirtualTimeHosting.TimeOf(_system);
        Time.Own();
        World = new SimulatedWorld(_system, options, 8, [this], SizeOf);
        foreach (var node in nodes)
        {
            World.Start(node, () => Props.Create(() => new Recorder(node, this)));
        }
    }

    /// <summary>A network slow enough to work out by hand what it does.</summary>
    public static NetworkOptions Slow => new() { Latency = new Distribution.Constant(0.5), BytesPerSecond = 1000 };

    public SimulatedWorld World { get; }

    public VirtualTime Time { get; }

    public List<(NodeId At, double Seconds, object Message)> Received { get; } = [];

    public List<(double Seconds, string Reason)> Drops { get; } = [];

    public List<(double Seconds, NodeId? Node, string What)> Faults { get; } = [];

    /// <summary>A world of two workers and two shards.</summary>
    public static WorldRig Rig(NetworkOptions network, double detection = 10) =>
        new(new WorldOptions { Network = network, DetectionSeconds = detection }, W0, W1, S0, S1);

    /// <summary>A message of a size on the wire.</summary>
    public static SnapshotProtocol.Part Sized(int bytes, int number = 0) =>
        new(new ShardId(0), number, 0, false, new float[(bytes - Header) / sizeof(float)], []);

    public void Send(NodeId from, NodeId to, object message) => World.Link(from, to).Tell(message, ActorRefs.NoSender);

    public void At(double seconds, Action happens) => Time.After(VirtualTime.TicksOf(seconds) - Time.Ticks, new VirtualCall(happens));

    public void Pump(double until = double.PositiveInfinity)
    {
        while (Time.Seconds < until && Time.Step())
        {
        }
    }

    /// <summary>When each of a node's messages reached it.</summary>
    public double[] TimesAt(NodeId node) => [.. Received.Where(received => received.At == node).Select(received => received.Seconds)];

    public void Dropped(double now, in Crossing crossing, string reason) => Drops.Add((now, reason));

    public void Fault(double now, NodeId? node, string what) => Faults.Add((now, node, what));

    /// <summary>What the rig sends need not have a form on the wire.</summary>
    private static long SizeOf(object message) =>
        Header + (message is SnapshotProtocol.Part part ? part.Users.Length * (long)sizeof(float) : 0);

    public void Dispose()
    {
        var ended = _system.Terminate();
        while (!ended.IsCompleted)
        {
            if (!Time.RunReady())
            {
                Thread.Yield();
            }
        }
    }

    /// <summary>Told to the recorder: watch, or no longer watch, another node.</summary>
    public sealed record WatchOrder(IActorRef Watched, bool Unwatch = false);

    /// <summary>Told to the recorder: run this on your machine.</summary>
    public sealed record WorkOrder(ITimedWork Machine, WorkKind Kind, long Size, Func<object> Work);

    private sealed class Recorder : ReceiveActor
    {
        public Recorder(NodeId node, WorldRig rig)
        {
            Receive<WatchOrder>(order => _ = order.Unwatch ? Context.Unwatch(order.Watched) : Context.Watch(order.Watched));
            Receive<WorkOrder>(order => order.Machine.Run(Self, order.Kind, order.Size, order.Work));
            ReceiveAny(message => rig.Received.Add((node, rig.Time.Seconds, message)));
        }
    }
}
