using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 10: one term of a shard acknowledges. When a host of a higher term has acknowledged, none of a lower one does.</summary>
public sealed class OneTermChecker : InvariantChecker
{
    private readonly ShardHosts _hosts;
    private readonly SortedDictionary<int, (Term Term, object Host)> _highest = [];

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
        if (_highest.TryGetValue(shard.Value, out var highest) && term < highest.Term && !host.Equals(highest.Host) && IsKnown(shard, highest))
        {
            throw Violation(now, crossing, $"{shard} on {_hosts.LifeOf(host)} acknowledges under term {term.Number} after {_hosts.LifeOf(highest.Host)} has under term {highest.Term.Number}", "no word of a lower term after one of a higher");
        }

        _highest[shard.Value] = (term, host);
    }

    /// <summary>When all who have heard of a term are gone, terms begin anew.</summary>
    private bool IsKnown(ShardId shard, (Term Term, object Host) highest) => _hosts.ThereFor(shard, highest.Term).Any() || !_hosts.Troubled.Contains(_hosts.LifeOf(highest.Host));
}
