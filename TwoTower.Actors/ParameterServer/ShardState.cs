using System.Diagnostics;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer.Staleness;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.ParameterServer;

/// <summary>A parameter shard without its actor: rows, optimizer, the batches applied, and the staleness seen.
/// Synchronous; one thread at a time.</summary>
/// <remarks>Under BSP a push waits until its round is whole; then the round's gradients are summed in batch order, each weighed by its
/// share of the round's examples, and every touched row makes one step. Under softsync a push is acknowledged at once and waits until as
/// many have come as make an update, which is a step of the same kind; what waits when the shard is read at a boundary makes an update of
/// its own, so that what is read holds every batch before it. Otherwise every push is a step of its own.</remarks>
internal sealed partial class ShardState
{
    private readonly ShardBlueprint _blueprint;
    private readonly ProtocolProbe _probe;
    private readonly IShardTable _users;
    private readonly IShardTable _items;
    private BatchSet _applied;
    private readonly bool _synchronous;
    private readonly int _group;
    private readonly IStalenessPolicy _policy;
    private readonly PulledRows? _pulled;
    private readonly DelayedViews? _views;
    private readonly StalenessMeter _meter;
    private readonly SortedDictionary<int, PendingPush> _round = [];
    private readonly List<PendingPush> _waiting = [];
    private long _appliedRound = -1;
    private long _taken;
    private long _version;
    private long _pulls;
    private long _bytes;
    private long _pullTicks;
    private long _applyTicks;

    /// <summary>A shard as the blueprint says.</summary>
    public ShardState(ShardId id, ShardBlueprint blueprint)
    {
        Id = id;
        _blueprint = blueprint;
        _probe = blueprint.Probe;
        _synchronous = blueprint.Options.Consistency.Kind == ConsistencyKind.Bsp;
        _applied = new BatchSet(blueprint.FirstBatch);
        var options = blueprint.Options;
        _group = options.Consistency.GroupOf(options.Workers);
        _policy = StalenessPolicies.Create(options.StalenessPolicy);
        _pulled = _policy.ComparesPulledRows
            ? new PulledRows(options.BatchesOnTheWay, options.BatchesOnTheWay * Math.Max(64, 2 * options.Workers)) : null;
        var injects = options.StalenessInjection.IsOn && blueprint.Tables is null;
        var (userSteps, itemSteps) = injects ? (new UpdateRecorder(), new UpdateRecorder()) : default((UpdateRecorder, UpdateRecorder));
        (_users, _items) = blueprint.Tables?.Invoke(id) ?? (
            new TableShard(blueprint.Layout.Users, id.Value, options.Model.UserWidth, blueprint.RulesOf(0), _policy, userSteps,
                blueprint.Initialise(0), blueprint.RestoreUsers),
            new TableShard(blueprint.Layout.Items, id.Value, options.Model.ItemWidth, blueprint.RulesOf(1), _policy, itemSteps,
                blueprint.Initialise(1), blueprint.RestoreItems));
        _views = injects ? new DelayedViews(options, (TableShard)_users, userSteps, (TableShard)_items, itemSteps) : null;
        _meter = new StalenessMeter(_users, _items, blueprint);
    }

    /// <summary>Which shard.</summary>
    public ShardId Id { get; }

    /// <summary>Pushes taken, whether they are applied, wait for others or were too stale.</summary>
    public long Version => _taken;

    /// <summary>Batches applied without a gap from the first.</summary>
    public long Applied => _applied.Frontier;

    /// <summary>Whether the shard has lost batches that are complete: it has not all of those without a gap, or fewer than there are. One
    /// that has forgotten the first round of a run stands where it began.</summary>
    /// <param name="completed">Batches complete from the first on without a gap.</param>
    /// <param name="beyond">Batches complete beyond the gap.</param>
    public bool Lacks(long completed, int beyond) => _applied.Frontier < completed || _applied.Frontier
        + _applied.Gaps < completed + beyond;

    /// <summary>Largest clock that anybody has pulled at, or −1.</summary>
    public long FurthestClock => _meter.FurthestClock;

    /// <summary>Whether the batches applied have a gap, or pushes wait for others: then the state is not a cut.</summary>
    public bool InFlight => _applied.Gaps > 0 || _round.Count > 0 || _waiting.Count > 0;

    /// <summary>Whether pushes wait for a round to be whole, and their acknowledgements with them.</summary>
    public bool AwaitsRound => _round.Count > 0;

    /// <summary>Staleness so far.</summary>
    public StalenessCounts Staleness => _meter.Counts;

    /// <summary>Serves a pull, taking over its buffers; false with a reason when it asks for rows that are not here.</summary>
    public bool TryPull(ParameterProtocol.Pull pull, out ParameterProtocol.Rows? rows, out string reason)
    {
        var start = Stopwatch.GetTimestamp();
        if (!_users.Holds(pull.Users) || !_items.Holds(pull.Items))
        {
            rows = null;
            reason = $"{Id} was asked for rows that another shard holds; worker and shard do not share one partitioning.";
            return false;
        }

        _meter.NotePull(pull.Worker.Value, pull.Clock);

        // A round may be whole here while another shard still waits for a push of it, from a worker that died. Whoever computes that batch
        // again has to see the rows that the first one saw.
        var before = _synchronous && pull.Clock == _appliedRound && !_probe.Plants(PlantedFault.RoundRecomputedFromNewRows);
        _probe.ReachedIf(before, ProtocolState.RowsFromBeforeRound);
        var view = _views?.Show(pull.Worker, pull.Clock);
        var precision = _blueprint.Options.PullPrecision;
        rows = new ParameterProtocol.Rows(Id, pull.Worker, pull.Ticket, view?.Version ?? _version,
            view?.Users.Read(pull.Users) ?? _users.Read(pull.Users, before), view?.Items.Read(pull.Items)
                ?? _items.Read(pull.Items, before));
        if (!IsFenced(pull.Worker, ParameterProtocol.Pull.BirthOf(pull.Ticket)))
        {
            // as it was read, for what rounding takes away is not stale; a pull that comes late is of a life that pushes no more
            _pulled?.Keep(rows, pull.Clock);
        }

        rows = rows with { Users = rows.Users.Rounded(precision), Items = rows.Items.Rounded(precision) };
        reason = string.Empty;
        _pulls++;
        _bytes += rows.Users.Bytes + rows.Items.Bytes;
        _pullTicks += Stopwatch.GetTimestamp() - start;
        return true;
    }

    /// <summary>Takes a push and its buffers; tells through <paramref name="acknowledge"/> whenever a push, this or one that waited, is
    /// applied. A batch that has been applied is acknowledged again and changes nothing. False with a reason when it
    /// carries rows that are not here.</summary>
    public bool TryPush(ParameterProtocol.Push push, Action<ParameterProtocol.PushAck> acknowledge, out string reason)
    {
        var start = Stopwatch.GetTimestamp();
        reason = string.Empty;
        if (_applied.Contains(push.Lease.Batch.Number) && !_probe.Plants(PlantedFault.DuplicateApplied))
        {
            _probe.Reached(ProtocolState.DuplicateAcknowledged);
            acknowledge(new ParameterProtocol.PushAck(Id, push.Worker, push.Lease.Batch, 0, 0, _taken));
            push.Return();
            return true;
        }

        if (!_users.Holds(push.Users.Keys) || !_items.Holds(push.Items.Keys))
        {
            reason = $"{Id} was sent gradients of rows that another shard holds; worker and shard do not share one partitioning.";
            push.Return();
            return false;
        }

        _views?.Note(push.Worker, push.Lease.Clock);
        if (_synchronous)
        {
            JoinRound(push, acknowledge);
        }
        else
        {
            var pending = Measure(push);
            Finish(push);
            acknowledge(Ack(push, push.Worker, pending.StaleSum));
            if (_group == 1 || !pending.Admitted)
            {
                ApplyAlone(pending);
            }
            else
            {
                _waiting.Add(pending);
                ApplyWaiting(atLeast: _group);
            }
        }

        _applyTicks += Stopwatch.GetTimestamp() - start;
        return true;
    }

    private void JoinRound(ParameterProtocol.Push push, Action<ParameterProtocol.PushAck> acknowledge)
    {
        if (_round.TryGetValue(push.Lease.Rank, out var waiting))
        {
            // The batch was sent again, perhaps by the worker that took over its lease: the gradient is
            // the same, the acknowledgement goes to both.
            _probe.ReachedIf(waiting.Push.Worker != push.Worker, ProtocolState.RoundMemberPushedByAnother);
            waiting.Workers.Add(push.Worker);
            push.Return();
            return;
        }

        _round.Add(push.Lease.Rank, Measure(push));
        if (_round.Count < push.Lease.RoundSize - (_probe.Plants(PlantedFault.RoundAppliedEarly) && push.Lease.RoundSize > 1 ? 1 : 0))
        {
            return;
        }

        foreach (var pending in _round.Values)
        {
            Finish(pending.Push);
            pending.Workers.ForEach(worker => acknowledge(Ack(pending.Push, worker, pending.StaleSum)));
        }

        ApplyTogether(_round.Values, push.Lease);
        _round.Clear();
        _appliedRound = push.Lease.Clock;
    }

    /// <summary>Measures a push, and takes out what it was computed from if that is kept.</summary>
    private PendingPush Measure(ParameterProtocol.Push push)
    {
        var (sum, versions) = _meter.Measure(push, _version);
        var admitted = _policy.Admits(versions);
        _meter.Counts.Dropped += admitted ? 0 : 1;
        return new PendingPush(push, [push.Worker], sum, admitted, _pulled?.Take(push));
    }

    private void ApplyAlone(PendingPush pending)
    {
        if (pending.Admitted)
        {
            var rate = (float)_blueprint.Schedule.At(pending.Push.Lease.Step);
            _users.Apply(pending.Push.Users, pending.Pulled?.Users, rate);
            _items.Apply(pending.Push.Items, pending.Pulled?.Items, rate);
            Raise([pending], 1);
            _views?.Delay(pending.Push.Lease.Batch, pending.Push.Lease.Clock, 1);
        }

        pending.Return();
    }

    private void ApplyWaiting(int atLeast)
    {
        if (_waiting.Count >= atLeast)
        {
            ApplyTogether(_waiting, _waiting[^1].Push.Lease);
            _waiting.Clear();
        }
    }

    /// <summary>One step of the mean over all examples.</summary>
    private void ApplyTogether(IReadOnlyCollection<PendingPush> together, Lease last)
    {
        var admitted = together.Where(pending => pending.Admitted).ToArray();
        var examples = admitted.Sum(pending => (double)pending.Push.Lease.Count);
        foreach (var pending in admitted)
        {
            var weight = (float)(pending.Push.Lease.Count / examples);
            _users.Accumulate(pending.Push.Users, pending.Pulled?.Users, weight);
            _items.Accumulate(pending.Push.Items, pending.Pulled?.Items, weight);
        }

        var rate = (float)_blueprint.Schedule.At(last.Step);
        _users.ApplyAccumulated(rate);
        _items.ApplyAccumulated(rate);
        if (admitted.Length > 0)
        {
            // Under softsync staleness is counted in updates of the weights (Zhang et al. 2015), elsewhere in pushes.
            var versions = _synchronous ? admitted.Length : 1;
            Raise(admitted, versions);
            _views?.Delay(new BatchId(together.Min(pending => pending.Push.Lease.Batch.Number)), last.Clock, versions);
        }

        foreach (var pending in together)
        {
            pending.Return();
        }
    }

    private void Raise(IReadOnlyList<PendingPush> applied, int versions)
    {
        _version += versions;
        foreach (var pending in applied)
        {
            _meter.NoteApplied(pending.Push.Worker.Value, pending.Push.Lease.Clock);
        }
    }

    private void Finish(ParameterProtocol.Push push)
    {
        _applied.Add(push.Lease.Batch.Number);
        _taken++;
        _bytes += push.Users.Bytes + push.Items.Bytes;
    }

    private ParameterProtocol.PushAck Ack(ParameterProtocol.Push push, WorkerId worker, long stale) =>
        new(Id, worker, push.Lease.Batch, push.Users.Count + push.Items.Count, stale, _taken);
}
