using System.Globalization;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>What an acknowledged push survives.</summary>
/// <param name="Every">Pushes between two checkpoints of a shard; null writes none.</param>
public sealed record Durability(int? Every)
{
    private const string CheckpointPrefix = "checkpoint:";
    private const string ReplicaPrefix = "replica:";

    /// <summary><c>none</c>: a shard that crashes has lost everything, and training cannot go on.</summary>
    public static Durability None { get; } = new((int?)null);

    /// <summary>Copies of a shard on other server nodes that have to hold a push before it is acknowledged; 0 keeps none.</summary>
    public int Replicas { get; init; }

    /// <summary><c>checkpoint:N</c>: acknowledgements wait for the checkpoint that holds their pushes, so an acknowledged push survives the crash of its shard.</summary>
    public static Durability Checkpoint(int every) => new(every);

    /// <summary><c>replica:R</c>: acknowledgements wait until R other server nodes hold their pushes, so an acknowledged push survives the sudden death of any R of them. Needs a cluster.</summary>
    public static Durability Replica(int replicas) => new((int?)null) { Replicas = replicas };

    /// <summary>Reads <c>none</c>, <c>checkpoint:N</c> or <c>replica:R</c>.</summary>
    public static bool TryParse(string text, out Durability durability)
    {
        text = text.Trim();
        durability = None;
        if (TryParse(text, CheckpointPrefix, out var every))
        {
            durability = Checkpoint(every);
        }
        else if (TryParse(text, ReplicaPrefix, out var replicas))
        {
            durability = Replica(replicas);
        }
        else
        {
            return text.Equals("none", StringComparison.OrdinalIgnoreCase);
        }

        return true;
    }

    /// <inheritdoc />
    public override string ToString() => (Every, Replicas) switch
    {
        ({ } every, _) => $"{CheckpointPrefix}{every}",
        (_, > 0) => $"{ReplicaPrefix}{Replicas}",
        _ => "none",
    };

    private static bool TryParse(string text, string prefix, out int count)
    {
        count = 0;
        return text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out count) && count >= 1;
    }
}

/// <summary>What <c>replica:R</c> does while fewer than R other servers are there to hold copies.</summary>
public enum WhenCopiesLack
{
    /// <summary>Pushes are acknowledged by as many as there are, and training goes on. A push that is acknowledged meanwhile is lost when those die too before there are R again, and the run with it.</summary>
    GoOn,

    /// <summary>No push is acknowledged before R other servers hold it. Training pauses meanwhile, for good when no server comes; nothing acknowledged is lost to any R deaths.</summary>
    Wait,
}

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
public sealed record ShardRecord(
    ShardId Shard, TableRecord Users, TableRecord Items, long Version, long Frontier, IReadOnlyList<long> Above, long AppliedRound,
    IReadOnlyList<(int Worker, long Birth)> Fences, long FurthestClock, ShardCounters Counters, StalenessCounts Staleness)
{
    /// <summary>Softsync: pushes taken that wait for others, in the order in which they came.</summary>
    public IReadOnlyList<ParameterProtocol.Push> Waiting { get; init; } = [];

    /// <summary>BSP: pushes of a round that is not whole, by rank. Only copies that go on in the place of the shard have them: nobody has been told that they are kept.</summary>
    public IReadOnlyList<ParameterProtocol.Push> Round { get; init; } = [];

    /// <summary>Payload size in bytes.</summary>
    public long Bytes => Users.Bytes + Items.Bytes + Waiting.Concat(Round).Sum(push => push.Users.Bytes + push.Items.Bytes);

    /// <summary>How much the record knows: of two of the same shard, the one that compares higher knows all that the other does. Pushes first; with as many, no earlier fences.</summary>
    public (long Pushes, long Fences) Knowledge => (Counters.Pushes, Fences.Aggregate(0L, (sum, fence) => unchecked(sum + fence.Birth)));
}

/// <summary>One table's rows of a <see cref="ShardRecord"/>, in local order.</summary>
/// <param name="State">Values, optimizer state and row steps.</param>
/// <param name="Versions">Pushes applied to each row.</param>
/// <param name="BeforeRows">BSP: rows that the last round stepped.</param>
/// <param name="BeforeValues">Their values from before it, [rows, width].</param>
public sealed record TableRecord(TableImage State, int[] Versions, int[] BeforeRows, float[] BeforeValues)
{
    /// <summary>Payload size in bytes.</summary>
    public long Bytes => State.Bytes + ((Versions.Length + BeforeRows.Length) * (long)sizeof(int)) + (BeforeValues.Length * (long)sizeof(float));
}

/// <summary>Where shards keep their records. What has been saved outlives the shard's actor.</summary>
public interface IShardStore
{
    /// <summary>Begins a term: from now on what comes under a lower one is refused.</summary>
    /// <param name="shard">Which shard.</param>
    /// <param name="term">The term of whoever is the shard from now on.</param>
    /// <returns>The highest term that is known. When it is higher than <paramref name="term"/>, nothing has begun.</returns>
    Term Claim(ShardId shard, Term term);

    /// <summary>Replaces the shard's record, whole or not at all. When it returns, no higher term had begun.</summary>
    /// <param name="record">What the shard knows.</param>
    /// <param name="term">The term of whoever is the shard.</param>
    void Save(ShardRecord record, Term term);

    /// <summary>The last record saved, or null.</summary>
    ShardRecord? Load(ShardId shard);
}

/// <summary>Answers that wait until what they promise has been written: as many as come while one write is on its way go with the next.</summary>
/// <typeparam name="T">An answer.</typeparam>
/// <param name="every">Answers that make a write due.</param>
public sealed class GroupCommit<T>(int every)
{
    private List<T> _held = [];
    private List<T> _writing = [];

    /// <summary>Whether enough wait, and no write is on its way.</summary>
    public bool Due => _held.Count >= every && !Writing;

    /// <summary>Whether a write is on its way.</summary>
    public bool Writing { get; private set; }

    /// <summary>Answers that wait for the next write.</summary>
    public int Held => _held.Count;

    /// <summary>Takes an answer.</summary>
    public void Hold(T answer) => _held.Add(answer);

    /// <summary>A write begins that covers all that wait; false when none wait or one is on its way.</summary>
    public bool TryBegin()
    {
        if (Writing || _held.Count == 0)
        {
            return false;
        }

        (_held, _writing) = (_writing, _held);
        return Writing = true;
    }

    /// <summary>The write is done: the answers that it covers, in the order in which they came.</summary>
    public IReadOnlyList<T> Complete()
    {
        Writing = false;
        var covered = _writing;
        _writing = [];
        return covered;
    }
}
