using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Protocol;

/// <summary>Trainer ↔ evaluator ↔ shards: a cut of all parameters at one step, and its metrics.</summary>
internal static class SnapshotProtocol
{
    /// <summary>Trainer → evaluator: no batch is in flight; read every shard at <paramref name="Step"/>, then score.
    /// Repeating it repeats the answers.</summary>
    [Manifest("s.evaluate.2")]
    public sealed record Evaluate(long Step, double Epoch)
    {
        /// <summary>Seconds from the start of training to this cut.</summary>
        [Carried]
        public double TrainSeconds { get; init; }
    }

    /// <summary>Evaluator → shard.</summary>
    [Manifest("s.read.1")]
    public sealed record Read(ShardId Shard, long Step) : IWithShardId;

    /// <summary>Shard → evaluator: a copy of its rows.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Step">The step that was asked for.</param>
    /// <param name="Applied">Batches the shard has applied, all of those before it without a gap.</param>
    /// <param name="InFlight">Whether it has applied others beyond a gap, or holds pushes that wait: then this is no cut.</param>
    /// <param name="Users">Its user rows in the layout's order, [rows, width].</param>
    /// <param name="Items">Its item rows in the layout's order, [rows, width].</param>
    [Manifest("s.part.2")]
    public sealed record Part(ShardId Shard, long Step, long Applied, bool InFlight, float[] Users, float[] Items)
        : IWithShardId, IPartlyCounted
    {
        /// <summary>Bytes of rows that are counted and not there.</summary>
        public long Absent { get; init; }
    }

    /// <summary>Evaluator → trainer: every shard has been read; training may go on.</summary>
    [Manifest("s.taken.1")]
    public sealed record Taken(long Step);

    /// <summary>Evaluator → trainer: the metrics, with the raw parameters they belong to.</summary>
    [Manifest("s.evaluated.2")]
    public sealed record Evaluated(EvaluationReport Report, ModelSnapshot Snapshot);

    /// <summary>Evaluator → trainer: the snapshot is not a cut, or cannot be scored.</summary>
    [Manifest("s.failed.1")]
    public sealed record Failed(long Step, string Reason);
}

/// <summary>Raw parameters in row order.</summary>
/// <param name="Step">Batches applied.</param>
/// <param name="Users">[users, UserWidth].</param>
/// <param name="Items">[items, ItemWidth].</param>
internal sealed record ModelSnapshot(long Step, float[] Users, float[] Items);

/// <summary>Trainer ↔ shard: everything a shard knows, for checkpoints and the final report.</summary>
internal static class StateProtocol
{
    /// <summary>Asks a shard where it stands, given the batches complete from the first on without a gap: a shard that was
    /// started again may have lost some.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Completed">Batches complete from the first on without a gap.</param>
    /// <param name="Beyond">Batches complete beyond the gap.</param>
    [Manifest("t.inquire.2")]
    public sealed record Inquire(ShardId Shard, long Completed, int Beyond) : IWithShardId;

    /// <summary>The answer to <see cref="Inquire"/>.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Completed">What was asked with.</param>
    /// <param name="Applied">Batches that the shard has applied without a gap.</param>
    /// <param name="Lacks">Whether it has applied fewer than are complete, or not all of those
    /// without a gap: then it has lost some.</param>
    [Manifest("t.standing.2")]
    public sealed record Standing(ShardId Shard, long Completed, long Applied, bool Lacks) : IWithShardId;

    /// <summary>A durable shard says what it begins with to everybody before it answers them for the first time in this life: when it was
    /// started again, whatever they wait for from it has to be sent again.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Frontier">It begins with every batch below this one.</param>
    /// <param name="Above">And with these beyond it, ascending.</param>
    [Manifest("t.recovered.2")]
    public sealed record Recovered(ShardId Shard, long Frontier, long[] Above) : IWithShardId;

    /// <summary>Asks a shard what it has counted so far, whatever is in flight.</summary>
    [Manifest("t.count.1")]
    public sealed record Count(ShardId Shard) : IWithShardId;

    /// <summary>The answer to <see cref="Count"/>.</summary>
    [Manifest("t.counted.2")]
    public sealed record Counted(ShardId Shard, ShardCounters Counters, StalenessCounts Staleness) : IWithShardId;

    /// <summary>Asks for the state at a step at which no batch is in flight.</summary>
    [Manifest("t.export.1")]
    public sealed record Export(ShardId Shard, long Step) : IWithShardId;

    /// <summary>The answer to <see cref="Export"/>.</summary>
    [Manifest("t.image.2")]
    public sealed record Image(
        ShardId Shard, long Step, long Applied, bool InFlight, TableImage Users, TableImage Items, ShardCounters Counters,
        StalenessCounts Staleness) : IWithShardId;
}

/// <summary>A copy of one table's rows on one shard, in the layout's order.</summary>
/// <param name="Values">[rows, width].</param>
/// <param name="Slots">Optimizer state, one [rows, slot width] per slot.</param>
/// <param name="RowSteps">Optimizer steps per row.</param>
internal sealed record TableImage(float[] Values, float[][] Slots, int[] RowSteps) : IPartlyCounted
{
    /// <summary>Bytes of rows that are counted and not there.</summary>
    public long Absent { get; init; }

    /// <summary>Payload size in bytes.</summary>
    public long Bytes => Absent + (sizeof(float) * (Values.LongLength + Slots.Sum(slot => slot.LongLength)))
        + ((long)RowSteps.Length * sizeof(int));
}

/// <summary>What a shard counted. Times in Stopwatch ticks, bytes as rows' payload in and out.</summary>
internal readonly record struct ShardCounters(long Rows, long Pulls, long Pushes, long Bytes, long PullTicks, long ApplyTicks);
