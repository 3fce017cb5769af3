using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>A member in the gossip.</summary>
/// <param name="Peer">Who it is and how far it has come.</param>
/// <param name="UpNumber">The order in which members came up; 0 before.</param>
internal sealed record GossipedPeer(Peer Peer, int UpNumber)
{
    /// <summary>Whether it is known to have come up. One that leaves before has no part in what members have by age, as in Akka.</summary>
    public bool HasBeenUp => UpNumber > 0;
}

/// <summary>What a node knows of the cluster: members, who reaches whom, and who has seen what. States are merged, never replaced; the
/// order of merging does not matter. Without actors.</summary>
internal sealed class GossipState
{
    private readonly SortedDictionary<string, GossipedPeer> _members = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(string Observer, string Subject), (bool Reachable, long Version)> _reachability = [];
    private readonly SortedDictionary<string, (long Version, long Digest)> _seen = new(StringComparer.Ordinal);
    private long _digest;

    /// <summary>Members that are not removed, in the order of their addresses, as the resolver takes them.</summary>
    public IReadOnlyList<GossipedPeer> Members { get; private set; } = [];

    /// <summary>Members whom somebody does not reach.</summary>
    public IReadOnlySet<string> Unreachable { get; private set; } = new SortedSet<string>(StringComparer.Ordinal);

    /// <summary>Stands for the whole state but for who has seen it.</summary>
    public long Digest => _digest;

    /// <summary>Who does not reach whom.</summary>
    public IEnumerable<(string Observer, string Subject)> Unreached => _reachability.Where(entry => !entry.Value.Reachable)
        .Select(entry => entry.Key);

    /// <summary>A member, removed ones included.</summary>
    public GossipedPeer? this[string name] => _members.GetValueOrDefault(name);

    /// <summary>Sets a member; a status never goes back.</summary>
    public void Set(GossipedPeer member)
    {
        Merge(member);
        Changed();
    }

    /// <summary>An observer says whether it reaches another.</summary>
    public void Observe(string observer, string subject, bool reachable)
    {
        var known = _reachability.TryGetValue((observer, subject), out var before);
        if (known ? before.Reachable != reachable : !reachable)
        {
            _reachability[(observer, subject)] = (reachable, before.Version + 1);
            Changed();
        }
    }

    /// <summary>A member has seen the state as it is now.</summary>
    public void See(string name, long version) => _seen[name] = (version, _digest);

    /// <summary>Whether a member has seen the state as it is now, as far as is known.</summary>
    public bool HasSeen(string name) => _seen.TryGetValue(name, out var seen) && seen.Digest == _digest;

    /// <summary>Members whom somebody does not reach, and who have not been given up.</summary>
    public IEnumerable<string> Undecided => Unreachable.Where(name => this[name] is { Peer.Status: < PeerStatus.Exiting });

    /// <summary>Who acts for the cluster, as a member sees it.</summary>
    public GossipedPeer? LeaderAt(string name)
    {
        var reachable = Members.Where(member => member.Peer.Name == name || !Unreachable.Contains(member.Peer.Name)).ToArray();
        return reachable.FirstOrDefault(member => member.Peer.Status is PeerStatus.Up or PeerStatus.Leaving) ?? reachable.FirstOrDefault();
    }

    /// <summary>Whether everybody who can be reached knows what this node knows, and nobody is
    /// unreachable who has not been given up.</summary>
    public bool IsConvergedAt(string name) => !Undecided.Any() && Members.All(member =>
        member.Peer.Name == name || member.Peer.Status is PeerStatus.Joining or PeerStatus.Down || Unreachable.Contains(member.Peer.Name)
            || HasSeen(member.Peer.Name));

    /// <summary>Takes in what another knows.</summary>
    public void Merge(GossipState other)
    {
        foreach (var member in other._members.Values)
        {
            Merge(member);
        }

        foreach (var (key, value) in other._reachability)
        {
            if (!_reachability.TryGetValue(key, out var mine) || mine.Version < value.Version)
            {
                _reachability[key] = value;
            }
        }

        foreach (var (name, seen) in other._seen)
        {
            if (!_seen.TryGetValue(name, out var mine) || mine.Version < seen.Version)
            {
                _seen[name] = seen;
            }
        }

        Changed();
    }

    /// <summary>The state as it is now.</summary>
    public GossipState Copy()
    {
        var copy = new GossipState();
        copy.Merge(this);
        return copy;
    }

    private void Merge(GossipedPeer member)
    {
        if (!_members.TryGetValue(member.Peer.Name, out var mine))
        {
            _members.Add(member.Peer.Name, member);
        }
        else if (member.Peer.Status > mine.Peer.Status || member.UpNumber > mine.UpNumber)
        {
            _members[member.Peer.Name] = new GossipedPeer(member.Peer.Status > mine.Peer.Status ? member.Peer : mine.Peer,
                Math.Max(member.UpNumber, mine.UpNumber));
        }
    }

    private void Changed()
    {
        foreach (var gone in _reachability.Keys.Where(key => IsRemoved(key.Observer) || IsRemoved(key.Subject)).ToArray())
        {
            _reachability.Remove(gone);
        }

        Members = [.. _members.Values.Where(member => member.Peer.Status != PeerStatus.Removed)
            .OrderBy(member => member.Peer.Address, StringComparer.Ordinal).ThenBy(member => member.Peer.Name, StringComparer.Ordinal)];
        Unreachable = new SortedSet<string>(Unreached.Select(key => key.Subject), StringComparer.Ordinal);
        var digest = 17L;
        foreach (var (name, member) in _members)
        {
            digest = Mix(Mix(Mix(digest, name), (long)member.Peer.Status), member.UpNumber);
        }

        foreach (var ((observer, subject), value) in _reachability)
        {
            digest = Mix(Mix(Mix(digest, observer), subject), (value.Version << 1) | (value.Reachable ? 1L : 0L));
        }

        _digest = digest;
    }

    private bool IsRemoved(string name) => _members.TryGetValue(name, out var member) && member.Peer.Status == PeerStatus.Removed;

    private static long Mix(long digest, string text)
    {
        foreach (var letter in text)
        {
            digest = Mix(digest, letter);
        }

        return digest;
    }

    private static long Mix(long digest, long value) => unchecked((digest ^ value) * 0x100000001B3);
}
