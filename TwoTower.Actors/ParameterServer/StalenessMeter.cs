using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.ParameterServer;

/// <summary>Measures on one shard how stale pushes are.</summary>
internal sealed class StalenessMeter
{
    private readonly IShardTable _users;
    private readonly IShardTable _items;
    private readonly int? _bound;
    private readonly PushHistory? _history;
    private readonly Action<int, int> _recordUser;
    private readonly Action<int, int> _recordItem;

    // The two furthest pulls by different workers: enough to know the furthest pull by anybody else.
    private (int Worker, long Clock) _furthestPull = (-1, long.MinValue);
    private (int Worker, long Clock) _secondPull = (-1, long.MinValue);
    private long _pushSum;

    /// <summary>A meter that has measured nothing.</summary>
    /// <param name="users">The user table.</param>
    /// <param name="items">The item table.</param>
    /// <param name="blueprint">Options and popularity.</param>
    public StalenessMeter(IShardTable users, IShardTable items, ShardBlueprint blueprint)
    {
        var options = blueprint.Options;
        var (userBuckets, itemBuckets) = (blueprint.UserBuckets, blueprint.ItemBuckets);
        _users = users;
        _items = items;
        _bound = options.Consistency.Bound;

        // It goes by versions that are pushes, and that a worker saw in the order in which they were applied.
        _history = options.HotRows > 0 && options.Consistency.Kind != ConsistencyKind.Softsync && !options.StalenessInjection.IsOn
            ? new PushHistory(4096) : null;
        _recordUser = (row, tau) => Record(0, userBuckets.Of(row), tau);
        _recordItem = (row, tau) => Record(1, itemBuckets.Of(row), tau);
    }

    /// <summary>What was measured so far.</summary>
    public StalenessCounts Counts { get; private set; } = new();

    /// <summary>Largest clock that anybody has pulled at, or −1.</summary>
    public long FurthestClock => Math.Max(-1, _furthestPull.Clock);

    /// <summary>Goes on from what was measured before a crash.</summary>
    public void Restore(StalenessCounts counts, long furthestClock, long version)
    {
        Counts = counts.Clone();
        _history?.StartAt(version);

        // Nobody's in particular: any worker may have been the one.
        _furthestPull = furthestClock < 0 ? (-1, long.MinValue) : (int.MaxValue, furthestClock);
    }

    /// <summary>A worker's push raises the shard's version.</summary>
    public void NoteApplied(int worker, long clock) => _history?.Add(worker, clock);

    /// <summary>A worker pulls at a clock.</summary>
    public void NotePull(int worker, long clock)
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

    /// <summary>Measures a push that is about to be applied, or to wait for others.</summary>
    /// <param name="push">The push.</param>
    /// <param name="version">The shard's version.</param>
    /// <returns>Σ τ over its rows, and versions of the shard since its pull.</returns>
    public (long Sum, long Versions) Measure(ParameterProtocol.Push push, long version)
    {
        _pushSum = 0;
        _users.MeasureStaleness(push.Users, _recordUser);
        _items.MeasureStaleness(push.Items, _recordItem);
        var versions = Math.Max(0, version - push.PulledVersion);
        Counts.Pushes++;
        Counts.VersionSum += versions;
        if (push.PulledVersion <= version)
        {
            Counts.Versions[Math.Min(versions, StalenessCounts.Cap)]++; // nothing to tell of a push that has no rows here
        }

        var furthest = _furthestPull.Worker == push.Worker.Value ? _secondPull : _furthestPull;
        var clocks = furthest.Worker < 0 ? 0 : Math.Max(0, furthest.Clock - push.Lease.Clock);
        clocks = Math.Max(clocks, _history?.ClocksAhead(push.Worker.Value, push.Lease.Clock, push.PulledVersion) ?? 0);
        Counts.MaxClocks = Math.Max(Counts.MaxClocks, clocks);
        if (clocks > _bound)
        {
            Counts.BoundViolations++;
        }

        return (_pushSum, versions);
    }

    private void Record(int table, int bucket, int tau)
    {
        Counts.Histograms[table][bucket][Math.Min(tau, StalenessCounts.Cap)]++;
        Counts.Rows++;
        Counts.Sum += tau;
        Counts.Max = Math.Max(Counts.Max, tau);
        _pushSum += tau;
    }
}
