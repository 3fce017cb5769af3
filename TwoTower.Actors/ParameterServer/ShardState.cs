using System.Diagnostics;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.ParameterServer;

/// <summary>What every shard of a run is made from.</summary>
/// <param name="Options">The run's settings.</param>
/// <param name="Layout">Which rows lie where.</param>
/// <param name="Schedule">The learning rate.</param>
/// <param name="UserBuckets">Popularity buckets of the user table.</param>
/// <param name="ItemBuckets">Popularity buckets of the item table.</param>
/// <param name="FirstBatch">Batches applied before this run began (0, or a checkpoint's step).</param>
/// <param name="RestoreUsers">The checkpoint's user table in row order, or null.</param>
/// <param name="RestoreItems">The checkpoint's item table in row order, or null.</param>
/// <param name="Tables">Makes a shard's user and item table, when they are not to hold rows with values.</param>
public sealed record ShardBlueprint(
    TrainingOptions Options, ParameterLayout Layout, LearningRateSchedule Schedule, PopularityBuckets UserBuckets, PopularityBuckets ItemBuckets,
    long FirstBatch = 0, TableImage? RestoreUsers = null, TableImage? RestoreItems = null,
    Func<ShardId, (IShardTable Users, IShardTable Items)>? Tables = null);

/// <summary>A parameter shard without its actor: rows, optimizer, the batches applied, and the staleness seen. Synchronous; one thread at a time.</summary>
/// <remarks>Under BSP a push waits until its round is whole; then the round's gradients are summed in batch order, each weighed by its share of the round's
/// examples, and every touched row makes one step. Otherwise every push is a step of its own.</remarks>
public sealed class ShardState
{
    private readonly ShardBlueprint _blueprint;
    private readonly IShardTable _users;
    private readonly IShardTable _items;
    private BatchSet _applied;
    private readonly bool _synchronous;
    private readonly SortedDictionary<int, PendingPush> _round = [];
    private readonly Dictionary<int, long> _fenced = [];
    private StalenessCounts _staleness = new();
    private readonly PushHistory? _history;
    private readonly Action<int, int> _recordUser;
    private readonly Action<int, int> _recordItem;

    // The two furthest pulls by different workers: enough to know the furthest pull by anybody else.
    private (int Worker, long Clock) _furthestPull = (-1, long.MinValue);
    private (int Worker, long Clock) _secondPull = (-1, long.MinValue);
    private long _appliedRound = -1;
    private long _pushSum;
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
        _synchronous = blueprint.Options.Consistency.Kind == ConsistencyKind.Bsp;
        _applied = new BatchSet(blueprint.FirstBatch);
        var options = blueprint.Options;
        _history = options.HotRows > 0 ? new PushHistory(4096) : null;
        var optimizer = RowOptimizer.Create(options.Optimizer);
        (_users, _items) = blueprint.Tables?.Invoke(id) ?? (
            new TableShard(blueprint.Layout.Users, id.Value, options.Model.UserWidth, optimizer,
                (row, values) => EmbeddingTower.Initialise(values.Span, options.Model, options.Seed, 0, row), blueprint.RestoreUsers),
            new TableShard(blueprint.Layout.Items, id.Value, options.Model.ItemWidth, optimizer,
                (row, values) => EmbeddingTower.Initialise(values.Span, options.Model, options.Seed, 1, row), blueprint.RestoreItems));
        _recordUser = (row, tau) => Record(0, blueprint.UserBuckets.Of(row), tau);
        _recordItem = (row, tau) => Record(1, blueprint.ItemBuckets.Of(row), tau);
    }

    /// <summary>Which shard.</summary>
    public ShardId Id { get; }

    /// <summary>Pushes applied.</summary>
    public long Version => _version;

    /// <summary>Batches applied without a gap from the first.</summary>
    public long Applied => _applied.Frontier;

    /// <summary>Largest clock that anybody has pulled at, or −1.</summary>
    public long FurthestClock => Math.Max(-1, _furthestPull.Clock);

    /// <summary>Whether the batches applied have a gap, or a round waits for pushes: then the state is not a cut.</summary>
    public bool InFlight => _applied.Gaps > 0 || _round.Count > 0;

    /// <summary>Staleness so far.</summary>
    public StalenessCounts Staleness => _staleness;

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

        NotePull(pull.Worker.Value, pull.Clock);

        // A round may be whole here while another shard still waits for a push of it, from a worker that died. Whoever computes that batch again has to
        // see the rows that the first one saw.
        var before = _synchronous && pull.Clock == _appliedRound;
        rows = new ParameterProtocol.Rows(Id, pull.Worker, pull.Ticket, _version, _users.Read(pull.Users, before), _items.Read(pull.Items, before));
        reason = string.Empty;
        _pulls++;
        _bytes += rows.Users.Bytes + rows.Items.Bytes;
        _pullTicks += Stopwatch.GetTimestamp() - start;
        return true;
    }

    /// <summary>Takes a push and its buffers; tells through <paramref name="acknowledge"/> whenever a push, this or one that waited, is applied.
    /// A batch that has been applied is acknowledged again and changes nothing. False with a reason when it carries rows that are not here.</summary>
    public bool TryPush(ParameterProtocol.Push push, Action<ParameterProtocol.PushAck> acknowledge, out string reason)
    {
        var start = Stopwatch.GetTimestamp();
        reason = string.Empty;
        if (_applied.Contains(push.Lease.Batch.Number))
        {
            acknowledge(new ParameterProtocol.PushAck(Id, push.Worker, push.Lease.Batch, 0, 0, _version));
            push.Return();
            return true;
        }

        if (!_users.Holds(push.Users.Keys) || !_items.Holds(push.Items.Keys))
        {
            reason = $"{Id} was sent gradients of rows that another shard holds; worker and shard do not share one partitioning.";
            push.Return();
            return false;
        }

        if (_synchronous)
        {
            JoinRound(push, acknowledge);
        }
        else
        {
            var stale = Measure(push);
            var rate = (float)_blueprint.Schedule.At(push.Lease.Step);
            _users.Apply(push.Users, rate);
            _items.Apply(push.Items, rate);
            Finish(push);
            acknowledge(new ParameterProtocol.PushAck(Id, push.Worker, push.Lease.Batch, push.Users.Count + push.Items.Count, stale, _version));
            push.Return();
        }

        _applyTicks += Stopwatch.GetTimestamp() - start;
        return true;
    }

    /// <summary>Whether a life of a worker has been fenced off.</summary>
    public bool IsFenced(WorkerId worker, long birth) => birth <= _fenced.GetValueOrDefault(worker.Value, -1);

    /// <summary>Fences off a worker's lives up to one.</summary>
    public ParameterProtocol.Fenced Fence(ParameterProtocol.Fence fence)
    {
        _fenced[fence.Worker.Value] = Math.Max(fence.Birth, _fenced.GetValueOrDefault(fence.Worker.Value, -1));
        return new ParameterProtocol.Fenced(Id, fence.Worker, fence.Birth, FurthestClock);
    }

    /// <summary>A copy of the parameters.</summary>
    public SnapshotProtocol.Part Snapshot(long step) => new(Id, step, _applied.Frontier, InFlight, _users.CopyValues(), _items.CopyValues()) { Absent = _users.Absent + _items.Absent };

    /// <summary>A copy of everything a checkpoint and the final report need.</summary>
    public StateProtocol.Image Export(long step) => new(
        Id, step, _applied.Frontier, InFlight, _users.CopyState(), _items.CopyState(),
        Counters, _staleness.Clone());

    /// <summary>A copy of all that outlives a crash. Pushes of a round that is not whole are not in it: they have not been acknowledged.</summary>
    public ShardRecord Save() => new(
        Id, _users.Save(), _items.Save(), _version, _applied.Frontier, _applied.Above, _appliedRound,
        [.. _fenced.OrderBy(fence => fence.Key).Select(fence => (fence.Key, fence.Value))], FurthestClock, Counters, _staleness.Clone());

    /// <summary>Goes on from a record.</summary>
    public void Restore(ShardRecord record)
    {
        _users.Restore(record.Users);
        _items.Restore(record.Items);
        _version = record.Version;
        _history?.StartAt(_version);
        _applied = new BatchSet(record.Frontier, record.Above);
        _appliedRound = record.AppliedRound;
        foreach (var (worker, birth) in record.Fences)
        {
            _fenced[worker] = birth;
        }

        // Nobody's in particular: any worker may have been the one.
        _furthestPull = (record.FurthestClock < 0 ? -1 : int.MaxValue, record.FurthestClock < 0 ? long.MinValue : record.FurthestClock);
        (_pulls, _bytes, _pullTicks, _applyTicks) = (record.Counters.Pulls, record.Counters.Bytes, record.Counters.PullTicks, record.Counters.ApplyTicks);
        _staleness = record.Staleness.Clone();
    }

    private ShardCounters Counters => new(_users.Rows + _items.Rows, _pulls, _version, _bytes, _pullTicks, _applyTicks);

    private void JoinRound(ParameterProtocol.Push push, Action<ParameterProtocol.PushAck> acknowledge)
    {
        if (_round.TryGetValue(push.Lease.Rank, out var waiting))
        {
            // The batch was sent again, perhaps by the worker that took over its lease: the gradient is the same, the acknowledgement goes to both.
            waiting.Workers.Add(push.Worker);
            push.Return();
            return;
        }

        _round.Add(push.Lease.Rank, new PendingPush(push, [push.Worker], Measure(push)));
        if (_round.Count < push.Lease.RoundSize)
        {
            return;
        }

        var examples = _round.Values.Sum(pending => (double)pending.Push.Lease.Count);
        foreach (var (pushed, _, _) in _round.Values)
        {
            var weight = (float)(pushed.Lease.Count / examples);
            _users.Accumulate(pushed.Users, weight);
            _items.Accumulate(pushed.Items, weight);
        }

        var rate = (float)_blueprint.Schedule.At(push.Lease.Step);
        _users.ApplyAccumulated(rate);
        _items.ApplyAccumulated(rate);
        foreach (var (pushed, workers, stale) in _round.Values)
        {
            Finish(pushed);
            foreach (var worker in workers)
            {
                acknowledge(new ParameterProtocol.PushAck(Id, worker, pushed.Lease.Batch, pushed.Users.Count + pushed.Items.Count, stale, _version));
            }

            pushed.Return();
        }

        _round.Clear();
        _appliedRound = push.Lease.Clock;
    }

    private void Finish(ParameterProtocol.Push push)
    {
        _applied.Add(push.Lease.Batch.Number);
        _version++;
        _history?.Add(push.Worker.Value, push.Lease.Clock);
        _bytes += push.Users.Bytes + push.Items.Bytes;
    }

    private long Measure(ParameterProtocol.Push push)
    {
        _pushSum = 0;
        _users.MeasureStaleness(push.Users, _recordUser);
        _items.MeasureStaleness(push.Items, _recordItem);
        _staleness.Pushes++;
        _staleness.VersionSum += Math.Max(0, _version - push.PulledVersion);
        var furthest = _furthestPull.Worker == push.Worker.Value ? _secondPull : _furthestPull;
        var clocks = furthest.Worker < 0 ? 0 : Math.Max(0, furthest.Clock - push.Lease.Clock);
        clocks = Math.Max(clocks, _history?.ClocksAhead(push.Worker.Value, push.Lease.Clock, push.PulledVersion) ?? 0);
        _staleness.MaxClocks = Math.Max(_staleness.MaxClocks, clocks);
        if (_blueprint.Options.Consistency.Bound is { } bound && clocks > bound)
        {
            _staleness.BoundViolations++;
        }

        return _pushSum;
    }

    private void Record(int table, int bucket, int tau)
    {
        _staleness.Histograms[table][bucket][Math.Min(tau, StalenessCounts.Cap)]++;
        _staleness.Rows++;
        _staleness.Sum += tau;
        _staleness.Max = Math.Max(_staleness.Max, tau);
        _pushSum += tau;
    }

    private void NotePull(int worker, long clock)
    {
        if (worker == _furthestPull.Worker)
        {
            _furthestPull.Clock = Math.Max(_furthestPull.Clock, clock);
        }
        else if (clock > _furthestPull.Clock)
        {
            _secondPull = _furthestPull;
            _furthestPull = (worker, clock);
        }
        else if (worker == _secondPull.Worker || clock > _secondPull.Clock)
        {
            _secondPull = (worker, Math.Max(clock, worker == _secondPull.Worker ? _secondPull.Clock : clock));
        }
    }

    private readonly record struct PendingPush(ParameterProtocol.Push Push, List<WorkerId> Workers, long StaleSum);
}
