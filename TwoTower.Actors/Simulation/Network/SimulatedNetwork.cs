using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Network;

/// <summary>The way from one node to another, with a generator of its own.</summary>
internal sealed class Link(Machine from, Machine to, long seed)
{
    private SeededRandom _random = new(seed, 2, ((long)from.Id.Role << 32) | (uint)from.Id.Index, ((long)to.Id.Role << 32)
        | (uint)to.Id.Index);

    public Machine From => from;

    public Machine To => to;

    /// <summary>When the last message that keeps its order arrives.</summary>
    public long LastArrival { get; set; }

    public ref SeededRandom Random => ref _random;
}

/// <summary>Carries messages between machines: they take time, queue at interfaces, and are lost, doubled, overtaken and cut off.</summary>
/// <param name="network">What links are like.</param>
/// <param name="compute">How fast servers take in what comes.</param>
/// <param name="time">The world's time.</param>
/// <param name="observers">Who sees messages.</param>
/// <param name="deliver">Hands a message that has arrived to whom it is for, with what was sent along; false when nobody is there.</param>
internal sealed class SimulatedNetwork(NetworkOptions network, ComputeOptions compute, VirtualTime time,
    IReadOnlyList<IWorldObserver> observers, SimulatedNetwork.Delivery deliver)
{
    private readonly bool _ideal = network.IsIdeal && compute.ShardBytesPerSecond == 0;
    private readonly List<NetworkCut> _cuts = [];
    private long _messages;

    /// <summary>Hands over a message, and says whether anybody was there to take it;
    /// <paramref name="arriving"/> is called before it is taken.</summary>
    public delegate bool Delivery(in Crossing crossing, object? cargo, Action<Crossing> arriving);

    public void Cut(NetworkCut cut) => _cuts.Add(cut);

    public bool Heal(NetworkCut cut) => _cuts.Remove(cut);

    public bool IsCut(NodeId from, NodeId to)
    {
        foreach (var cut in _cuts)
        {
            if (cut.Severs(from, to))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sends a message.</summary>
    /// <param name="link">The way.</param>
    /// <param name="message">What observers see of it.</param>
    /// <param name="bytes">Its size on the wire.</param>
    /// <param name="cargo">What goes along and nobody sees.</param>
    /// <param name="speaker">Which actor says it, where a node has several.</param>
    public void Send(Link link, object message, long bytes, object? cargo = null, object? speaker = null)
    {
        var crossing = new Crossing(_messages++, link.From.Id, link.To.Id, message, bytes) { Speaker = speaker };
        foreach (var observer in observers)
        {
            observer.Sent(time.Seconds, crossing);
        }

        if (_ideal)
        {
            Deliver(crossing, cargo);
            return;
        }

        var calm = IsCalm;
        ref var random = ref link.Random;
        if (!calm && network.Loss > 0 && random.NextDouble() < network.Loss)
        {
            Depart(link, crossing); // it is lost on the way, having occupied the sender's interface
            Drop(crossing, "lost");
            return;
        }

        if (IsCut(crossing.From, crossing.To))
        {
            Depart(link, crossing);
            Drop(crossing, "partition");
            return;
        }

        if (!calm && network.Duplication > 0 && random.NextDouble() < network.Duplication)
        {
            Transmit(link, crossing with { Message = message is IOwnsBuffers owner ? owner.Copy() : message }, cargo);
        }

        Transmit(link, crossing, cargo);
    }

    private bool IsCalm => network.CalmAfterSeconds > 0 && time.Seconds >= network.CalmAfterSeconds;

    /// <summary>A message that its sender does not let out: it takes the other for dead.</summary>
    public void Refuse(Link link, object message, long bytes, object? speaker)
    {
        var crossing = new Crossing(_messages++, link.From.Id, link.To.Id, message, bytes) { Speaker = speaker };
        foreach (var observer in observers)
        {
            observer.Sent(time.Seconds, crossing);
        }

        Drop(crossing, "quarantined");
    }

    /// <summary>The sender's interface sends one message after the other: when this one is out, in ticks.</summary>
    private double Depart(Link link, in Crossing crossing) => link.From.SendFree = Math.Max(time.Ticks, link.From.SendFree)
        + Occupied(link.From, crossing.Bytes);

    /// <summary>When the message is out of the sender's interface, the link takes its time.</summary>
    private void Transmit(Link link, in Crossing crossing, object? cargo)
    {
        ref var random = ref link.Random;
        var departs = Depart(link, crossing);
        var arrival = (long)Math.Round(departs) + VirtualTime.TicksOf(network.Latency.Draw(ref random) + network.Jitter.Draw(ref random));
        if (network.Reordering == 0 || IsCalm || random.NextDouble() >= network.Reordering)
        {
            arrival = Math.Max(arrival, link.LastArrival);
            link.LastArrival = arrival;
        }

        time.After(arrival - time.Ticks, new Arrival(this, link, crossing, cargo, departs));
    }

    private void Arrive(Arrival arrival, Link link, in Crossing crossing, object? cargo)
    {
        if (link.From.CrashedBetween(arrival.SenderCrashes, arrival.Departs))
        {
            Drop(crossing, "down"); // it still waited in the sender's interface
            return;
        }

        var receiver = link.To;
        var occupied = Occupied(receiver, crossing.Bytes);
        if (occupied == 0 && receiver.Receiving == 0)
        {
            Deliver(crossing, cargo);
            return;
        }

        receiver.ReceiveFree = Math.Max(time.Ticks, receiver.ReceiveFree) + occupied;
        receiver.Receiving++;
        arrival.Receive();
        time.After((long)Math.Round(receiver.ReceiveFree) - time.Ticks, arrival);
    }

    private void Received(Link link, in Crossing crossing, object? cargo, int crashes)
    {
        if (link.To.Crashes != crashes)
        {
            Drop(crossing, "down"); // it waited in the interface of a machine that crashed
            return;
        }

        link.To.Receiving--;
        Deliver(crossing, cargo);
    }

    private void Deliver(in Crossing crossing, object? cargo)
    {
        if (IsCut(crossing.From, crossing.To))
        {
            Drop(crossing, "partition");
        }
        else if (!deliver(crossing, cargo, Show))
        {
            Drop(crossing, "down");
        }
    }

    private void Show(Crossing crossing)
    {
        foreach (var observer in observers)
        {
            observer.Delivered(time.Seconds, crossing);
        }
    }

    private void Drop(in Crossing crossing, string reason)
    {
        foreach (var observer in observers)
        {
            observer.Dropped(time.Seconds, crossing, reason);
        }

        (crossing.Message as IOwnsBuffers)?.Return();
    }

    /// <summary>Ticks that a message keeps an interface busy: less than one for a small message, so they are not
    /// rounded until something happens.</summary>
    private double Occupied(Machine machine, long bytes) => TimeSpan.TicksPerSecond
        * ((network.BytesPerSecond > 0 ? bytes / network.BytesPerSecond : 0) + (machine.Id.Role is NodeRole.Shard or NodeRole.Server
            ? machine.Model.ServiceSecondsOf(bytes) : 0));

    /// <summary>A message comes in: first it reaches the receiver's interface, then, when that is free, whom it is for.</summary>
    private sealed class Arrival(SimulatedNetwork network, Link link, Crossing crossing, object? cargo, double departs) : IVirtualEvent
    {
        private int _receiverCrashes = -1;

        /// <summary>How often the sender had crashed when it sent the message.</summary>
        public int SenderCrashes { get; } = link.From.Crashes;

        /// <summary>When the message left the sender's interface, in ticks.</summary>
        public double Departs => departs;

        /// <summary>It has reached the receiver's interface.</summary>
        public void Receive() => _receiverCrashes = link.To.Crashes;

        public void Happen()
        {
            if (_receiverCrashes >= 0)
            {
                network.Received(link, crossing, cargo, _receiverCrashes);
            }
            else
            {
                network.Arrive(this, link, crossing, cargo);
            }
        }
    }
}
