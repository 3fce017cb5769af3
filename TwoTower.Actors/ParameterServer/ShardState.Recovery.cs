using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

// What outlives a crash of the shard.
internal sealed partial class ShardState
{
    /// <summary>What the shard has counted.</summary>
    internal ShardCounters Counters => new(_users.Rows + _items.Rows, _pulls, _taken, _bytes, _pullTicks, _applyTicks);

    /// <summary>A copy of all that outlives a crash. Pushes of a round that is not whole are not in it: they have not been acknowledged.
    /// Pushes that wait under softsync are: they have.</summary>
    /// <param name="unacknowledged">Whether pushes of a round that is not whole go with it after all: for a copy that is to go on as if it
    /// had been this shard from the first.</param>
    public ShardRecord Save(bool unacknowledged = false) => RecordOf(_users.Save(), _items.Save(), unacknowledged);

    /// <summary>The same without what is not acknowledged, with rows in arrays that are written over the next time
    /// (<see cref="IShardTable.SaveShared"/>): for whoever has written the record down before the next is asked for.</summary>
    public ShardRecord SaveShared() => RecordOf(_users.SaveShared(), _items.SaveShared(), unacknowledged: false);

    private ShardRecord RecordOf(TableRecord users, TableRecord items, bool unacknowledged) => new(
        Id, users, items, _version, _applied.Frontier, _applied.Above, _appliedRound,
        [.. _fenced.OrderBy(fence => fence.Key).Select(fence => (fence.Key, fence.Value))], FurthestClock, Counters, _meter.Counts.Clone())
    {
        Waiting = [.. _waiting.Select(pending => (ParameterProtocol.Push)pending.Push.Copy())],
        Round = unacknowledged ? [.. _round.Values.Select(pending => (ParameterProtocol.Push)pending.Push.Copy())] : [],
    };

    /// <summary>Goes on from a record. What workers had pulled is forgotten, so their next pushes are taken as not stale by policies that
    /// compare; delayed views show everything.</summary>
    public void Restore(ShardRecord record)
    {
        _users.Restore(record.Users);
        _items.Restore(record.Items);
        _version = record.Version;
        _taken = record.Counters.Pushes;
        _applied = new BatchSet(record.Frontier, _probe.Plants(PlantedFault.GapsForgotten) ? [] : record.Above);
        _appliedRound = record.AppliedRound;
        foreach (var (worker, birth) in record.Fences.Where(_ => !_probe.Plants(PlantedFault.FencesForgotten)))
        {
            _fenced[worker] = birth;
        }

        _waiting.AddRange(record.Waiting.Select(Pending));
        foreach (var push in record.Round)
        {
            _round[push.Lease.Rank] = Pending(push);
        }

        (_pulls, _bytes, _pullTicks, _applyTicks) = (record.Counters.Pulls, record.Counters.Bytes, record.Counters.PullTicks,
            record.Counters.ApplyTicks);
        _meter.Restore(record.Staleness, record.FurthestClock, _version);
        _views?.ShowAll(_version);
        _probe.ReachedIf(record.Above.Count > 0, ProtocolState.ShardRecoveredWithGaps);
        _probe.ReachedIf(record.Fences.Count > 0, ProtocolState.ShardRecoveredWithFences);
        _probe.ReachedIf(record.Waiting.Count > 0, ProtocolState.ShardRecoveredWithWaiting);
    }

    /// <summary>Whether a request can change a shard, so that whoever follows it has to hear of it too.</summary>
    public static bool IsChangedBy(object request) =>
        request is ParameterProtocol.Pull or ParameterProtocol.Push or ParameterProtocol.Fence or SnapshotProtocol.Read
            or StateProtocol.Export;

    /// <summary>Does what a request did to the shard that this one follows, and answers nobody. Requests in the order in which that shard
    /// was sent them leave both alike.</summary>
    /// <param name="request">A pull, push, fence, read or export, whose buffers are taken over. Anything else changes no shard
    /// (<see cref="IsChangedBy"/>).</param>
    public void Follow(object request)
    {
        switch (request)
        {
            case ParameterProtocol.Pull pull when IsFenced(pull.Worker, ParameterProtocol.Pull.BirthOf(pull.Ticket)):
                pull.Return();
                break;
            case ParameterProtocol.Pull pull when TryPull(pull, out var rows, out _):
                rows!.Return();
                break;
            case ParameterProtocol.Push push when IsFenced(push.Worker, push.Birth):
                push.Return();
                break;
            case ParameterProtocol.Push push:
                TryPush(push, _ => { }, out _);
                break;
            case ParameterProtocol.Fence fence:
                Fence(fence);
                break;
            case SnapshotProtocol.Read read:
                Settle(read.Step);
                break;
            case StateProtocol.Export export when Settle(export.Step):
                _views?.ShowAll(_version);
                break;
        }
    }

    /// <summary>Whoever sent it sends it again when it is to be acknowledged.</summary>
    private static PendingPush Pending(ParameterProtocol.Push push) =>
        new((ParameterProtocol.Push)push.Copy(), [], 0, Admitted: true, Pulled: null);
}
