using static TwoTower.Actors.Protocol.MajorityProtocol;

namespace TwoTower.Actors.Hosting.Majority;

/// <summary>What a coordinator knows of the members' sight, and the leases that follow from it.
/// Synchronous; one thread at a time.</summary>
/// <remarks>
/// <para>Leases after C. G. Gray and D. R. Cheriton, "Leases: an efficient fault-tolerant mechanism for distributed file cache consistency"
/// (SOSP 1989), held by the majority's side as a leader lease is (M. Burrows, "The Chubby lock service for loosely-coupled
/// distributed systems", OSDI 2006).</para>
/// <para>The claim: when a shard takes a push at a moment t, a majority of the members answered pulses that this coordinator sent after t −
/// L, where L is the length of a lease. Two steps, each at one clock. At the coordinator: an echo brings back the time at which its pulse
/// was sent, so a member whose echo brings c was in sight at c or later, however long the echo took. <see cref="Since"/> is the latest time
/// that a majority has brought back, and a lease ends at Since + L. At the member: the lease's rest is sent with the pulse, and the member
/// counts it from when it sent the last echo that the coordinator had by then. That was before the pulse was sent, so by its own clock the
/// lease ends no later than by the coordinator's, however late the pulse comes. Only that clocks run equally fast is needed, to a third
/// (see <see cref="MajorityTimes"/>), not that they agree.</para>
/// <para>What follows: (1) when the coordinator is cut off from a majority, nothing that it says is worth anything L later; (2) a member
/// that is cut off from the coordinator takes nothing L after the last echo that came through. Another side can only take over after its
/// resolver has removed this one, at which time the split is at least as old as the resolver takes, and then after the removal margin,
/// which is longer than L. With links that fail in part only, a member stops answering a coordinator that it knows to be downed, and the
/// coordinator stops sending to members that it knows to be: both know before the removal, because a member is removed only when all who
/// are reachable have seen that it is down.</para>
/// <para>Not promised: a process that is stopped between looking at its lease and sending an acknowledgement sends it when it goes on. Then
/// terms decide: standbys and the checkpoint store refuse what comes from a host whose place another has taken. Nor does a monotonic clock
/// run while a whole machine is suspended.</para>
/// </remarks>
/// <param name="leaseSeconds">Length of a lease, L.</param>
internal sealed class MajorityGrants(double leaseSeconds)
{
    private readonly Dictionary<string, (double Heard, double Sent)> _echoes = new(StringComparer.Ordinal);
    private IReadOnlyList<string> _members = [];

    /// <summary>The latest time at which a majority of the members was in sight for certain, by the
    /// coordinator's clock; −∞ before that.</summary>
    /// <remarks>A majority is what the resolver's keep-majority takes for one: more than half, or half
    /// with the first member among them.</remarks>
    public double Since
    {
        get
        {
            if (_members.Count == 0)
            {
                return double.NegativeInfinity;
            }

            var needed = (_members.Count / 2) + 1;
            var since = Latest(_members, needed);
            return _members.Count % 2 == 0 ? Math.Max(since, Math.Min(HeardOf(_members[0]), Latest(_members.Skip(1), needed - 2))) : since;
        }
    }

    /// <summary>Who counts now: the members that the split-brain resolver counts, in its order.
    /// What others had said is forgotten.</summary>
    public void SetMembers(IReadOnlyList<string> members)
    {
        _members = members;
        foreach (var gone in _echoes.Keys.Except(members).ToArray())
        {
            _echoes.Remove(gone);
        }
    }

    /// <summary>A member answers. An answer of somebody else, or to what has not been sent, says nothing.</summary>
    /// <param name="echo">The answer.</param>
    /// <param name="now">Seconds by the coordinator's clock.</param>
    /// <returns>Whether it is the member's first.</returns>
    public bool Hear(Echo echo, double now)
    {
        if (!_members.Contains(echo.Node) || echo.Heard > now)
        {
            return false;
        }

        var known = _echoes.TryGetValue(echo.Node, out var before);
        _echoes[echo.Node] = known ? (Math.Max(before.Heard, echo.Heard), Math.Max(before.Sent, echo.Sent)) : (echo.Heard, echo.Sent);
        return !known;
    }

    /// <summary>What is to be sent to a member now.</summary>
    public Pulse To(string member, double now)
    {
        var rest = Math.Max(0, Since + leaseSeconds - now);
        return _echoes.TryGetValue(member, out var echo) ? new Pulse(member, now, echo.Sent, rest) : new Pulse(member, now, 0, 0);
    }

    private double HeardOf(string member) => _echoes.TryGetValue(member, out var echo) ? echo.Heard : double.NegativeInfinity;

    /// <summary>The latest time that so many have brought back.</summary>
    private double Latest(IEnumerable<string> members, int count) =>
        count == 0 ? double.PositiveInfinity : members.Select(HeardOf).OrderDescending().ElementAt(count - 1);
}
