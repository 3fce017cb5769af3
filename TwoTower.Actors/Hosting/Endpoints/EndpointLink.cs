using Akka.Actor;
using Akka.Dispatch.SysMsg;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Another actor as an endpoint's inner actor knows it.</summary>
internal sealed class EndpointLink(IActorRef endpoint, IActorRefProvider provider, IActorRef target, ShardId? shard) : MinimalActorRef
{
    // Akka compares references by path, so equal targets make equal links.
    private readonly ActorPath _path = endpoint.Path / $"link{shard?.Value}-{Uri.EscapeDataString(target.Path.ToSerializationFormat())}";

    /// <summary>The other.</summary>
    public IActorRef Target => target;

    /// <summary>The shard that is meant.</summary>
    public ShardId Shard => shard ?? EndpointProtocol.NoShard;

    /// <summary>Whether the target is an actor of this system and no stand-in for one elsewhere: it has sent something itself.</summary>
    public bool IsHere { get; set; }

    public override ActorPath Path => _path;

    public override IActorRefProvider Provider => provider;

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch:
                endpoint.Tell(new Watched(this, watch.Watcher), ActorRefs.NoSender);
                break;
            case Unwatch unwatch:
                endpoint.Tell(new Unwatched(this, unwatch.Watcher), ActorRefs.NoSender);
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef sender) => endpoint.Tell(new Told(this, message), ActorRefs.NoSender);

    /// <summary>Something was told to a link.</summary>
    internal sealed record Told(EndpointLink Link, object Message) : INoSerializationVerificationNeeded;

    /// <summary>Somebody watches a link.</summary>
    internal sealed record Watched(EndpointLink Link, IInternalActorRef Watcher) : INoSerializationVerificationNeeded;

    /// <summary>Somebody watches a link no more.</summary>
    internal sealed record Unwatched(EndpointLink Link, IInternalActorRef Watcher) : INoSerializationVerificationNeeded;
}
