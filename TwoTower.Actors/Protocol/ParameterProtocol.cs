using System.Buffers;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol;

/// <summary>Worker ↔ shard: rows out, gradients in.</summary>
internal static class ParameterProtocol
{
    /// <summary>Asks for rows. Repeating it is harmless.</summary>
    /// <param name="Shard">The shard that holds all of the rows.</param>
    /// <param name="Worker">Who asks.</param>
    /// <param name="Ticket">Names the request in the reply: the life of the worker
    /// (<see cref="FirstTicket"/>), and a number within it.</param>
    /// <param name="Clock">The worker's clock.</param>
    /// <param name="Users">Rows of the user table.</param>
    /// <param name="Items">Rows of the item table.</param>
    [Manifest("p.pull.2")]
    public sealed record Pull(ShardId Shard, WorkerId Worker, long Ticket, long Clock, RowKeys Users, RowKeys Items) : IWithShardId,
        IWithWorkerId, IOwnsBuffers
    {
        private const int BitsOfNumber = 32;

        /// <summary>What a life's tickets are counted from: no ticket of another life comes again, not even one of the actor
        /// that was there before a restart.</summary>
        public static long FirstTicket(long birth) => birth << BitsOfNumber;

        /// <summary>The life that a ticket is of.</summary>
        public static long BirthOf(long ticket) => ticket >> BitsOfNumber;

        /// <inheritdoc />
        public object Copy() => this with { Users = Users.Copy(), Items = Items.Copy() };

        /// <inheritdoc />
        public void Return()
        {
            Users.Return();
            Items.Return();
        }
    }

    /// <summary>The answer to <see cref="Pull"/>: rows in the order asked for.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Worker">Whom it is for.</param>
    /// <param name="Ticket">The pull's ticket.</param>
    /// <param name="Version">Pushes that the shard had applied.</param>
    /// <param name="Users">User rows.</param>
    /// <param name="Items">Item rows.</param>
    [Manifest("p.rows.2")]
    public sealed record Rows(ShardId Shard, WorkerId Worker, long Ticket, long Version, RowBlock Users, RowBlock Items) : IWithShardId,
        IWithWorkerId, IOwnsBuffers
    {
        /// <inheritdoc />
        public object Copy() => this with { Users = Users.Copy(), Items = Items.Copy() };

        /// <inheritdoc />
        public void Return()
        {
            Users.Return();
            Items.Return();
        }
    }

    /// <summary>Gradients of one batch for one shard. Sent to every shard, with no rows where there are none, because every shard counts
    /// batches. Repeating it is harmless: the batch is applied once.</summary>
    /// <param name="Shard">The shard that holds all of the rows.</param>
    /// <param name="Worker">Who computed it.</param>
    /// <param name="Birth">The life of the worker; refused when it has been fenced off.</param>
    /// <param name="Lease">The batch, its clock and its place in the round.</param>
    /// <param name="PulledVersion">The version that the rows were pulled at.</param>
    /// <param name="Users">Mean gradients of user rows, each with the row version it was pulled at.</param>
    /// <param name="Items">Mean gradients of item rows, each with the row version it was pulled at.</param>
    [Manifest("p.push.2")]
    public sealed record Push(ShardId Shard, WorkerId Worker, long Birth, Lease Lease, long PulledVersion, RowBlock Users, RowBlock Items)
        : IWithShardId, IWithWorkerId, IOwnsBuffers
    {
        /// <inheritdoc />
        public object Copy() => this with { Users = Users.Copy(), Items = Items.Copy() };

        /// <inheritdoc />
        public void Return()
        {
            Users.Return();
            Items.Return();
        }
    }

    /// <summary>The push has been applied (or had been before).</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Worker">Whom it is for.</param>
    /// <param name="Batch">Which batch.</param>
    /// <param name="StaleRows">Rows of the push.</param>
    /// <param name="StalenessSum">Σ τ over them.</param>
    /// <param name="Version">Pushes that the shard has taken, this one included: one more than before when it
    /// is new, as many when it was known.</param>
    [Manifest("p.ack.1")]
    public sealed record PushAck(ShardId Shard, WorkerId Worker, BatchId Batch, long StaleRows, long StalenessSum, long Version)
        : IWithShardId, IWithWorkerId;

    /// <summary>Trainer → shard: take no more pushes from a worker's lives up to this one; their batches are about to be given to others.
    /// Repeating it is harmless.</summary>
    [Manifest("p.fence.1")]
    public sealed record Fence(ShardId Shard, WorkerId Worker, long Birth) : IWithShardId, IWithWorkerId;

    /// <summary>The answer to <see cref="Fence"/>, and to a push of a life that is fenced off: nothing of
    /// that life is applied any more.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Worker">Whose life.</param>
    /// <param name="Birth">Up to which life.</param>
    /// <param name="FurthestClock">Largest clock that anybody has pulled at there.</param>
    [Manifest("p.fenced.1")]
    public sealed record Fenced(ShardId Shard, WorkerId Worker, long Birth, long FurthestClock) : IWithShardId, IWithWorkerId;

    /// <summary>The request cannot be served.</summary>
    [Manifest("p.nack.1")]
    public sealed record Nack(ShardId Shard, WorkerId Worker, string Reason) : IWithShardId, IWithWorkerId;
}

/// <summary>Row indices of one table in a pooled array.</summary>
/// <param name="Array">Rented; the first <paramref name="Count"/> entries count.</param>
/// <param name="Count">Rows.</param>
internal readonly record struct RowKeys(int[] Array, int Count)
{
    /// <summary>The indices.</summary>
    public ReadOnlySpan<int> Span => Array.AsSpan(0, Count);

    /// <summary>Rents keys for <paramref name="count"/> rows.</summary>
    public static RowKeys Rent(int count) => new(ArrayPool<int>.Shared.Rent(count), count);

    /// <summary>So many keys that are only counted.</summary>
    public static RowKeys Counted(int count) => new([], count);

    /// <summary>Whether the keys are counted and not there: such a block has a size and no content.</summary>
    public bool IsCounted => Array.Length < Count;

    /// <summary>The same keys in an array of their own.</summary>
    public RowKeys Copy()
    {
        if (IsCounted)
        {
            return this;
        }

        var copy = Rent(Count);
        Span.CopyTo(copy.Array);
        return copy;
    }

    /// <summary>Gives the array back. The owner calls it once.</summary>
    public void Return() => ArrayPool<int>.Shared.Return(Array);
}

/// <summary>Rows of one table: indices, versions and values in pooled arrays.</summary>
/// <param name="Keys">Row indices.</param>
/// <param name="Versions">Per row: pushes applied to it when it was pulled.</param>
/// <param name="Values">Row-major [rows, width].</param>
/// <param name="Width">Floats per row.</param>
internal readonly record struct RowBlock(RowKeys Keys, int[] Versions, float[] Values, int Width)
{
    /// <summary>Rows.</summary>
    public int Count => Keys.Count;

    /// <summary>What the values are rounded to, and with how many bits they travel.</summary>
    public RowPrecision Precision { get; init; }

    /// <summary>Payload size in bytes.</summary>
    public long Bytes => Count * (RowRounding.BytesOf(Precision, Width) + (2 * sizeof(int)));

    /// <summary>Rents a block for keys that it takes over.</summary>
    public static RowBlock Rent(RowKeys keys, int width) =>
        new(keys, ArrayPool<int>.Shared.Rent(keys.Count), ArrayPool<float>.Shared.Rent(keys.Count * width), width);

    /// <summary>So many rows that are only counted.</summary>
    public static RowBlock Counted(int count, int width) => new(RowKeys.Counted(count), [], [], width);

    /// <summary>The same block, its values rounded in place.</summary>
    public RowBlock Rounded(RowPrecision precision)
    {
        for (var n = 0; !Keys.IsCounted && precision != RowPrecision.Float32 && n < Count; n++)
        {
            RowRounding.Round(precision, Row(n));
        }

        return this with { Precision = precision };
    }

    /// <summary>The values of the n-th row.</summary>
    public Span<float> Row(int n) => Values.AsSpan(n * Width, Width);

    /// <summary>The same block in arrays of its own.</summary>
    public RowBlock Copy()
    {
        if (Keys.IsCounted)
        {
            return this;
        }

        var copy = Rent(Keys.Copy(), Width) with { Precision = Precision };
        Versions.AsSpan(0, Count).CopyTo(copy.Versions);
        Values.AsSpan(0, Count * Width).CopyTo(copy.Values);
        return copy;
    }

    /// <summary>Gives all arrays back. The owner calls it once.</summary>
    public void Return()
    {
        Keys.Return();
        ArrayPool<int>.Shared.Return(Versions);
        ArrayPool<float>.Shared.Return(Values);
    }
}
