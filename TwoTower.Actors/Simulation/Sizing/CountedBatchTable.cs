using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Sizing;

/// <summary>Draws which rows of one table a batch would touch and counts them by shard. One for all slots of a thread; a batch's counts are
/// a function of its number.</summary>
/// <param name="rows">Rows of the table.</param>
/// <param name="law">How often each is accessed.</param>
/// <param name="uniform">Further rows per example that are drawn uniformly: BPR's negatives.</param>
/// <param name="shared">Further rows per batch that are drawn uniformly: what a softmax draws for all its examples (or
/// all rows, when there are no more).</param>
/// <param name="options">Partitioner and shards.</param>
/// <param name="stream">Which table.</param>
internal sealed class AccessPattern(long rows, Zipf law, int uniform, long shared, TrainingOptions options, int stream)
{
    private readonly HashSet<long> _seen = [];

    public int Shards => options.Shards;

    public void Count(Lease lease, int[] byShard)
    {
        Array.Clear(byShard);
        _seen.Clear();
        var random = new SeededRandom(options.Seed, 0x512ED + stream, lease.Batch.Number);
        for (var example = 0; example < lease.Count; example++)
        {
            Touch(law.Draw(ref random), byShard);
            for (var n = 0; n < uniform; n++)
            {
                Touch((long)(random.NextDouble() * rows), byShard);
            }
        }

        for (long n = 0; n < shared; n++)
        {
            Touch(shared == rows ? n : (long)(random.NextDouble() * rows), byShard);
        }
    }

    private void Touch(long row, int[] byShard)
    {
        if (_seen.Add(row))
        {
            byShard[SizedModel.ShardOf(options.Partitioner, row, rows, options.Shards)]++;
        }
    }
}

/// <summary>One table's rows of a batch, counted by shard and nothing more.</summary>
/// <param name="pattern">Which rows batches touch.</param>
/// <param name="width">Floats per row.</param>
internal sealed class CountedBatchTable(AccessPattern pattern, int width) : IBatchTable
{
    private readonly int[] _byShard = new int[pattern.Shards];

    public ReadOnlySpan<float> Values => default;

    public Span<float> Gradient => default;

    public void Group(Lease lease, ReadOnlySpan<int> rows, RowCopies copies, long[] pulledVersion) => pattern.Count(lease, _byShard);

    public int PullsOf(int shard) => _byShard[shard];

    public RowKeys PulledKeysOf(int shard, int[] rows) => RowKeys.Counted(_byShard[shard]);

    public void Scatter(int shard, in RowBlock block, RowCopies copies, long clock, long shardVersion)
    {
    }

    public RowBlock GradientOf(int shard, int[] rows) => RowBlock.Counted(_byShard[shard], width);
}
