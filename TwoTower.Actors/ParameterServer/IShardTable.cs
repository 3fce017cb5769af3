using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>One table's rows on one shard, as a shard sees them: with values, or only counted to plan
/// sizes that no machine here holds.</summary>
internal interface IShardTable
{
    /// <summary>Rows here.</summary>
    long Rows { get; }

    /// <summary>Bytes of rows that are counted and not there.</summary>
    long Absent { get; }

    /// <summary>Whether every key is a row of this shard.</summary>
    bool Holds(RowKeys keys);

    /// <summary>Copies rows out, taking over the keys.</summary>
    /// <param name="keys">Rows of this shard.</param>
    /// <param name="beforeRound">Whether to read the values from before the last round's step.</param>
    RowBlock Read(RowKeys keys, bool beforeRound = false);

    /// <summary>τ of every row of a push, as (row, τ): pushes applied to the row since it was pulled.</summary>
    void MeasureStaleness(in RowBlock push, Action<int, int> record);

    /// <summary>One optimizer step per row of a push, whose gradients the policy against staleness may change.</summary>
    /// <param name="push">Rows of this shard.</param>
    /// <param name="pulled">The rows as they were pulled, in the same order, or null when that is not known.</param>
    /// <param name="learningRate">Rate before the policy.</param>
    void Apply(in RowBlock push, in RowBlock? pulled, float learningRate);

    /// <summary>Adds a push, weighed by its share of the examples, to the sums of those that are stepped together.</summary>
    /// <param name="push">Rows of this shard; the policy may change their gradients.</param>
    /// <param name="pulled">The rows as they were pulled, in the same order, or null when that is not known.</param>
    /// <param name="weight">The push's weight.</param>
    void Accumulate(in RowBlock push, in RowBlock? pulled, float weight);

    /// <summary>One optimizer step per row that has a sum.</summary>
    void ApplyAccumulated(float learningRate);

    /// <summary>A copy of the values, in local order.</summary>
    float[] CopyValues();

    /// <summary>A copy of everything that a checkpoint needs, in local order.</summary>
    TableImage CopyState();

    /// <summary>A copy of all that outlives a crash, in local order.</summary>
    TableRecord Save();

    /// <summary>The same in arrays that the table keeps and brings up to date the next time: from the second time on it takes as long as
    /// the rows that were stepped in between are many.</summary>
    TableRecord SaveShared() => Save();

    /// <summary>Goes on from a record.</summary>
    void Restore(TableRecord record);
}

/// <summary>Rows that are counted and have no values: reads and pushes have the size they would have, and change nothing.</summary>
/// <param name="rows">Rows here.</param>
/// <param name="width">Floats per row.</param>
/// <param name="stateBytes">Bytes of optimizer state per row.</param>
internal sealed class CountedTable(long rows, int width, long stateBytes) : IShardTable
{
    /// <inheritdoc />
    public long Rows => rows;

    /// <inheritdoc />
    public long Absent => rows * width * sizeof(float);

    /// <inheritdoc />
    public bool Holds(RowKeys keys) => true;

    /// <inheritdoc />
    public RowBlock Read(RowKeys keys, bool beforeRound = false) => RowBlock.Counted(keys.Count, width);

    /// <inheritdoc />
    public void MeasureStaleness(in RowBlock push, Action<int, int> record)
    {
        // Which rows a push has is not known, so neither is what happened to them.
    }

    /// <inheritdoc />
    public void Apply(in RowBlock push, in RowBlock? pulled, float learningRate)
    {
    }

    /// <inheritdoc />
    public void Accumulate(in RowBlock push, in RowBlock? pulled, float weight)
    {
    }

    /// <inheritdoc />
    public void ApplyAccumulated(float learningRate)
    {
    }

    /// <inheritdoc />
    public float[] CopyValues() => [];

    /// <inheritdoc />
    public TableImage CopyState() => new([], [], []) { Absent = Absent + (rows * (stateBytes + sizeof(int))) };

    /// <inheritdoc />
    public TableRecord Save() => new(CopyState(), [], [], []);

    /// <inheritdoc />
    public void Restore(TableRecord record)
    {
    }
}
