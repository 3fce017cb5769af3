using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>An actor on another node, as one node knows it: what is told to it goes over the network.</summary>
/// <param name="world">The world.</param>
/// <param name="at">The node that knows it.</param>
/// <param name="home">The node that it lives on.</param>
/// <param name="target">The actor.</param>
internal sealed class RemoteRef(ClusterWorld world, NodeLife at, NodeLife home, IActorRef target) : MinimalActorRef
{
    private readonly ActorPath _path =
        (new RootActorPath(new Address("akka", "twotower", home.Node.ToString(), home.Number)) / target.Path.Elements)
        .WithUid(target.Path.Uid);

    public NodeLife Home => home;

    public IActorRef Target => target;

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => world.Provider;

    public override bool IsLocal => false;

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                at.Watch(this, watch.Watcher);
                break;
            case Unwatch unwatch:
                at.Unwatch(this, unwatch.Watcher);
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef sender) =>
        world.Send(at, home, new Cargo.ToActor(target), message, sender);
}

/// <summary>An actor that a node has under a name, found when a message comes.</summary>
/// <param name="world">The world.</param>
/// <param name="at">The node that asks.</param>
/// <param name="home">The node that is meant.</param>
/// <param name="name">The name.</param>
internal sealed class NamedTarget(ClusterWorld world, NodeLife at, NodeLife home, string name) : ICanTell
{
    public void Tell(object message, IActorRef sender)
    {
        if (home == at)
        {
            if (home.Find(name) is { } here)
            {
                here.Tell(message, sender);
            }
            else if (message is Identify identify)
            {
                sender.Tell(new ActorIdentity(identify.MessageId, null));
            }
        }
        else
        {
            world.Send(at, home, new Cargo.ToName(name), message, sender);
        }
    }
}
