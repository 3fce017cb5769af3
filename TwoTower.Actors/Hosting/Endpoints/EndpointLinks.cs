using System.Collections.Concurrent;
using Akka.Actor;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>The links of one endpoint: what stands before its inner actor for everybody else. May be used from any thread.</summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="provider">Of the endpoint's system.</param>
internal sealed class EndpointLinks(IActorRef endpoint, IActorRefProvider provider)
{
    private const int MostKept = 4096;
    private readonly ConcurrentDictionary<(IActorRef Target, int Shard), EndpointLink> _links = new();

    /// <summary>A link to somebody; whoever is a link, or nobody, stays what it is.</summary>
    /// <param name="target">Who.</param>
    /// <param name="shard">The shard that what is told is for, where a region passes it on.</param>
    public IActorRef To(IActorRef target, ShardId? shard = null)
    {
        if (target is EndpointLink or null || target.IsNobody() || target.Equals(provider.DeadLetters))
        {
            return target ?? ActorRefs.Nobody;
        }

        if (_links.Count >= MostKept)
        {
            _links.Clear(); // equal by path, not by identity, so nothing hangs on these
        }

        return _links.GetOrAdd((target, shard?.Value ?? -1), static (key, ends) => new EndpointLink(
            ends.Endpoint, ends.Provider, key.Target, key.Shard < 0 ? null : new ShardId(key.Shard)), (Endpoint: endpoint,
                Provider: provider));
    }

    /// <summary>A link back to where a message came from. One that came without crossing the network is answered in the same way.</summary>
    public IActorRef Back(IActorRef origin)
    {
        var link = To(origin);
        if (link is EndpointLink { IsHere: false } known && origin is IInternalActorRef { IsLocal: true })
        {
            known.IsHere = true;
        }

        return link;
    }
}
