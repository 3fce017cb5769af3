using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Who watches whom by an endpoint's links. The endpoint watches the targets, and passes on that they have
/// ended as the end of the links.</summary>
/// <param name="endpoint">The endpoint, whose thread this is used on.</param>
internal sealed class EndpointWatches(IActorContext endpoint)
{
    private readonly HashSet<(EndpointLink Link, IActorRef Watcher)> _watches = [];

    /// <summary>Somebody watches a link.</summary>
    public void Add(EndpointLink.Watched watched)
    {
        if (_watches.Add((watched.Link, watched.Watcher)))
        {
            endpoint.Watch(watched.Link.Target);
        }
    }

    /// <summary>Somebody watches a link no more.</summary>
    public void Remove(EndpointLink.Unwatched unwatched)
    {
        if (_watches.Remove((unwatched.Link, unwatched.Watcher)) && !_watches.Any(watch => watch.Link.Target.Equals(unwatched.Link.Target)))
        {
            endpoint.Unwatch(unwatched.Link.Target);
        }
    }

    /// <summary>Tells all who watch a target that it has ended.</summary>
    public void Tell(Terminated terminated)
    {
        foreach (var watch in _watches.Where(watch => watch.Link.Target.Equals(terminated.ActorRef)).ToArray())
        {
            _watches.Remove(watch);
            ((IInternalActorRef)watch.Watcher)
                .SendSystemMessage(new DeathWatchNotification(watch.Link, terminated.ExistenceConfirmed, terminated.AddressTerminated));
        }
    }
}
