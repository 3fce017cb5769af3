using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using static TwoTower.Actors.Simulation.Clusters.RegionMessages;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>A node's way to every shard, and the place of those that it has: Akka's shard region, modelled. Without a
/// way to make shards it is a proxy.</summary>
internal sealed class RegionActor : ReceiveActor, IWithTimers
{
    /// <summary>Name on every node.</summary>
    public const string Name = "region";

    private readonly NodeLife _life;
    private readonly ClusterTimes _times;
    private readonly Func<ShardId, Props>? _shard;
    private readonly object? _handOff;
    private readonly string _role;
    private readonly SortedDictionary<int, string> _homes = [];
    private readonly SortedDictionary<int, Queue<(object Message, IActorRef Sender)>> _kept = [];
    private readonly SortedDictionary<int, IActorRef> _entities = [];
    private readonly SortedDictionary<int, (long Move, IActorRef Coordinator)> _leaving = [];
    private int _keptMessages;
    private IActorRef? _left;

    public RegionActor(NodeLife life, ClusterTimes times, string role, Func<ShardId, Props>? shard, object? handOff)
    {
        (_life, _times, _role, _shard, _handOff) = (life, times, role, shard, handOff);
        life.Membership.Subscribe(Self);
        Receive<Home>(home => OnHome(home.Shard.Value, home.Region));
        Receive<BeginHandOff>(OnBeginHandOff);
        Receive<HandOff>(OnHandOff);
        Receive<Rid>(rid => rid.Region == life.Name && _entities.Count == 0, _ => _left?.Tell(Left.Instance));
        Receive<Leave>(_ => OnLeave());
        Receive<Again>(_ => OnAgain());
        Receive<PeerChanged>(change => change.Peer.Status == PeerStatus.Removed, change => OnRemoved(change.Peer.Name));
        Receive<Terminated>(OnTerminated);
        Receive<IWithShardId>(message => Route(message, Sender));
        Receive<MembersAre>(_ => { });
        Receive<PeerChanged>(_ => { });
        Receive<PeerUnreachable>(_ => { });
        Receive<PeerDisconnected>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(Again), Again.Instance, TimeSpan.Zero, TimeSpan.FromSeconds(_times.RegionRetry));

    /// <summary>A shard that fails is started again by the next message for it.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    private void Route(IWithShardId message, IActorRef sender)
    {
        var shard = message.Shard.Value;
        if (!_homes.TryGetValue(shard, out var home))
        {
            Keep(shard, message, sender);
        }
        else if (home != _life.Name)
        {
            _life.Named(home, Name).Tell(message, sender);
        }
        else if (_leaving.ContainsKey(shard))
        {
            Keep(shard, message, sender);
        }
        else
        {
            EntityOf(shard).Tell(message, sender);
        }
    }

    private void Keep(int shard, object message, IActorRef sender)
    {
        if (_keptMessages >= _times.Buffer)
        {
            (message as IOwnsBuffers)?.Return();
            return;
        }

        if (!_kept.TryGetValue(shard, out var kept))
        {
            _kept.Add(shard, kept = new());
            Ask(shard);
        }

        kept.Enqueue((message, sender));
        _keptMessages++;
    }

    private IActorRef EntityOf(int shard)
    {
        if (!_entities.TryGetValue(shard, out var entity))
        {
            _entities[shard] = entity = Context.ActorOf(_shard!(new ShardId(shard)), $"shard-{shard}-{_life.Count()}");
            Context.Watch(entity);
        }

        return entity;
    }

    private void Ask(int shard) => ToCoordinator(new GetHome(new ShardId(shard), _life.Name));

    private void ToCoordinator(object message)
    {
        if (_life.Membership.OldestOf(_role) is { } oldest)
        {
            _life.Membership.ActorOn(oldest, RegionCoordinatorActor.Path).Tell(message, Self);
        }
    }

    private void OnAgain()
    {
        if (_shard is not null)
        {
            ToCoordinator(new Register(_life.Name, _left is not null));
        }

        foreach (var shard in _kept.Keys)
        {
            Ask(shard);
        }
    }

    private void OnHome(int shard, string region)
    {
        if ((region == _life.Name && _shard is null) || _life.Membership.HasRemoved(region))
        {
            return; // the coordinator has yet to hear of it
        }

        _homes[shard] = region;
        if (region == _life.Name && !_leaving.ContainsKey(shard))
        {
            EntityOf(shard);
        }

        if (_kept.Remove(shard, out var kept))
        {
            _keptMessages -= kept.Count;
            foreach (var (message, sender) in kept)
            {
                Route((IWithShardId)message, sender);
            }
        }
    }

    private void OnBeginHandOff(BeginHandOff begin)
    {
        _homes.Remove(begin.Shard.Value);
        Sender.Tell(new BeganHandOff(begin.Shard, begin.Move, _life.Name));
    }

    private void OnHandOff(HandOff handOff)
    {
        var shard = handOff.Shard.Value;
        _homes.Remove(shard);
        if (!_entities.TryGetValue(shard, out var entity))
        {
            Sender.Tell(new Stopped(handOff.Shard, handOff.Move));
            return;
        }

        if (_leaving.TryAdd(shard, (handOff.Move, Sender)))
        {
            entity.Tell(_handOff!);
        }
        else
        {
            _leaving[shard] = (handOff.Move, Sender);
        }
    }

    private void OnTerminated(Terminated terminated)
    {
        foreach (var (shard, entity) in _entities.Where(entry => entry.Value.Equals(terminated.ActorRef)).ToArray())
        {
            _entities.Remove(shard);
            if (_leaving.Remove(shard, out var leaving))
            {
                leaving.Coordinator.Tell(new Stopped(new ShardId(shard), leaving.Move));
            }
        }
    }

    private void OnLeave()
    {
        _left = Sender;
        OnAgain();
    }

    private void OnRemoved(string name)
    {
        foreach (var shard in _homes.Where(home => home.Value == name).Select(home => home.Key).ToArray())
        {
            _homes.Remove(shard);
        }
    }

    private sealed class Again
    {
        public static readonly Again Instance = new();
    }
}
