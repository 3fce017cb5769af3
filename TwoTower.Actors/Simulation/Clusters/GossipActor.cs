using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Model;
using static TwoTower.Actors.Simulation.Clusters.GossipMessages;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>A node's part of the modelled membership: it joins, answers and watches heartbeats, gossips, acts as leader when it is the
/// first, and resolves split networks as keep-majority does.</summary>
internal sealed class GossipActor : ReceiveActor, IWithTimers
{
    /// <summary>Name on every node.</summary>
    public const string Name = "gossip";

    /// <summary>For so many rounds of its leader's work a node that has been downed waits for others to
    /// hear of it (Akka's own number).</summary>
    private const int MostDownTicks = 4;

    private readonly NodeLife _life;
    private readonly ClusterTimes _times;
    private readonly GossipState _state = new();
    private readonly HeartbeatsHeard _heard;
    private readonly SortedSet<string> _confirmed = new(StringComparer.Ordinal);
    private readonly IScheduler _scheduler = Context.System.Scheduler;
    private SeededRandom _random;
    private long _version;
    private int _seed;
    private readonly double _began;
    private double _stableSince;
    private double? _unstableSince;
    private bool _exits;
    private int _goodbyes;
    private int _downTicks;

    public GossipActor(NodeLife life, ClusterTimes times, SeededRandom random)
    {
        (_life, _times, _random, _began, _heard) =
            (life, times, random, life.Seconds, new HeartbeatsHeard(times.HeartbeatPause + times.Heartbeat));
        life.Membership.Begin(_state);
        Receive<Gossip>(OnGossip);
        Receive<Heartbeat>(beat => life.SendTo(beat.From, Name, new HeartbeatReply(life.Name)));
        Receive<HeartbeatReply>(reply => _heard.Hear(reply.From, Now));
        Receive<Join>(OnJoin);
        Receive<ExitConfirmed>(exit => _confirmed.Add(exit.Name));
        Receive<GossipTick>(_ => SendGossip());
        Receive<HeartbeatTick>(_ => OnHeartbeatTick());
        Receive<LeaderTick>(_ => Lead());
        Receive<ReaperTick>(_ => Reap());
        Receive<ResolverTick>(_ => Resolve());
        Receive<Leave>(_ => Change(_life.Name, PeerStatus.Leaving));
        Receive<RemovedBy>(OnRemoved);
        Receive<Found>(_ => Change(new GossipedPeer(_life.Peer with { Status = PeerStatus.Up }, 1)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private double Now => _scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Whether it gossips: one that has been downed tells others that have been with it.</summary>
    private bool Gossips => _state[_life.Name] is { Peer.Status: < PeerStatus.Removed };

    private bool IsMember => _state[_life.Name] is { Peer.Status: < PeerStatus.Down };

    protected override void PreStart()
    {
        Every(GossipTick.Instance, _times.Gossip);
        Every(HeartbeatTick.Instance, _times.Heartbeat);
        Every(LeaderTick.Instance, _times.LeaderActions);
        Every(ReaperTick.Instance, _times.Reaper);
        Every(ResolverTick.Instance, 1);
        if (!_life.Founds)
        {
            AskToJoin();
        }
        else
        {
            Self.Tell(Found.Instance);
        }
    }

    /// <summary>Nodes do not tick together.</summary>
    private void Every(object tick, double seconds) =>
        Timers.StartPeriodicTimer(tick, tick, TimeSpan.FromSeconds(seconds * _random.NextDouble()), TimeSpan.FromSeconds(seconds));

    private void OnHeartbeatTick()
    {
        if (_state[_life.Name] is null)
        {
            AskToJoin();
            return;
        }

        foreach (var other in Others())
        {
            _heard.Expect(other.Peer.Name, Now);
            _life.SendTo(other.Peer.Name, Name, new Heartbeat(_life.Name));
        }
    }

    private void AskToJoin()
    {
        if (Now - _began > _times.JoinWithin)
        {
            _life.EndItself($"it could not join within {_times.JoinWithin} s");
            return;
        }

        var seeds = _life.Seeds;
        if (seeds.Count > 0)
        {
            _life.SendToNode(seeds[_seed++ % seeds.Count], Name, new Join(_life.Peer));
        }
    }

    private void OnJoin(Join join)
    {
        if (_state[_life.Name] is not { Peer.Status: PeerStatus.Up } || _state[join.Peer.Name] is { Peer.Status: PeerStatus.Removed })
        {
            return;
        }

        // An earlier life at the same address is gone for certain, and goes first.
        var earlier = _state.Members.Where(member => member.Peer.Address == join.Peer.Address && member.Peer.Name != join.Peer.Name)
            .ToArray();
        foreach (var member in earlier)
        {
            _state.Observe(_life.Name, member.Peer.Name, reachable: false);
            Change(member.Peer.Name, PeerStatus.Down);
        }

        if (earlier.Length == 0)
        {
            Change(new GossipedPeer(join.Peer, 0));
            _life.SendTo(join.Peer.Name, Name, new Gossip(_life.Name, _state.Copy()));
        }
    }

    private void OnGossip(Gossip gossip)
    {
        _state.Merge(gossip.State);
        Changed();
        if (Gossips && (_state.Digest != gossip.State.Digest || !gossip.State.HasSeen(_life.Name)))
        {
            _life.SendTo(gossip.From, Name, new Gossip(_life.Name, _state.Copy()));
        }
    }

    /// <summary>A node that this one takes for a member has removed it: whatever this one decides from here on,
    /// it decides beside the cluster.</summary>
    private void OnRemoved(RemovedBy by)
    {
        if (_state[_life.Name] is { Peer.Status: < PeerStatus.Exiting } && _state.Members.Any(member => member.Peer.Address == by.Address))
        {
            Change(_life.Name, PeerStatus.Down);
        }
    }

    private void SendGossip()
    {
        var reachable = Others().Where(other => !_state.Unreachable.Contains(other.Peer.Name)).ToArray();
        if (!Gossips)
        {
            return;
        }

        if (reachable.Length == 0)
        {
            if (_life.ExitConfirmed)
            {
                _life.ShutDown("it has left"); // there is nobody to tell
            }

            return;
        }

        var behind = reachable.Where(other => !_state.HasSeen(other.Peer.Name)).ToArray();
        var among = behind.Length > 0 && _random.NextDouble() < 0.8 ? behind : reachable;
        _life.SendTo(among[_random.NextInt(among.Length)].Peer.Name, Name, new Gossip(_life.Name, _state.Copy()));
        if (_life.ExitConfirmed && _state.LeaderAt(_life.Name) is { } leader)
        {
            _life.SendTo(leader.Peer.Name, Name, new ExitConfirmed(_life.Name));
            if (++_goodbyes > 3)
            {
                _life.ShutDown("it has left"); // whoever has removed it speaks with it no more
            }
        }
    }

    private void Reap()
    {
        _heard.Judge(_state, _life.Name, Now);
        Changed();
    }

    private void Lead()
    {
        if (_state[_life.Name] is { Peer.Status: PeerStatus.Down })
        {
            // Others that are downed with it are to hear of it first.
            if (++_downTicks >= MostDownTicks || Others()
                .All(other => other.Peer.Status != PeerStatus.Down || _state.Unreachable.Contains(other.Peer.Name)
                || _state.HasSeen(other.Peer.Name)))
            {
                _life.ShutDown("it has been downed");
            }

            return;
        }

        if (_state.LeaderAt(_life.Name)?.Peer.Name != _life.Name || !_state.IsConvergedAt(_life.Name))
        {
            return;
        }

        foreach (var member in _state.Members)
        {
            switch (member.Peer.Status)
            {
                case PeerStatus.Joining:
                    Change(new GossipedPeer(member.Peer with { Status = PeerStatus.Up }, 1 + _state.Members.Max(other => other.UpNumber)));
                    break;
                case PeerStatus.Leaving:
                    Change(member.Peer.Name, PeerStatus.Exiting);
                    break;
                case PeerStatus.Down:
                case PeerStatus.Exiting when _confirmed.Contains(member.Peer.Name) || _state.Unreachable.Contains(member.Peer.Name):
                    Change(member.Peer.Name, PeerStatus.Removed);
                    break;
            }
        }
    }

    private void Resolve()
    {
        if (!IsMember)
        {
            return;
        }

        var now = Now;
        if (_unstableSince is { } since && now - since > _times.StableAfter + _times.DownAllWhenUnstable)
        {
            Down(_state.Members.Select(member => member.Peer.Name));
        }
        else if (_state.LeaderAt(_life.Name)?.Peer.Name == _life.Name && _state.Undecided.Any() && now - _stableSince >= _times.StableAfter)
        {
            Down(KeepMajority.Decide(_state));
        }
    }

    private void Down(IEnumerable<string> names)
    {
        foreach (var name in names.ToArray())
        {
            Change(name, PeerStatus.Down);
        }
    }

    private IEnumerable<GossipedPeer> Others() => _state.Members.Where(member => member.Peer.Name != _life.Name);

    private void Change(string name, PeerStatus status)
    {
        if (_state[name] is { } member && member.Peer.Status < status)
        {
            Change(member with { Peer = member.Peer with { Status = status } });
        }
    }

    private void Change(GossipedPeer member)
    {
        _state.Set(member);
        Changed();
    }

    /// <summary>Tells the node of what is new, and sees the state as it is.</summary>
    private void Changed()
    {
        if (!_state.HasSeen(_life.Name))
        {
            _state.See(_life.Name, ++_version);
            _stableSince = Now;
            _unstableSince = _state.Undecided.Any() ? _unstableSince ?? Now : null;
        }

        _life.Membership.Publish();
        switch (_state[_life.Name]?.Peer.Status)
        {
            case PeerStatus.Exiting when !_exits:
                _exits = true;
                _life.Exit();
                break;
            case PeerStatus.Down:
                _life.StopSingletons();
                break;
            case PeerStatus.Removed:
                _life.ShutDown(_exits ? "it has left" : "it has been removed");
                break;
        }
    }
}
