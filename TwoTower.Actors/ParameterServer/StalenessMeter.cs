using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

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
        _history = options.HotRows > 0 && options.Consistency.Kind != ConsistencyKind.Softsync && !options.StalenessInjection.IsOn ? new PushHistory(4096) : null;
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

/// <summary>Popularity buckets of one table's rows, by rank in train frequency.</summary>
public sealed class PopularityBuckets
{
    /// <summary>Names of the buckets, most popular first.</summary>
    public static readonly IReadOnlyList<string> Names = ["top 1%", "top 10%", "top 50%", "rest"];

    private static readonly double[] UpperShare = [0.01, 0.10, 0.50, 1.0];
    private readonly byte[] _bucketOf;

    /// <summary>Ranks rows by frequency, ties by row.</summary>
    public PopularityBuckets(ReadOnlySpan<int> frequencies)
    {
        var counts = frequencies.ToArray();
        _bucketOf = new byte[counts.Length];
        var rank = 0;
        foreach (var row in Enumerable.Range(0, counts.Length).OrderByDescending(row => counts[row]).ThenBy(row => row))
        {
            var share = (rank++ + 0.5) / counts.Length;
            _bucketOf[row] = (byte)Array.FindIndex(UpperShare, upper => share < upper);
        }
    }

    /// <summary>The bucket of a row, an index into <see cref="Names"/>.</summary>
    public int Of(int row) => _bucketOf[row];
}

/// <summary>Counts of staleness, as a shard measured them. Adding two gives the counts of both.</summary>
public sealed class StalenessCounts
{
    /// <summary>τ from this on is counted together.</summary>
    public const int Cap = 1024;

    /// <summary>Counts of τ = 0 … <see cref="Cap"/> by table (0 users, 1 items) and popularity bucket.</summary>
    public long[][][] Histograms { get; } =
        [.. Enumerable.Range(0, 2).Select(_ => PopularityBuckets.Names.Select(_ => new long[Cap + 1]).ToArray())];

    /// <summary>Σ τ over pushed rows, without the cap.</summary>
    public long Sum { get; set; }

    /// <summary>Rows pushed.</summary>
    public long Rows { get; set; }

    /// <summary>Largest τ.</summary>
    public long Max { get; set; }

    /// <summary>Pushes.</summary>
    public long Pushes { get; set; }

    /// <summary>Σ over pushes of the shard versions between pull and push.</summary>
    public long VersionSum { get; set; }

    /// <summary>Counts of pushes by the shard's versions between pull and push, 0 … <see cref="Cap"/>; of pushes that have rows on the shard.</summary>
    public long[] Versions { get; } = new long[Cap + 1];

    /// <summary>Pushes that were too stale to be applied, by the shard's own judgement of its rows.</summary>
    public long Dropped { get; set; }

    /// <summary>Largest distance in clocks between a push and the furthest pull of another worker that missed it.</summary>
    public long MaxClocks { get; set; }

    /// <summary>Pushes for which that distance was above the configured bound.</summary>
    public long BoundViolations { get; set; }

    /// <summary>Adds another shard's counts.</summary>
    public void Add(StalenessCounts other)
    {
        for (var table = 0; table < 2; table++)
        {
            for (var bucket = 0; bucket < PopularityBuckets.Names.Count; bucket++)
            {
                for (var tau = 0; tau <= Cap; tau++)
                {
                    Histograms[table][bucket][tau] += other.Histograms[table][bucket][tau];
                }
            }
        }

        Sum += other.Sum;
        Rows += other.Rows;
        Max = Math.Max(Max, other.Max);
        Pushes += other.Pushes;
        VersionSum += other.VersionSum;
        Dropped += other.Dropped;
        for (var versions = 0; versions <= Cap; versions++)
        {
            Versions[versions] += other.Versions[versions];
        }

        MaxClocks = Math.Max(MaxClocks, other.MaxClocks);
        BoundViolations += other.BoundViolations;
    }

    /// <summary>Counts of τ = 0, 1, 2, … by "table/bucket" (for example "item/top 1%"), up to the largest τ that was counted there.</summary>
    public IReadOnlyDictionary<string, long[]> ByBucket()
    {
        var histograms = new SortedDictionary<string, long[]>(StringComparer.Ordinal);
        foreach (var (table, name) in new[] { (0, "user"), (1, "item") })
        {
            for (var bucket = 0; bucket < PopularityBuckets.Names.Count; bucket++)
            {
                var counts = Histograms[table][bucket];
                histograms.Add($"{name}/{PopularityBuckets.Names[bucket]}", counts[..(Array.FindLastIndex(counts, count => count > 0) + 1)]);
            }
        }

        return histograms;
    }

    /// <summary>A copy that does not change any more.</summary>
    public StalenessCounts Clone()
    {
        var copy = new StalenessCounts();
        copy.Add(this);
        return copy;
    }

    /// <summary>The smallest τ that at least <paramref name="share"/> of the pushed rows do not exceed (<see cref="Cap"/> when it is beyond).</summary>
    public double Percentile(double share)
    {
        var seen = 0L;
        for (var tau = 0; tau <= Cap; tau++)
        {
            seen += Histograms.Sum(table => table.Sum(bucket => bucket[tau]));
            if (Rows == 0 || seen >= share * Rows)
            {
                return tau;
            }
        }

        return Cap;
    }
}
