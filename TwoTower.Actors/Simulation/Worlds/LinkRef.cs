using Akka.Actor;
using Akka.Dispatch.SysMsg;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Network;

namespace TwoTower.Actors.Simulation.Worlds;

/// <summary>How the actor on one node knows that on another: what is told to it goes over the network. It stays the same
/// when the other is started again.</summary>
internal sealed class LinkRef(SimulatedWorld world, Link way, ActorPath path, IActorRefProvider provider) : MinimalActorRef
{
    public Link Way => way;

    public NodeId To => way.To.Id;

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
