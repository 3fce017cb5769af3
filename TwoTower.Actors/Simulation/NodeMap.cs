using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation;

/// <summary>One thing per node, found by role and index without hashing or comparing: every message looks up a few. Enumerated in the
/// order of <see cref="NodeId"/>.</summary>
/// <typeparam name="T">What is kept.</typeparam>
internal sealed class NodeMap<T>
    where T : class
{
    private readonly T?[][] _byRole = [.. Enum.GetValues<NodeRole>().Select(_ => Array.Empty<T?>())];

    /// <summary>What is kept, in the order of the nodes.</summary>
    public IEnumerable<T> Values => _byRole.SelectMany(values => values).OfType<T>();

    /// <summary>What a node has, or null.</summary>
    public T? this[NodeId node]
    {
        get
        {
            var values = _byRole[(int)node.Role];
            return (uint)node.Index < (uint)values.Length ? values[node.Index] : null;
        }

        set
        {
            ref var values = ref _byRole[(int)node.Role];
            if (node.Index >= values.Length)
            {
                Array.Resize(ref values, Math.Max(node.Index + 1, Math.Min(2 * values.Length, values.Length + 1024)));
            }

            values[node.Index] = value;
        }
    }
}
