using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Ids;
using static TwoTower.Actors.Simulation.Clusters.RegionMessages;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>Says which region has which shard, and moves shards: Akka's shard coordinator, modelled. It
/// lives on the oldest server node.</summary>
internal sealed class RegionCoordinatorActor : ReceiveActor, IWithTimers
{
    /// <summary>Name of its manager.</summary>
    public const string Name = "region-coordinator";

    /// <summary>Where it is found.</summary>
    public const string Path = Name + "/one";

    private readonly NodeLife _life;
    private readonly ClusterTimes _times;
    private readonly string _role;
    private readonly ShardHomes _known;
    private readonly SortedSet<string> _leaving = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, Moving> _moving = [];
    private readonly SortedDictionary<string, double> _gone = new(StringComparer.Ordinal);
    private double _rebalanced;

    public RegionCoordinatorActor(NodeLife life, ClusterTimes times, string role)
    {
        (_life, _times, _role, _known) = (life, times, role, life.Homes);
        life.Membership.Subscribe(Self);
        _rebalanced = life.Seconds;
        Receive<Register>(OnRegister);
        Receive<GetHome>(OnGetHome);
        Receive<BeganHandOff>(began => OnBegan(began));
        Receive<Stopped>(OnStopped);
        Receive<Tick>(_ => OnTick());
        Receive<PeerChanged>(change => change.Peer.Status == PeerStatus.Removed, change => _gone.TryAdd(change.Peer.Name, _life.Seconds));
        Receive<MembersAre>(OnMembers);
        Receive<PeerChanged>(_ => { });
        Receive<PeerUnreachable>(_ => { });
        Receive<PeerDisconnected>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>What is not written down with a majority of the servers has not happened.</summary>
    private bool CanWrite => _life.SeesMajority(_role);

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.FromSeconds(_times.RegionRetry));

    /// <summary>Regions of nodes that are no members when the coordinator begins are gone for it at once, as for Akka's: it has waited
    /// itself, where it was lost.</summary>
    private void OnMembers(MembersAre now)
    {
        foreach (var gone in _known.Regions.Concat(_known.Homes.Values)
            .Where(region => now.Members.All(member => member.Name != region)).ToArray())
        {
            _gone.TryAdd(gone, double.NegativeInfinity);
        }
    }

    private void OnRegister(Register register)
    {
        if (!CanWrite || _gone.ContainsKey(register.Region))
        {
            return;
        }

        _known.Regions.Add(register.Region);
        if (register.Leaves)
        {
            _leaving.Add(register.Region);
            if (!_known.Homes.ContainsValue(register.Region))
            {
                _known.Regions.Remove(register.Region);
                Sender.Tell(new Rid(register.Region));
            }
        }
    }

    private void OnGetHome(GetHome get)
    {
        if (_moving.ContainsKey(get.Shard.Value) || !CanWrite)
        {
            return; // asked again
        }

        if (!_known.Homes.TryGetValue(get.Shard.Value, out var home) && Emptiest() is { } region)
        {
            _known.Homes[get.Shard.Value] = home = region;
        }

        if (home is null || _gone.ContainsKey(home))
        {
            return;
        }

        _life.Named(home, RegionActor.Name).Tell(new Home(get.Shard, home), Self);
        if (home != get.Region)
        {
            Sender.Tell(new Home(get.Shard, home));
        }
    }

    private string? Emptiest() => _known.Regions.Where(region => !_leaving.Contains(region) && !_gone.ContainsKey(region)
        && _life.Membership.Reaches(region)).OrderBy(Shards).ThenBy(region => region, StringComparer.Ordinal).FirstOrDefault();

    private int Shards(string region) => _known.Homes.Values.Count(home => home == region);

    private void OnTick()
    {
        if (!CanWrite)
        {
            return;
        }

        foreach (var (gone, since) in _gone.ToArray())
        {
            if (_life.Seconds - since >= _times.RemovalMargin)
            {
                _known.Regions.Remove(gone);
                foreach (var shard in _known.Homes.Where(home => home.Value == gone).Select(home => home.Key).ToArray())
                {
                    _known.Homes.Remove(shard);
                    _moving.Remove(shard);
                }
            }
        }

        foreach (var (shard, moving) in _moving.ToArray())
        {
            if (_life.Seconds - moving.Since >= _times.HandOff)
            {
                _moving.Remove(shard);
            }
            else
            {
                GoOn(shard, moving);
            }
        }

        foreach (var shard in _known.Homes.Where(home => _leaving.Contains(home.Value) && !_moving.ContainsKey(home.Key))
            .Select(home => home.Key).ToArray())
        {
            Move(shard);
        }

        if (_life.Seconds - _rebalanced >= _times.Rebalance)
        {
            _rebalanced = _life.Seconds;
            Rebalance();
        }
    }

    /// <summary>One shard at a time, from the region that has most to that which has least, when they are more than one apart.</summary>
    private void Rebalance()
    {
        var regions = _known.Regions.Where(region => !_leaving.Contains(region) && !_gone.ContainsKey(region)).OrderBy(Shards)
            .ThenBy(region => region, StringComparer.Ordinal).ToArray();
        if (_moving.Count == 0 && _leaving.Count == 0 && regions.Length > 1 && Shards(regions[^1]) - Shards(regions[0]) > 1)
        {
            Move(_known.Homes.First(home => home.Value == regions[^1]).Key);
        }
    }

    private void Move(int shard)
    {
        var moving = new Moving(_life.Count(), _life.Seconds, new SortedSet<string>(_life.Regions(), StringComparer.Ordinal));
        _moving.Add(shard, moving);
        GoOn(shard, moving);
    }

    private void GoOn(int shard, Moving moving)
    {
        moving.Awaited.RemoveWhere(region => _gone.ContainsKey(region) || _life.Membership.HasRemoved(region));
        foreach (var region in moving.Awaited)
        {
            _life.Named(region, RegionActor.Name).Tell(new BeginHandOff(new ShardId(shard), moving.Number), Self);
        }

        if (moving.Awaited.Count == 0 && _known.Homes.TryGetValue(shard, out var home))
        {
            _life.Named(home, RegionActor.Name).Tell(new HandOff(new ShardId(shard), moving.Number), Self);
        }
    }

    private void OnBegan(BeganHandOff began)
    {
        if (_moving.TryGetValue(began.Shard.Value, out var moving) && moving.Number == began.Move && moving.Awaited.Remove(began.Region)
            && moving.Awaited.Count == 0)
        {
            GoOn(began.Shard.Value, moving);
        }
    }

    private void OnStopped(Stopped stopped)
    {
        if (CanWrite && _moving.TryGetValue(stopped.Shard.Value, out var moving) && moving.Number == stopped.Move)
        {
            _moving.Remove(stopped.Shard.Value);
            _known.Homes.Remove(stopped.Shard.Value);
            if (Emptiest() is { } region)
            {
                _known.Homes[stopped.Shard.Value] = region;
                _life.Named(region, RegionActor.Name).Tell(new Home(stopped.Shard, region), Self);
            }
        }
    }

    private sealed record Moving(long Number, double Since, SortedSet<string> Awaited);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
