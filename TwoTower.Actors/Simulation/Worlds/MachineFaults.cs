using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;

namespace TwoTower.Actors.Simulation.Worlds;

/// <summary>What goes wrong with machines and links, whatever lives on them.</summary>
/// <param name="network">The links.</param>
/// <param name="machineAt">A node's machine.</param>
/// <param name="tell">Tells observers of a change to the world.</param>
internal sealed class MachineFaults(SimulatedNetwork network, Func<NodeId, Machine> machineAt, Action<NodeId?, string> tell)
{
    /// <summary>A machine becomes slower by a factor, or as fast as it was at 1.</summary>
    public void Slow(NodeId node, double factor)
    {
        machineAt(node).Model.Slowdown = factor;
        tell(node, FormattableString.Invariant($"slow {factor}"));
    }

    /// <summary>Cuts links, besides those that are cut already. A message is lost when its link is cut as it
    /// is sent or as it would arrive.</summary>
    public void Cut(NetworkCut cut)
    {
        network.Cut(cut);
        tell(null, $"partition {cut}");
    }

    /// <summary>Takes a cut back. Links that other cuts sever stay severed.</summary>
    public void Heal(NetworkCut cut)
    {
        if (network.Heal(cut))
        {
            tell(null, $"heal {cut}");
        }
    }

    /// <summary>The next write to a node's disk will report success and leave nothing.</summary>
    public void LoseNextWrite(NodeId node)
    {
        machineAt(node).WritesToLose++;
        tell(node, "lose-write");
    }
}
