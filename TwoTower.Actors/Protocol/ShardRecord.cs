using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Protocol;

/// <summary>Everything that a shard has to know after a crash to go on as if nothing had been.</summary>
/// <param name="Shard">Which shard.</param>
/// <param name="Users">Its user rows.</param>
/// <param name="Items">Its item rows.</param>
/// <param name="Version">Pushes applied; under softsync updates of the weights.</param>
/// <param name="Frontier">Batches applied without a gap.</param>
/// <param name="Above">Batches applied beyond the gap, ascending.</param>
/// <param name="AppliedRound">BSP: the clock of the last round.</param>
/// <param name="Fences">Lives fenced off, by worker.</param>
/// <param name="FurthestClock">Largest clock of any pull.</param>
/// <param name="Counters">What it counted.</param>
/// <param name="Staleness">What it measured.</param>
internal sealed record ShardRecord(
    ShardId Shard, TableRecord Users, TableRecord Items, long Version, long Frontier, IReadOnlyList<long> Above, long AppliedRound,
    IReadOnlyList<(int Worker, long Birth)> Fences, long FurthestClock, ShardCounters Counters, StalenessCounts Staleness)
{
    /// <summary>Softsync: pushes taken that wait for others, in the order in which they came.</summary>
    [Carried]
    public IReadOnlyList<ParameterProtocol.Push> Waiting { get; init; } = [];

    /// <summary>BSP: pushes of a round that is not whole, by rank. Only copies that go on in the place of the shard have them: nobody has
    /// been told that they are kept.</summary>
    [Carried]
    public IReadOnlyList<ParameterProtocol.Push> Round { get; init; } = [];

    /// <summary>Payload size in bytes.</summary>
    public long Bytes => Users.Bytes + Items.Bytes + Waiting.Concat(Round).Sum(push => push.Users.Bytes + push.Items.Bytes);

    /// <summary>The same with its rows in arrays of their own.</summary>
    public ShardRecord Copy() => this with { Users = Users.Copy(), Items = Items.Copy() };

    /// <summary>How much the record knows: of two of the same shard, the one that compares higher knows all that the other does. Pushes
    /// first; with as many, no earlier fences.</summary>
    public (long Pushes, long Fences) Knowledge => (Counters.Pushes, Fences.Aggregate(0L, (sum, fence) => unchecked(sum + fence.Birth)));
}

/// <summary>One table's rows of a <see cref="ShardRecord"/>, in local order.</summary>
/// <param name="State">Values, optimizer state and row steps.</param>
/// <param name="Versions">Pushes applied to each row.</param>
/// <param name="BeforeRows">BSP: rows that the last round stepped.</param>
/// <param name="BeforeValues">Their values from before it, [rows, width].</param>
internal sealed record TableRecord(TableImage State, int[] Versions, int[] BeforeRows, float[] BeforeValues)
{
    /// <summary>The same in arrays of its own.</summary>
    public TableRecord Copy() => new(
        State with
        {
            Values = [.. State.Values],
            Slots = [.. State.Slots.Select(slot => (float[])slot.Clone())],
            RowSteps = [.. State.RowSteps]
        },
        [.. Versions], [.. BeforeRows], [.. BeforeValues]);

    /// <summary>Payload size in bytes.</summary>
    public long Bytes => State.Bytes + ((Versions.Length + BeforeRows.Length) * (long)sizeof(int))
        + (BeforeValues.Length * (long)sizeof(float));
}
