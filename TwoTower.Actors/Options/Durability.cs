using System.Globalization;

namespace TwoTower.Actors.Options;

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

    /// <summary><c>checkpoint:N</c>: acknowledgements wait for the checkpoint that holds their pushes, so an acknowledged push
    /// survives the crash of its shard.</summary>
    public static Durability Checkpoint(int every) => new(every);

    /// <summary><c>replica:R</c>: acknowledgements wait until R other server nodes hold their pushes, so an acknowledged push survives the
    /// sudden death of any R of them. Needs a cluster.</summary>
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
    /// <summary>Pushes are acknowledged by as many as there are, and training goes on. A push that is acknowledged meanwhile is lost when
    /// those die too before there are R again, and the run with it.</summary>
    GoOn,

    /// <summary>No push is acknowledged before R other servers hold it. Training pauses meanwhile, for good when no server comes; nothing
    /// acknowledged is lost to any R deaths.</summary>
    Wait,
}
