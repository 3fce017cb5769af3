using TwoTower.Actors.Options;
using TwoTower.Model;

namespace TwoTower.Actors.ParameterServer;

/// <summary>Which shard holds which rows of one table. Every row lies in exactly one shard.</summary>
internal sealed class TableLayout
{
    // Side by side: whoever asks for one mostly asks for the other, and tables are larger than caches.
    private readonly (int Shard, int Local)[] _places;
    private readonly int[][] _rowsOf;

    private TableLayout(int[] shardOf, int shards)
    {
        _places = new (int Shard, int Local)[shardOf.Length];
        var counts = new int[shards];
        for (var row = 0; row < shardOf.Length; row++)
        {
            _places[row] = (shardOf[row], counts[shardOf[row]]++);
        }

        _rowsOf = [.. counts.Select(count => new int[count])];
        for (var row = 0; row < shardOf.Length; row++)
        {
            _rowsOf[shardOf[row]][_places[row].Local] = row;
        }
    }

    /// <summary>Rows of the whole table.</summary>
    public int Rows => _places.Length;

    /// <summary>Shards.</summary>
    public int Shards => _rowsOf.Length;

    /// <summary>Divides a table.</summary>
    /// <param name="kind">The rule.</param>
    /// <param name="shards">Shards, at least 1.</param>
    /// <param name="frequencies">Measured accesses per row (train positives); its length is the number of rows.</param>
    public static TableLayout Create(PartitionerKind kind, int shards, ReadOnlySpan<int> frequencies)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        var rows = frequencies.Length;
        var shardOf = new int[rows];
        switch (kind)
        {
            case PartitionerKind.Range:
                for (var row = 0; row < rows; row++)
                {
                    shardOf[row] = (int)((long)row * shards / rows);
                }

                break;
            case PartitionerKind.Modulo:
                for (var row = 0; row < rows; row++)
                {
                    shardOf[row] = row % shards;
                }

                break;
            case PartitionerKind.Hash:
                for (var row = 0; row < rows; row++)
                {
                    shardOf[row] = new SeededRandom(row).NextInt(shards);
                }

                break;
            case PartitionerKind.Balanced:
                Balance(shardOf, shards, frequencies.ToArray());
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown partitioner.");
        }

        return new TableLayout(shardOf, shards);
    }

    /// <summary>Divides a table by a rule of another program.</summary>
    /// <param name="partitioner">The rule.</param>
    /// <param name="shards">Shards, at least 1.</param>
    /// <param name="frequencies">Measured accesses per row; its length is the number of rows.</param>
    /// <exception cref="ArgumentException">It does not give every row one of the shards.</exception>
    public static TableLayout Create(IPartitioner partitioner, int shards, ReadOnlySpan<int> frequencies)
    {
        int[] shardOf = [.. partitioner.Divide(shards, frequencies)];
        if (shardOf.Length != frequencies.Length || shardOf.Any(shard => shard < 0 || shard >= shards))
        {
            throw new ArgumentException(
                $"{partitioner.GetType().Name} has to give each of {frequencies.Length} rows a shard in 0 … {shards - 1}.");
        }

        return new TableLayout(shardOf, shards);
    }

    /// <summary>The shard that holds a row.</summary>
    public int ShardOf(int row) => _places[row].Shard;

    /// <summary>The row's position on its shard.</summary>
    public int LocalOf(int row) => _places[row].Local;

    /// <summary>Rows of a shard in local order.</summary>
    public ReadOnlySpan<int> RowsOf(int shard) => _rowsOf[shard];

    /// <summary>Longest processing time first (Graham 1969): the most accessed row goes to the shard with the least load. A row nobody
    /// accesses still weighs a little, so that cold rows are spread too; ties go to the lower row and the lower shard.</summary>
    private static void Balance(int[] shardOf, int shards, int[] frequencies)
    {
        var order = Enumerable.Range(0, frequencies.Length).OrderByDescending(row => frequencies[row]).ThenBy(row => row);
        var load = new PriorityQueue<int, (double Load, int Shard)>();
        for (var shard = 0; shard < shards; shard++)
        {
            load.Enqueue(shard, (0, shard));
        }

        foreach (var row in order)
        {
            load.TryDequeue(out var shard, out var weight);
            shardOf[row] = shard;
            load.Enqueue(shard, (weight.Load + Math.Max(frequencies[row], 0.01), shard));
        }
    }
}

/// <summary>The layouts of both tables.</summary>
internal sealed record ParameterLayout(TableLayout Users, TableLayout Items);
