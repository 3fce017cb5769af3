using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 10: a moved or promoted shard has every acknowledged push. Only when every server that had a push has died, been cut
/// off or left before the next host began may it be lost.</summary>
internal sealed class MovedShardChecker : InvariantChecker
{
    private readonly ShardHosts _hosts;
    private readonly SortedDictionary<int, Shard> _shards = [];

    internal MovedShardChecker(ShardHosts hosts, long seed)
        : base("a moved or promoted shard has every acknowledged push", seed) => _hosts = hosts;

    /// <summary>Acknowledged pushes that were lost with every server that had them, since the run began.</summary>
    public int Lost { get; private set; }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        switch (crossing)
        {
            case { Speaker: { } host, Message: ParameterProtocol.PushAck ack }:
                At(ack.Shard).Acknowledged[ack.Batch.Number] = host;
                break;
            case { Speaker: { } host, Message: StateProtocol.Recovered recovered } when At(recovered.Shard).Seen.Add(host):
                OnBegun(now, crossing, host, recovered);
                break;
        }
    }

    private void OnBegun(double now, in Crossing crossing, object host, StateProtocol.Recovered recovered)
    {
        var shard = At(recovered.Shard);
        if (_hosts.IsOver(recovered.Shard, host))
        {
            return; // it speaks to somebody for the first time, late
        }

        var kept = new NumberSet(recovered.Frontier);
        foreach (var batch in recovered.Above)
        {
            kept.Add(batch);
        }

        foreach (var (batch, by) in shard.Acknowledged.ToArray())
        {
            if (kept.Contains(batch) || by.Equals(host))
            {
                shard.Acknowledged[batch] = host; // who handed it over, or died after it was found, need not have it any more
                continue;
            }

            var holders = _hosts.HoldersOf(recovered.Shard, new ShardHosts.Change(batch, -1, 0)).Append(_hosts.LifeOf(by))
                .Where(server => !_hosts.Troubled.Contains(server)).Distinct().ToArray();
            if (holders.Length > 0)
            {
                throw Violation(now, crossing,
                    $"{recovered.Shard} begins on {_hosts.LifeOf(host)} with {kept}, without batch {batch} that it had acknowledged",
                    $"that batch, which {string.Join(" and ", holders)} had and nothing has happened to");
            }

            shard.Acknowledged.Remove(batch); // it is lost, and may be acknowledged anew
            Lost++;
        }
    }

    private Shard At(ShardId shard)
    {
        if (!_shards.TryGetValue(shard.Value, out var known))
        {
            _shards.Add(shard.Value, known = new Shard());
        }

        return known;
    }

    private sealed class Shard
    {
        /// <summary>Batches that it has acknowledged, and the host that did.</summary>
        public SortedDictionary<long, object> Acknowledged { get; } = [];

        public HashSet<object> Seen { get; } = [];
    }
}
