using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

// What outlives a crash of the shard.
public sealed partial class ShardState
{
    private ShardCounters Counters => new(_users.Rows + _items.Rows, _pulls, _taken, _bytes, _pullTicks, _applyTicks);

    /// <summary>A copy of all that outlives a crash. Pushes of a round that is not whole are not in it: they have not been acknowledged. Pushes that wait under softsync are: they have.</summary>
    public ShardRecord Save() => new(
        Id, _users.Save(), _items.Save(), _version, _applied.Frontier, _applied.Above, _appliedRound,
        [.. _fenced.OrderBy(fence => fence.Key).Select(fence => (fence.Key, fence.Value))], FurthestClock, Counters, _meter.Counts.Clone())
    {
        Waiting = [.. _waiting.Select(pending => (ParameterProtocol.Push)pending.Push.Copy())],
    };

    /// <summary>Goes on from a record. What workers had pulled is forgotten, so their next pushes are taken as not stale by policies that compare; delayed views show everything.</summary>
    public void Restore(ShardRecord record)
    {
        _users.Restore(record.Users);
        _items.Restore(record.Items);
        _version = record.Version;
        _taken = record.Counters.Pushes;
        _applied = new BatchSet(record.Frontier, record.Above);
        _appliedRound = record.AppliedRound;
        foreach (var (worker, birth) in record.Fences)
        {
            _fenced[worker] = birth;
        }

        _waiting.AddRange(record.Waiting.Select(push => new PendingPush((ParameterProtocol.Push)push.Copy(), [], 0, Admitted: true, Pulled: null)));
        (_pulls, _bytes, _pullTicks, _applyTicks) = (record.Counters.Pulls, record.Counters.Bytes, record.Counters.PullTicks, record.Counters.ApplyTicks);
        _meter.Restore(record.Staleness, record.FurthestClock, _version);
        _views?.ShowAll(_version);
    }
}
