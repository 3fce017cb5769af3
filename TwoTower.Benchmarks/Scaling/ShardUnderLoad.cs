using System.Diagnostics;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Benchmarks.Scaling;

/// <summary>A shard of so many rows and workers that pull and push batches of drawn rows, of one size whatever the shard's.</summary>
internal sealed class ShardUnderLoad
{
    private const int Dim = 8;
    private const int RowsOfBatch = 512; // of each table
    private const int Workers = 4;
    private const int WorkingSet = 2048; // of each table
    private const int PushesPerRecord = 64;
    private readonly ShardState _state;
    private readonly bool _writes;
    private readonly int _rows;
    private readonly SeededRandom _random = new(3);
    private long _batch;

    /// <summary>A shard that nothing has been pushed to.</summary>
    /// <param name="layout">Both tables on the one shard.</param>
    /// <param name="options">Consistency, durability and delays.</param>
    public ShardUnderLoad(ParameterLayout layout, TrainingOptions options)
    {
        _writes = options.Durability != Durability.None;
        _rows = layout.Users.Rows;
        options = options with
        {
            Workers = Workers,
            Shards = 1,
            Model = new ModelOptions { Dim = Dim },
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adam, LearningRate = 0.01 },
        };
        var buckets = new PopularityBuckets(new int[_rows]);
        var schedule = new LearningRateSchedule(options.Optimizer, 10, 100);
        _state = new ShardState(new ShardId(0), new ShardBlueprint(options, layout, schedule, buckets, buckets));
    }

    /// <summary>Both tables of a shard of so many rows.</summary>
    public static ParameterLayout Layout(int rows)
    {
        var half = TableLayout.Create(PartitionerKind.Range, 1, new int[rows / 2]);
        return new ParameterLayout(half, half);
    }

    /// <summary>Pulls and pushes batches.</summary>
    /// <param name="batches">How many, a multiple of the workers.</param>
    /// <param name="everywhere">Whether rows are drawn from the whole table, or from a working set that is as large in every table.</param>
    /// <returns>Microseconds a batch in the shard.</returns>
    public double Run(int batches, bool everywhere)
    {
        var ticks = 0L;
        for (var n = 0; n < batches; n += Workers)
        {
            for (var worker = 0; worker < Workers; worker++, _batch++)
            {
                ticks += Turn(worker, everywhere);
            }
        }

        return Stopwatch.GetElapsedTime(0, ticks).TotalMicroseconds / batches;
    }

    private long Turn(int worker, bool everywhere)
    {
        var clock = _batch / Workers;
        var pull = new ParameterProtocol.Pull(
            new ShardId(0), new WorkerId(worker), ParameterProtocol.Pull.FirstTicket(1) + clock + 1, clock,
            Draw(everywhere), Draw(everywhere));
        var start = Stopwatch.GetTimestamp();
        _state.TryPull(pull, out var rows, out _);
        var ticks = Stopwatch.GetTimestamp() - start;
        Fill(rows!.Users);
        Fill(rows.Items);
        var lease = new Lease(new BatchId(_batch), 0, 0, RowsOfBatch, clock, clock, worker, Workers);
        var push = new ParameterProtocol.Push(new ShardId(0), new WorkerId(worker), 1, lease, rows.Version, rows.Users, rows.Items);
        start = Stopwatch.GetTimestamp();
        _state.TryPush(push, _ => { }, out _);
        if (_writes && (_batch + 1) % PushesPerRecord == 0)
        {
            _state.SaveShared();
        }

        return ticks + Stopwatch.GetTimestamp() - start;
    }

    /// <summary>Distinct rows.</summary>
    private RowKeys Draw(bool everywhere)
    {
        var keys = RowKeys.Rent(RowsOfBatch);
        var (from, stride) = everywhere ? (_rows, 1) : (WorkingSet, _rows / WorkingSet);
        var part = from / RowsOfBatch;
        for (var n = 0; n < RowsOfBatch; n++)
        {
            keys.Array[n] = ((n * part) + _random.NextInt(part)) * stride;
        }

        return keys;
    }

    private static void Fill(RowBlock block)
    {
        for (var at = 0; at < block.Count * block.Width; at++)
        {
            block.Values[at] = ((at * 7) % 11 * 0.01f) - 0.05f;
        }
    }
}
