using Akka.Actor;
using Akka.Dispatch.SysMsg;
using TwoTower.Actors.Hosting;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Network;

/// <summary>How the actor on one node knows that on another: what is told to it goes over the network. It stays the same when the other is started again.</summary>
internal sealed class LinkRef(SimulatedWorld world, NodeId from, NodeId to, ActorPath path, IActorRefProvider provider, SeededRandom random) : MinimalActorRef
{
    private SeededRandom _random = random;

    public NodeId From => from;

    public NodeId To => to;

    /// <summary>When the last message that keeps its order arrives.</summary>
    public long LastArrival { get; set; }

    /// <summary>The link's own generator.</summary>
    public ref SeededRandom Random => ref _random;

    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                world.Watch(this, watch.Watcher);
                break;
            case Unwatch unwatch:
                world.Unwatch(this, unwatch.Watcher);
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef sender) => world.Send(this, message);
}
