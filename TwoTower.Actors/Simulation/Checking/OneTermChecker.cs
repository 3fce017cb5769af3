using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 10: one term of a shard acknowledges. When another host has acknowledged, the one before it never does again; and
/// when one of a higher term has, none of a lower one does.</summary>
/// <remarks>A host that has nobody to ask says its term to nobody, so it is compared with none; that the one before it does
/// not come back holds all the same.</remarks>
internal sealed class OneTermChecker : InvariantChecker
{
    private readonly ShardHosts _hosts;
    private readonly SortedDictionary<int, (Term Term, object Host)> _highest = [];
    private readonly HashSet<object> _past = [];

    internal OneTermChecker(ShardHosts hosts, long seed)
        : base("one term of a shard acknowledges", seed) => _hosts = hosts;

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        if (crossing is not { Speaker: { } host, Message: ParameterProtocol.PushAck or ParameterProtocol.Fenced })
        {
            return;
        }

        var (shard, term) = (((IWithShardId)crossing.Message).Shard, _hosts.TermOf(host));
        if (_highest.TryGetValue(shard.Value, out var before) && !host.Equals(before.Host))
        {
            if (_past.Contains(host))
            {
                throw Violation(now, crossing,
                    $"{shard} on {_hosts.LifeOf(host)} acknowledges after {_hosts.LifeOf(before.Host)} has in its place",
                    "no word of a host whose place another has taken");
            }

            if (term > Term.None && term < before.Term && IsKnown(shard, before))
            {
                throw Violation(now, crossing,
                    $"{shard} on {_hosts.LifeOf(host)} acknowledges under term {term.Number} after {_hosts.LifeOf(before.Host)} has under "
                    + $"term {before.Term.Number}", "no word of a lower term after one of a higher");
            }

            _past.Add(before.Host);
        }

        _highest[shard.Value] = (term, host);
    }

    /// <summary>When all who have heard of a term are gone, terms begin anew.</summary>
    private bool IsKnown(ShardId shard, (Term Term, object Host) highest) => _hosts.ThereFor(shard, highest.Term).Any()
        || !_hosts.Troubled.Contains(_hosts.LifeOf(highest.Host));
}
