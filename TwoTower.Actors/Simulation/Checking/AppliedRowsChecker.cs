using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>What was acknowledged was applied: where every push is a step of its own, the steps that a shard's rows have made by a boundary
/// are as many as the rows that were pushed to it; where some pushes make a step together, no more than that, and no fewer than it takes
/// when as many as may come together do. That a push was counted says nothing of what became of its gradient.</summary>
/// <remarks>Under bsp the parameters of a whole run are compared, which sees more. A batch that two workers push with different rows
/// (negatives that are drawn by the model may differ) says nothing of its shard any more.</remarks>
internal sealed class AppliedRowsChecker : InvariantChecker
{
    private readonly AcknowledgedBatches _acknowledged;
    private readonly int _group;
    private readonly bool _drops;
    private readonly bool _durable;
    private readonly SortedDictionary<int, Pushed> _shards = [];

    /// <summary>A checker of a run from its first batch on.</summary>
    /// <param name="acknowledged">What every shard has acknowledged.</param>
    /// <param name="group">Pushes that make a step together at most.</param>
    /// <param name="drops">Whether pushes that are too stale are left out.</param>
    /// <param name="durable">Whether what a shard acknowledges is promised to outlive its crash.</param>
    /// <param name="seed">The world's seed.</param>
    internal AppliedRowsChecker(AcknowledgedBatches acknowledged, int group, bool drops, bool durable, long seed)
        : base(Name, seed) => (_acknowledged, _group, _drops, _durable) = (acknowledged, group, drops, durable);

    /// <summary>The invariant, as it is named when it is violated.</summary>
    public const string Name = "what was acknowledged was applied to its rows";

    /// <inheritdoc />
    public override void Delivered(double now, in Crossing crossing)
    {
        // Of one that was acknowledged no more is applied, whatever rows it comes with.
        if (crossing.Message is ParameterProtocol.Push push && !_acknowledged.EverOf(push.Shard).Contains(push.Lease.Batch.Number))
        {
            At(push.Shard).Take(push, countsRows: _group > 1);
        }
    }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is ParameterProtocol.PushAck ack)
        {
            At(ack.Shard).Forget(ack.Batch.Number);
            return;
        }

        // A late repetition of a request is answered when others have been pushed, and nobody uses the answer.
        if (crossing.Message is not StateProtocol.Image image || !_acknowledged.Of(image.Shard).IsExactly(image.Step)
            || At(image.Shard) is not { IsKnown: true } shard || shard.Last >= image.Step
            || image.Users.RowSteps.Length + image.Items.RowSteps.Length == 0)
        {
            return;
        }

        var steps = image.Users.RowSteps.Sum(step => (long)step) + image.Items.RowSteps.Sum(step => (long)step);
        var (most, least) = (shard.Rows, _drops ? 0 : shard.Least(_group));
        if (steps > most || steps < least)
        {
            throw Violation(now, crossing, $"the rows of {image.Shard} have made {steps} steps at batch {image.Step}",
                least == most ? $"{most}, one for each row of every push" : $"{least} to {most}, after pushes of {most} rows");
        }
    }

    /// <inheritdoc />
    public override void Fault(double now, NodeId? node, string what)
    {
        if (!_durable && node is { Role: NodeRole.Shard } shard && what == "crash")
        {
            At(new ShardId(shard.Index)).IsKnown = false;
        }
    }

    private Pushed At(ShardId shard)
    {
        if (!_shards.TryGetValue(shard.Value, out var pushed))
        {
            _shards.Add(shard.Value, pushed = new Pushed());
        }

        return pushed;
    }

    /// <summary>What was pushed to a shard.</summary>
    private sealed class Pushed
    {
        private readonly Dictionary<long, ulong> _batches = [];
        private readonly Dictionary<long, long> _pushesOf = [];

        /// <summary>Whether it is clear what the shard has.</summary>
        public bool IsKnown { get; set; } = true;

        /// <summary>Rows of all batches.</summary>
        public long Rows { get; private set; }

        /// <summary>The highest batch.</summary>
        public long Last { get; private set; } = -1;

        public long Least(int group) => group == 1 ? Rows : _pushesOf.Values.Sum(pushes => (pushes + group - 1) / group);

        /// <summary>A batch is acknowledged, and no more is to come of it.</summary>
        public void Forget(long batch) => _batches.Remove(batch);

        public void Take(ParameterProtocol.Push push, bool countsRows)
        {
            if (IsCounted(push.Users) || IsCounted(push.Items))
            {
                IsKnown = false; // rows that are only counted are not there
                return;
            }

            var users = push.Users.Keys.Span;
            var items = push.Items.Keys.Span;
            var print = 17UL;
            foreach (var key in users)
            {
                print = unchecked((print * 31) + (ulong)key);
            }

            foreach (var key in items)
            {
                print = unchecked((print * 37) + (ulong)key);
            }

            var batch = push.Lease.Batch.Number;
            if (!_batches.TryAdd(batch, print))
            {
                IsKnown &= _batches[batch] == print;
                return;
            }

            Last = Math.Max(Last, batch);
            Rows += users.Length + items.Length;
            if (!countsRows)
            {
                return;
            }

            foreach (var key in users)
            {
                Count(2L * key);
            }

            foreach (var key in items)
            {
                Count((2L * key) + 1);
            }
        }

        private static bool IsCounted(in RowBlock block) => block.Keys is { Array: not null, IsCounted: true };

        private void Count(long row) => _pushesOf[row] = _pushesOf.GetValueOrDefault(row) + 1;
    }
}
