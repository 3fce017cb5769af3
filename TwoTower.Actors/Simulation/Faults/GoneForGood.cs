using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>Which nodes a fault plan takes for good, and whether somebody is left to go on without them.</summary>
/// <param name="plan">The faults, drawn.</param>
/// <param name="topology">Which nodes there are.</param>
/// <param name="workers">Workers that the world begins with.</param>
/// <param name="shards">Shards.</param>
internal sealed class GoneForGood(FaultPlan plan, Topology topology, int workers, int shards)
{
    private readonly NodeId[] _all = [.. FaultPlan.NodesOf(topology, workers, shards)
        .Concat(plan.Faults.OfType<Fault.Join>().Select(join => join.Node)).Distinct().Order()];

    /// <summary>Nodes that have crashed or left by a moment and never come back, in order.</summary>
    /// <param name="now">Virtual seconds.</param>
    public IReadOnlyList<NodeId> By(double now)
    {
        var since = new SortedDictionary<NodeId, double>();
        foreach (var fault in plan.Faults.OrderBy(fault => fault.At))
        {
            switch (fault)
            {
                case Fault.Crash { RestartAfter: null } crash:
                    since.TryAdd(crash.Node, crash.At);
                    break;
                case Fault.Leave leave:
                    since.TryAdd(leave.Node, leave.At);
                    break;
                case Fault.Join join:
                    since.Remove(join.Node);
                    break;
            }
        }

        return [.. since.Where(node => node.Value <= now).Select(node => node.Key)];
    }

    /// <summary>Servers that are there when all faults are over.</summary>
    public int ServersLeft => Left(NodeRole.Server, By(double.PositiveInfinity));

    /// <summary>Of whom nobody is left by a moment, as a sentence; null while training can go on without those who are gone.</summary>
    /// <param name="now">Virtual seconds.</param>
    public string? NobodyLeft(double now)
    {
        var gone = By(now);
        foreach (var role in (ReadOnlySpan<NodeRole>)[NodeRole.Trainer, NodeRole.Server, NodeRole.Worker, NodeRole.Evaluator])
        {
            if (Array.Exists(_all, node => node.Role == role) && Left(role, gone) == 0)
            {
                return $"No {role.ToString().ToLowerInvariant()} is left: {Names(gone, role)} gone for good, and nothing can go on.";
            }
        }

        // Where every actor has a node of its own nobody can take the place of a shard.
        return gone.Any(node => node.Role == NodeRole.Shard)
            ? $"Nobody has the parameters of a shard any more: {Names(gone, NodeRole.Shard)} gone for good, and nothing can go on." : null;
    }

    private int Left(NodeRole role, IReadOnlyList<NodeId> gone) => _all.Count(node => node.Role == role && !gone.Contains(node));

    private static string Names(IReadOnlyList<NodeId> gone, NodeRole role)
    {
        var names = gone.Where(node => node.Role == role).Select(node => node.ToString()).ToArray();
        return names.Length == 1 ? $"{names[0]} is" : $"{string.Join(", ", names[..^1])} and {names[^1]} are";
    }
}
