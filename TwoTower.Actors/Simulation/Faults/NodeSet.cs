using System.Globalization;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>Some nodes, named by patterns: <c>worker-3</c>, <c>shard-*</c>, <c>trainer</c>,
/// <c>*</c>; several with commas between.</summary>
/// <param name="patterns">The patterns; a node is in the set when any fits.</param>
public sealed class NodeSet(IReadOnlyList<NodePattern> patterns) : IEquatable<NodeSet>
{
    /// <summary>All nodes.</summary>
    public static NodeSet All { get; } = new([new NodePattern(null, null)]);

    /// <summary>The patterns.</summary>
    public IReadOnlyList<NodePattern> Patterns => patterns;

    /// <summary>One node.</summary>
    public static NodeSet Of(NodeId node) => new([new NodePattern(node.Role, node.Index)]);

    /// <summary>Reads what <see cref="ToString"/> writes; the offending part when it cannot be read.</summary>
    public static bool TryParse(string text, out NodeSet nodes, out string offender)
    {
        var patterns = new List<NodePattern>();
        offender = string.Empty;
        foreach (var part in text.Split(','))
        {
            if (!NodePattern.TryParse(part.Trim(), out var pattern))
            {
                offender = part.Trim();
                break;
            }

            patterns.Add(pattern);
        }

        nodes = new NodeSet(patterns);
        return offender.Length == 0 && patterns.Count > 0;
    }

    /// <summary>Whether a node is in the set.</summary>
    public bool Contains(NodeId node)
    {
        foreach (var pattern in patterns)
        {
            if (pattern.Fits(node))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc />
    public bool Equals(NodeSet? other) => other is not null && patterns.SequenceEqual(other.Patterns);

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as NodeSet);

    /// <inheritdoc />
    public override int GetHashCode() => patterns.Count == 0 ? 0 : HashCode.Combine(patterns.Count, patterns[0]);

    /// <inheritdoc />
    public override string ToString() => string.Join(',', patterns);
}

/// <summary>One node, all of a role, or all.</summary>
/// <param name="Role">The role; null is every role.</param>
/// <param name="Index">The index within the role; null is every one.</param>
public readonly record struct NodePattern(NodeRole? Role, int? Index)
{
    /// <summary>Reads <c>*</c>, <c>worker-*</c> or a node's name.</summary>
    public static bool TryParse(string text, out NodePattern pattern)
    {
        pattern = default;
        if (text == "*")
        {
            return true;
        }

        if (text.Length > 0 && NodeId.TryParse(text, out var node))
        {
            pattern = new NodePattern(node.Role, node.Index);
            return true;
        }

        foreach (var role in new[] { NodeRole.Shard, NodeRole.Worker, NodeRole.Server })
        {
            if (text.Equals($"{role}-*", StringComparison.OrdinalIgnoreCase))
            {
                pattern = new NodePattern(role, null);
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the pattern fits a node.</summary>
    public bool Fits(NodeId node) => (Role is null || Role == node.Role) && (Index is null || Index == node.Index);

    /// <inheritdoc />
    public override string ToString() => (Role, Index) switch
    {
        (null, _) => "*",
        ({ } role, null) => string.Create(CultureInfo.InvariantCulture, $"{role.ToString().ToLowerInvariant()}-*"),
        ({ } role, { } index) => new NodeId(role, index).ToString(),
    };
}
