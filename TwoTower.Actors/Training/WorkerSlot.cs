using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Training;

/// <summary>One batch on its way through a worker: its rows by shard, what has been pulled, its gradient, who has
/// acknowledged. Reused from batch to batch.</summary>
internal sealed class WorkerSlot
{
    private readonly IBatchTable _users;
    private readonly IBatchTable _items;
    private readonly long[] _pulledVersion;
    private readonly bool[] _answered;
    private readonly RowPrecision _precision;
    private readonly int _userStatistics;
    private readonly int _itemStatistics;
    private RowCopies _userCopies = null!;
    private RowCopies _itemCopies = null!;

    /// <summary>A slot with buffers for the largest batch.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="layout">Which rows lie where.</param>
    /// <param name="towers">What the rows of both tables are; null where all are embeddings.</param>
    public WorkerSlot(TrainingOptions options, ParameterLayout layout, TowerLayouts? towers = null)
    {
        Plan = BatchPlan.For(options.Loss, options.BatchSize, towers?.Items.Entities ?? layout.Items.Rows, towers);
        (_userStatistics, _itemStatistics) = (towers?.Users.StatisticRows * options.Model.UserWidth ?? 0,
            towers?.Items.StatisticRows * options.Model.ItemWidth ?? 0);
        _users = new TableSide(layout.Users, Math.Min(Plan.UserRows.Length, layout.Users.Rows), options.Model.UserWidth);
        _items = new TableSide(layout.Items, Math.Min(Plan.ItemRows.Length, layout.Items.Rows), options.Model.ItemWidth);
        _pulledVersion = new long[layout.Users.Shards];
        _answered = new bool[layout.Users.Shards];
        _precision = options.PushPrecision;
    }

    /// <summary>A slot whose tables are given, without a batch of examples.</summary>
    /// <param name="users">User rows of a batch.</param>
    /// <param name="items">Item rows of a batch.</param>
    /// <param name="shards">Shards.</param>
    /// <param name="precision">What gradients are rounded to.</param>
    internal WorkerSlot(IBatchTable users, IBatchTable items, int shards, RowPrecision precision)
    {
        Plan = new BatchPlan(0, 0);
        (_users, _items) = (users, items);
        _pulledVersion = new long[shards];
        _answered = new bool[shards];
        _precision = precision;
    }

    /// <summary>The batch.</summary>
    public BatchPlan Plan { get; }

    /// <summary>The lease it is computed under.</summary>
    public Lease Lease { get; private set; } = null!;

    /// <summary>The worker's count of leases in this life when this one was asked for.</summary>
    public long Ordinal { get; private set; }

    /// <summary>Names its pulls; used once over all lives of a worker, so that late rows of an earlier life are known as such.</summary>
    public long Ticket { get; private set; }

    /// <summary>When the lease was received (scheduler seconds).</summary>
    public double LeasedAt { get; private set; }

    /// <summary>When the last pull or push was sent (scheduler seconds).</summary>
    public double SentAt { get; set; }

    /// <summary>Shards whose answer is missing.</summary>
    public int Missing { get; private set; }

    /// <summary>Whether the gradient has been computed and is being pushed.</summary>
    public bool Pushing { get; private set; }

    /// <summary>Ticks spent pulling for this batch.</summary>
    public long PullTicks { get; set; }

    /// <summary>Rows pushed, as the shards acknowledged them.</summary>
    public long StaleRows { get; private set; }

    /// <summary>Σ τ over them.</summary>
    public long StalenessSum { get; private set; }

    /// <summary>What is told of the batch when all have acknowledged.</summary>
    public BatchReport? Report { get; set; }

    /// <summary>Pulled user rows.</summary>
    public ReadOnlySpan<float> Users => _users.Values;

    /// <summary>Pulled item rows.</summary>
    public ReadOnlySpan<float> Items => _items.Values;

    /// <summary>Gradient of the user rows.</summary>
    public Span<float> UserGradient => _users.Gradient;

    /// <summary>Gradient of the item rows.</summary>
    public Span<float> ItemGradient => _items.Gradient;

    /// <summary>The user rows' gradient without the rows at its end that are measured and not learned: what counts for its norm.</summary>
    public Span<float> LearnedUserGradient => UserGradient[..^_userStatistics];

    /// <summary>The same of the item rows.</summary>
    public Span<float> LearnedItemGradient => ItemGradient[..^_itemStatistics];

    /// <summary>Builds the batch of a lease, takes what the worker has copies of, and groups the rows by shard.</summary>
    public void Begin(BatchBuilder? builder, Lease lease, long ordinal, long ticket, double now, RowCopies userCopies, RowCopies itemCopies)
    {
        (_userCopies, _itemCopies) = (userCopies, itemCopies);
        Lease = lease;
        Ordinal = ordinal;
        Ticket = ticket;
        LeasedAt = now;
        Pushing = false;
        PullTicks = 0;
        StaleRows = 0;
        StalenessSum = 0;
        Report = null;
        builder?.Build(lease.Epoch, lease.First, lease.Count, Plan);
        Array.Fill(_pulledVersion, long.MaxValue); // stays where there are no rows, and so no staleness to measure
        _users.Group(lease, Plan.UserRows.AsSpan(0, Plan.UserRowCount), userCopies, _pulledVersion);
        _items.Group(lease, Plan.ItemRows.AsSpan(0, Plan.ItemRowCount), itemCopies, _pulledVersion);
        Missing = 0;
        for (var shard = 0; shard < _answered.Length; shard++)
        {
            var needed = _users.PullsOf(shard) + _items.PullsOf(shard) > 0;
            _answered[shard] = !needed;
            Missing += needed ? 1 : 0;
        }
    }

    /// <summary>The batch has been given its place in a round.</summary>
    public void Place(Lease lease) => Lease = lease;

    /// <summary>Whether the shard still owes an answer.</summary>
    public bool Awaits(int shard) => !_answered[shard];

    /// <summary>The pull for one shard, in buffers that go to the receiver.</summary>
    public ParameterProtocol.Pull PullFrom(int shard, WorkerId worker) =>
        new(new ShardId(shard), worker, Ticket, Lease.Clock, _users.PulledKeysOf(shard, Plan.UserRows),
            _items.PulledKeysOf(shard, Plan.ItemRows));

    /// <summary>Takes rows in and gives their buffers back; rows that were answered before are only given back.</summary>
    public void Accept(ParameterProtocol.Rows rows)
    {
        var shard = rows.Shard.Value;
        if (!Pushing && !_answered[shard])
        {
            _users.Scatter(shard, rows.Users, _userCopies, Lease.Clock, rows.Version);
            _items.Scatter(shard, rows.Items, _itemCopies, Lease.Clock, rows.Version);
            _pulledVersion[shard] = Math.Min(_pulledVersion[shard], rows.Version); // a copy may be older
            _answered[shard] = true;
            Missing--;
        }

        rows.Return();
    }

    /// <summary>The gradient is there: from now on acknowledgements of all shards are awaited.</summary>
    public void BeginPush()
    {
        Pushing = true;
        Array.Clear(_answered);
        Missing = _answered.Length;
    }

    /// <summary>The push for one shard, in buffers that go to the receiver.</summary>
    public ParameterProtocol.Push PushTo(int shard, WorkerId worker, long birth) =>
        new(new ShardId(shard), worker, birth, Lease, _pulledVersion[shard],
            _users.GradientOf(shard, Plan.UserRows).Rounded(_precision), _items.GradientOf(shard, Plan.ItemRows).Rounded(_precision));

    /// <summary>Takes an acknowledgement in; a repeated one changes nothing.</summary>
    public void Accept(ParameterProtocol.PushAck ack)
    {
        if (Pushing && !_answered[ack.Shard.Value])
        {
            _answered[ack.Shard.Value] = true;
            Missing--;
            StaleRows += ack.StaleRows;
            StalenessSum += ack.StalenessSum;
        }
    }

    /// <summary>The rows of one table in a batch, grouped by shard.</summary>
    private sealed class TableSide(TableLayout layout, int capacity, int width) : IBatchTable
    {
        private readonly float[] _values = new float[capacity * width];
        private readonly float[] _gradient = new float[capacity * width];
        private readonly int[] _versions = new int[capacity];
        private readonly int[] _order = new int[capacity];
        private readonly int[] _start = new int[layout.Shards + 1];
        private readonly int[] _next = new int[layout.Shards];
        private readonly int[] _pulls = new int[layout.Shards];
        private readonly bool[] _copied = new bool[capacity];
        private int _count;

        public ReadOnlySpan<float> Values => _values.AsSpan(0, _count * width);

        public Span<float> Gradient => _gradient.AsSpan(0, _count * width);

        // Rows without a copy come first in a shard's order.
        public int PullsOf(int shard) => _pulls[shard];

        public void Group(Lease lease, ReadOnlySpan<int> rows, RowCopies copies, long[] pulledVersion)
        {
            _count = rows.Length;
            Array.Clear(_start);
            Array.Clear(_pulls);
            for (var position = 0; position < rows.Length; position++)
            {
                var shard = layout.ShardOf(rows[position]);
                _start[shard + 1]++;
                var copy = copies.Find(rows[position], lease.Clock);
                _copied[position] = copy is not null;
                if (copy is null)
                {
                    _pulls[shard]++;
                    continue;
                }

                copy.Values.CopyTo(_values.AsSpan(position * width));
                _versions[position] = copy.Version;
                pulledVersion[shard] = Math.Min(pulledVersion[shard], copy.ShardVersion);
            }

            for (var shard = 0; shard < _next.Length; shard++)
            {
                _next[shard] = _start[shard];
                _start[shard + 1] += _start[shard];
            }

            foreach (var copied in (ReadOnlySpan<bool>)[false, true])
            {
                for (var position = 0; position < rows.Length; position++)
                {
                    if (_copied[position] == copied)
                    {
                        _order[_next[layout.ShardOf(rows[position])]++] = position;
                    }
                }
            }
        }

        public RowKeys PulledKeysOf(int shard, int[] rows) => KeysOf(shard, rows, _pulls[shard]);

        private RowKeys KeysOf(int shard, int[] rows, int count)
        {
            var keys = RowKeys.Rent(count);
            for (var n = 0; n < keys.Count; n++)
            {
                keys.Array[n] = rows[_order[_start[shard] + n]];
            }

            return keys;
        }

        public void Scatter(int shard, in RowBlock block, RowCopies copies, long clock, long shardVersion)
        {
            for (var n = 0; n < block.Count; n++)
            {
                var position = _order[_start[shard] + n];
                _versions[position] = block.Versions[n];
                block.Row(n).CopyTo(_values.AsSpan(position * width));
                copies.Keep(block.Keys.Array[n], clock, block.Row(n), block.Versions[n], shardVersion);
            }
        }

        public RowBlock GradientOf(int shard, int[] rows)
        {
            var block = RowBlock.Rent(KeysOf(shard, rows, _start[shard + 1] - _start[shard]), width);
            for (var n = 0; n < block.Count; n++)
            {
                var position = _order[_start[shard] + n];
                block.Versions[n] = _versions[position];
                _gradient.AsSpan(position * width, width).CopyTo(block.Row(n));
            }

            return block;
        }
    }
}
