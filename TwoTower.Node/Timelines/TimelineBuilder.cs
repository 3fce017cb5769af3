using System.Numerics;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Tracing;

namespace TwoTower.Node.Timelines;

/// <summary>Makes a <see cref="Timeline"/> from events. What it makes does not grow with the length of the trace.</summary>
internal sealed class TimelineBuilder
{
    private const int MaxCells = 400_000, MaxSteps = 1200, MaxChanges = 300_000, MaxFaults = 500, Buckets = 12;

    private readonly long _ticks;
    private readonly long _unit;
    private readonly int _workerSteps;
    private readonly int _shardSteps;
    private readonly WorkerLane[] _lanes;
    private readonly int[][] _clocks;
    private readonly long[][] _shardBytes;
    private readonly long[][] _staleness;
    private readonly List<TimelineFault> _faults = [];
    private readonly List<TimelineScore> _scores = [];
    private readonly HashSet<long> _scoredSteps = [];
    private int _faultCount;
    private long _events;
    private bool _ended;

    /// <summary>Nothing taken yet.</summary>
    /// <param name="ticks">Virtual ticks of the whole run.</param>
    /// <param name="workers">Workers in all.</param>
    /// <param name="shards">Shards in all.</param>
    public TimelineBuilder(long ticks, int workers, int shards)
    {
        _ticks = Math.Max(1, ticks);
        _unit = Math.Max(1, _ticks / 10_000_000);
        _workerSteps = Math.Clamp(MaxCells / workers, 1, MaxSteps);
        _shardSteps = Math.Clamp(MaxCells / shards, 1, MaxSteps);
        _lanes = [.. Enumerable.Range(0, workers).Select(worker => new WorkerLane(NodeId.Worker(worker)))];
        _clocks = Grid(workers, _workerSteps, -1);
        _shardBytes = Grid(shards, _shardSteps, 0L);
        _staleness = Grid(Buckets, MaxSteps / 4, 0L);
    }

    /// <summary>Names of the buckets of staleness.</summary>
    public static IReadOnlyList<string> StalenessLabels { get; } =
        [.. Enumerable.Range(0, Buckets)
            .Select(bucket => bucket switch { 0 => "0", 1 => "to 1", Buckets - 1 => $"over {1 << (Buckets - 3)}",
            _ => $"to {1 << (bucket - 1)}" })];

    /// <summary>The bucket of a mean staleness: 0, then up to 1, 2, 4, 8 and so on.</summary>
    public static int BucketOf(double tau) => tau <= 0
        ? 0 : Math.Min(Buckets - 1, 1 + BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Min(1 << 20, Math.Ceiling(tau)))));

    /// <summary>Takes the next event.</summary>
    public void Take(in TraceEvent traced)
    {
        _events++;
        switch (traced.Kind)
        {
            case TraceKind.Sent:
                CountShard(traced.From, traced);
                if (traced.Message == TraceMessage.PushAck && traced.First > 0)
                {
                    _staleness[BucketOf((double)traced.Second / traced.First)][StepOf(traced.Ticks, MaxSteps / 4)] += traced.First;
                }

                break;
            case TraceKind.Delivered:
                CountShard(traced.To, traced);
                if (traced.Message == TraceMessage.LeaseGranted)
                {
                    ref var clock = ref _clocks[traced.To.Index][StepOf(traced.Ticks, _workerSteps)];
                    clock = Math.Max(clock, (int)traced.First);
                }
                else if (traced.Message == TraceMessage.Evaluated && _scoredSteps.Add(traced.Key))
                {
                    _scores.Add(new TimelineScore(traced.Ticks / _unit, traced.Key, BitConverter.Int64BitsToDouble(traced.First)));
                }

                break;
            case TraceKind.Fault when traced.Text != "up": // every node of a cluster becomes a member once, and nothing goes wrong by it
                if (++_faultCount <= MaxFaults)
                {
                    _faults.Add(new TimelineFault(traced.Ticks / _unit, traced.Code == 1 ? traced.From.ToString() : null, traced.Text));
                }

                break;
            case TraceKind.End:
                _ended = true;
                return;
        }

        if (traced.From.Role == NodeRole.Worker && (traced.Kind != TraceKind.Fault || traced.Code == 1))
        {
            _lanes[traced.From.Index].Take(traced);
        }
        else if (traced.IsMessage && traced.To.Role == NodeRole.Worker)
        {
            _lanes[traced.To.Index].Take(traced);
        }
    }

    /// <summary>The timeline of what was taken.</summary>
    /// <param name="sha256">Hash of the trace, or null.</param>
    public Timeline Build(string? sha256)
    {
        foreach (var lane in _lanes)
        {
            lane.PassTo(_ticks);
        }

        var cells = MaxChanges / _lanes.Length;
        var onGrid = _lanes.Sum(lane => (long)lane.Changes.Count) > MaxChanges;
        return new Timeline
        {
            UnitSeconds = (double)_unit / TimeSpan.TicksPerSecond,
            Length = (_ticks + _unit - 1) / _unit,
            Events = _events,
            Ended = _ended,
            Sha256 = sha256,
            LaneCellSeconds = onGrid ? (double)_ticks / cells / TimeSpan.TicksPerSecond : 0,
            Lanes = [.. _lanes.Select(lane => InUnits(onGrid ? OnGrid(lane.Changes, cells) : lane.Changes))],
            Clocks = [.. _clocks.Select(Differences)],
            ShardBytes = _shardBytes,
            Staleness = _staleness,
            StalenessLabels = StalenessLabels,
            Faults = _faults,
            FaultsLeftOut = _faultCount - _faults.Count,
            Scores = _scores,
        };
    }

    private static T[][] Grid<T>(int rows, int steps, T value)
    {
        var grid = new T[rows][];
        for (var row = 0; row < rows; row++)
        {
            grid[row] = new T[steps];
            Array.Fill(grid[row], value);
        }

        return grid;
    }

    /// <summary>A clock holds until it moves.</summary>
    private static int[] Differences(int[] clocks)
    {
        var differences = new int[clocks.Length];
        var last = -1;
        for (var step = 0; step < clocks.Length; step++)
        {
            var now = Math.Max(last, clocks[step]);
            differences[step] = step == 0 ? now : now - last;
            last = now;
        }

        return differences;
    }

    private void CountShard(NodeId node, in TraceEvent traced)
    {
        if (node.Role == NodeRole.Shard)
        {
            _shardBytes[node.Index][StepOf(traced.Ticks, _shardSteps)] += traced.Bytes;
        }
    }

    private int StepOf(long ticks, int steps) => (int)Math.Min(steps - 1, (long)((Int128)ticks * steps / _ticks));

    private long[] InUnits(IReadOnlyList<(long Ticks, LaneState State)> changes)
    {
        var flat = new long[2 * changes.Count];
        var last = 0L;
        for (var n = 0; n < changes.Count; n++)
        {
            var at = Math.Min(changes[n].Ticks, _ticks) / _unit;
            (flat[2 * n], flat[(2 * n) + 1]) = (at - last, (long)changes[n].State);
            last = at;
        }

        return flat;
    }

    /// <summary>Every cell takes the state that fills most of it.</summary>
    private List<(long Ticks, LaneState State)> OnGrid(IReadOnlyList<(long Ticks, LaneState State)> changes, int cells)
    {
        var drawn = new List<(long Ticks, LaneState State)>();
        Span<long> shares = stackalloc long[(int)LaneState.Down + 1];
        var (next, state) = (0, LaneState.Wait);
        for (var cell = 0; cell < cells; cell++)
        {
            var (at, end) = ((long)((Int128)_ticks * cell / cells), (long)((Int128)_ticks * (cell + 1) / cells));
            var start = at;
            shares.Clear();
            while (next < changes.Count && changes[next].Ticks < end)
            {
                shares[(int)state] += changes[next].Ticks - at;
                (at, state) = changes[next++];
            }

            shares[(int)state] += end - at;
            var most = 0;
            for (var candidate = 1; candidate < shares.Length; candidate++)
            {
                most = shares[candidate] > shares[most] ? candidate : most;
            }

            if (drawn.Count == 0 || drawn[^1].State != (LaneState)most)
            {
                drawn.Add((start, (LaneState)most));
            }
        }

        return drawn;
    }
}
