using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>The rows of one table in a batch, grouped by shard. Reused from batch to batch.</summary>
internal interface IBatchTable
{
    /// <summary>Pulled values in the order of the batch's rows, [rows, width].</summary>
    ReadOnlySpan<float> Values { get; }

    /// <summary>Their gradient, in the same shape.</summary>
    Span<float> Gradient { get; }

    /// <summary>Takes the rows of a batch in, with what the worker has copies of.</summary>
    /// <param name="lease">The batch.</param>
    /// <param name="rows">Its distinct rows.</param>
    /// <param name="copies">The worker's copies.</param>
    /// <param name="pulledVersion">Per shard: lowered to the shard version of the oldest copy used.</param>
    void Group(Lease lease, ReadOnlySpan<int> rows, RowCopies copies, long[] pulledVersion);

    /// <summary>Rows that have to be pulled from a shard: those without a copy.</summary>
    int PullsOf(int shard);

    /// <summary>Their keys.</summary>
    RowKeys PulledKeysOf(int shard, int[] rows);

    /// <summary>Takes pulled rows in.</summary>
    void Scatter(int shard, in RowBlock block, RowCopies copies, long clock, long shardVersion);

    /// <summary>The gradient of all rows of a shard.</summary>
    RowBlock GradientOf(int shard, int[] rows);
}
