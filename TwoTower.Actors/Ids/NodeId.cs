namespace TwoTower.Actors.Ids;

/// <summary>What a node is there for.</summary>
public enum NodeRole
{
    /// <summary>Coordinates.</summary>
    Trainer,

    /// <summary>Holds parameters.</summary>
    Shard,

    /// <summary>Computes gradients.</summary>
    Worker,

    /// <summary>Scores snapshots.</summary>
    Evaluator,

    /// <summary>A node of a cluster that holds whichever shards are there.</summary>
    Server,
}

/// <summary>A place where one actor of a run lives.</summary>
/// <param name="Role">What it is there for.</param>
/// <param name="Index">0, 1, 2, … within the role.</param>
public readonly record struct NodeId(NodeRole Role, int Index = 0) : IComparable<NodeId>
{
    /// <summary>The trainer's node.</summary>
    public static NodeId Trainer { get; } = new(NodeRole.Trainer);

    /// <summary>The evaluator's node.</summary>
    public static NodeId Evaluator { get; } = new(NodeRole.Evaluator);

    /// <summary>The node of a shard.</summary>
    public static NodeId Shard(int index) => new(NodeRole.Shard, index);

    /// <summary>A server node of a cluster.</summary>
    public static NodeId Server(int index) => new(NodeRole.Server, index);

    /// <summary>The node of a worker.</summary>
    public static NodeId Worker(int index) => new(NodeRole.Worker, index);

    /// <summary>Reads what <see cref="ToString"/> writes: <c>trainer</c>, <c>evaluator</c>, <c>worker-3</c>, <c>shard-0</c>.</summary>
    public static bool TryParse(string text, out NodeId node)
    {
        var parts = text.Split('-');
        node = default;
        if (!Enum.TryParse<NodeRole>(parts[0], ignoreCase: true, out var role) || !Enum.IsDefined(role) || char.IsDigit(text[0]))
        {
            return false;
        }

        var numbered = role is NodeRole.Shard or NodeRole.Worker or NodeRole.Server;
        var index = 0;
        if (numbered ? parts.Length != 2 || !int.TryParse(parts[1], System.Globalization.NumberStyles.None, null, out index)
            : parts.Length != 1)
        {
            return false;
        }

        node = new NodeId(role, index);
        return true;
    }

    /// <inheritdoc />
    public int CompareTo(NodeId other) => Role == other.Role ? Index.CompareTo(other.Index) : Role.CompareTo(other.Role);

    /// <inheritdoc />
    public override string ToString() => Role is NodeRole.Shard or NodeRole.Worker or NodeRole.Server
        ? $"{Role.ToString().ToLowerInvariant()}-{Index}" : Role.ToString().ToLowerInvariant();
}
