using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Faults;

/// <summary>Refuses fault plans that cannot be.</summary>
internal static class FaultPlanCheck
{
    public static void Check(FaultPlan plan, IReadOnlyList<NodeId> there)
    {
        var cluster = there.Any(node => node.Role == NodeRole.Server);
        IReadOnlyList<NodeId> nodes = [.. there.Concat(plan.Faults.OfType<Fault.Join>().Select(join => join.Node)).Distinct().Order()];
        foreach (var fault in plan.Faults)
        {
            Require(double.IsFinite(fault.At) && fault.At >= 0, fault, "nothing happens before the beginning");
            switch (fault)
            {
                case Fault.Crash crash:
                    Exists(crash.Node, fault, nodes);
                    Require(crash.RestartAfter is null or > 0, fault, "a node cannot restart before it has crashed");
                    break;
                case Fault.Partition partition:
                    Exist(partition.Cut.From, fault, nodes);
                    Exist(partition.Cut.To, fault, nodes);
                    Require(nodes.Any(from => nodes.Any(to => from != to && partition.Cut.Severs(from, to))), fault,
                        "a node is never cut off from itself, and no other link would be; name a node or more on the other side, or *");
                    Require(partition.For is null or > 0, fault, "it would be healed before it begins");
                    break;
                case Fault.Slow slow:
                    Exists(slow.Node, fault, nodes);
                    Require(double.IsFinite(slow.Factor) && slow.Factor > 0, fault, "the factor has to be above 0");
                    Require(slow.For is null or > 0, fault, "it would end before it begins");
                    break;
                case Fault.LoseWrite write:
                    Exists(write.Node, fault, nodes);
                    break;
                case Fault.Leave leave:
                    Exists(leave.Node, fault, nodes);
                    RequireMovable(leave.Node, fault, cluster);
                    break;
                case Fault.Join join:
                    RequireMovable(join.Node, fault, cluster);
                    break;
            }
        }

        foreach (var seeded in plan.Seeded)
        {
            Require(double.IsFinite(seeded.PerMinute) && seeded.PerMinute > 0, seeded, "the rate has to be above 0");
            Require(double.IsFinite(seeded.MeanSeconds) && seeded.MeanSeconds > 0, seeded, "faults have to last some time");
            Require(seeded.Kinds.Count > 0, seeded, "no kind of fault is named");
            Exist(seeded.Nodes, seeded, nodes);
            foreach (var node in nodes.Where(node => seeded.Kinds.Contains(FaultKind.Leave) && seeded.Nodes.Contains(node)))
            {
                RequireMovable(node, seeded, cluster);
            }
        }

        CheckCrashes(plan);
        CheckForEver(plan, nodes);
    }

    private static void CheckCrashes(FaultPlan plan)
    {
        foreach (var ofNode in plan.Faults.OfType<Fault.Crash>().GroupBy(crash => crash.Node))
        {
            Fault.Crash? before = null;
            foreach (var crash in ofNode.OrderBy(crash => crash.At))
            {
                Require(before is null || crash.At >= before.Until, crash, $"{crash.Node} is down already ('{before}')");
                before = crash;
            }
        }
    }

    /// <summary>With the partitions that nobody heals, is there a worker left that can train?</summary>
    private static void CheckForEver(FaultPlan plan, IReadOnlyList<NodeId> nodes)
    {
        Fault.Partition[] lasting = [.. plan.Faults.OfType<Fault.Partition>().Where(partition => partition.For is null)];
        if (lasting.Length == 0)
        {
            return;
        }

        bool Reach(NodeId one, NodeId other) =>
            !lasting.Any(partition => partition.Cut.Severs(one, other) || partition.Cut.Severs(other, one));
        // Shards of a cluster move to a server that can be reached.
        NodeId[] servers =
            [.. nodes.Where(node => node.Role is NodeRole.Trainer or NodeRole.Shard
            || (node.Role == NodeRole.Server && Reach(NodeId.Trainer, node)))];
        var able = servers.Length > 1 && nodes.Any(node => node.Role == NodeRole.Worker && servers.All(server => Reach(node, server)));
        Require(able && servers.All(server => Reach(NodeId.Trainer, server)), lasting[^1],
            "after it no worker, ever, reaches the trainer and all shards, or the trainer does not reach them; heal it with 'for SECONDS'");
    }

    /// <summary>Trainer and evaluator are the only ones of their role: nobody could go on in their place.</summary>
    private static void RequireMovable(NodeId node, object fault, bool cluster)
    {
        Require(cluster, fault, "only nodes of a cluster leave and join (world.topology=cluster)");
        Require(node.Role is NodeRole.Server or NodeRole.Worker, fault, "only server and worker nodes leave and join");
    }

    private static void Exists(NodeId node, object fault, IReadOnlyList<NodeId> nodes) =>
        Require(nodes.Contains(node), fault, $"there is no node {node}; there are {Names(nodes)}");

    private static void Exist(NodeSet set, object fault, IReadOnlyList<NodeId> nodes)
    {
        foreach (var pattern in set.Patterns)
        {
            Require(nodes.Any(pattern.Fits), fault, $"there is no node {pattern}; there are {Names(nodes)}");
        }
    }

    private static string Names(IReadOnlyList<NodeId> nodes) => string.Join(", ", nodes.GroupBy(node => node.Role).Select(role =>
        role.Count() == 1 ? role.First().ToString() : $"{role.MinBy(node => node.Index)} to {role.MaxBy(node => node.Index)}"));

    private static void Require(bool possible, object fault, string reason)
    {
        if (!possible)
        {
            throw new WorldException($"The fault '{fault}' cannot be: {reason}.");
        }
    }
}
