using Akka.Actor;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation;

// The machines, and what is on its way to them.
public sealed partial class SimulatedWorld
{
    /// <summary>One machine: its actor, its clock speed, its network interface.</summary>
    private sealed class Node(SimulatedWorld world, NodeId id, ActorPath path, ComputeModel model) : ITimedWork
    {
        private readonly List<long> _crashedAt = [];
        private double _computesUntil;

        public NodeId Id => id;

        public ActorPath Path => path;

        /// <summary>How the node's actor reaches others.</summary>
        public NodeMap<LinkRef> Links { get; } = new();

        public ComputeModel Model => model;

        public IActorRef? Actor { get; set; }

        public Func<Props>? Props { get; set; }

        public int Incarnation { get; set; }

        /// <summary>Until when the interface sends what it has been given, in ticks.</summary>
        public double SendFree { get; set; }

        /// <summary>Until when the interface receives what has reached it, in ticks.</summary>
        public double ReceiveFree { get; set; }

        /// <summary>Messages that have reached the interface and not the actor.</summary>
        public int Receiving { get; set; }

        /// <summary>How often the machine has crashed.</summary>
        public int Crashes => _crashedAt.Count;

        /// <summary>Writes to come that will report success and leave nothing.</summary>
        public int WritesToLose { get; set; }

        /// <summary>What the machine was doing is undone: its actor, what its interface held, and what it was computing.</summary>
        public void Crash()
        {
            _crashedAt.Add(world._time.Ticks);
            (Actor, SendFree, ReceiveFree, Receiving, _computesUntil) = (null, 0, 0, 0, 0);
        }

        /// <summary>Whether the machine crashed since a moment at which it had done so <paramref name="crashes"/> times, and before another (in ticks).</summary>
        public bool CrashedBetween(int crashes, double before) => Crashes > crashes && _crashedAt[crashes] < before;

        public void Run(IActorRef to, WorkKind kind, long size, Func<object> work)
        {
            // One gradient after the other: a worker that began a new life may ask for one while that of the old life is still being computed.
            var now = world._time.Seconds;
            var waits = kind == WorkKind.Gradient ? Math.Max(0, _computesUntil - now) : 0;
            var seconds = waits + model.SecondsOf(now + waits, kind, size);
            if (kind == WorkKind.Gradient)
            {
                _computesUntil = now + seconds;
            }

            foreach (var observer in world._observers)
            {
                observer.Working(now, id, kind, size, seconds);
            }

            // Numbers are worked out now and told when the machine would have been done. A write is there when it is done, or not at all.
            var (result, crashes) = (kind == WorkKind.DiskWrite ? null : RealTimeWork.Result(work), Crashes);
            world._time.After(VirtualTime.TicksOf(seconds), new VirtualCall(() =>
            {
                if (Crashes == crashes)
                {
                    to.Tell(result ?? RealTimeWork.Result(work), to);
                }
            }));
        }
    }

    /// <summary>A message comes in: first it reaches the receiver's interface, then, when that is free, the actor.</summary>
    private sealed class Arrival(SimulatedWorld world, Crossing crossing, int senderCrashes, double departs) : IVirtualEvent
    {
        private int _receiverCrashes = -1;

        /// <summary>How often the sender had crashed when it sent the message.</summary>
        public int SenderCrashes => senderCrashes;

        /// <summary>When the message left the sender's interface, in ticks.</summary>
        public double Departs => departs;

        /// <summary>It has reached the receiver's interface.</summary>
        public void Receive(int receiverCrashes) => _receiverCrashes = receiverCrashes;

        public void Happen()
        {
            if (_receiverCrashes >= 0)
            {
                world.Received(crossing, _receiverCrashes);
            }
            else
            {
                world.Arrive(crossing, this);
            }
        }
    }
}
