using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Which nodes of a cluster are members, live, and reach each other, as the faults show it. The checkers that need
/// it look here; it checks nothing.</summary>
internal sealed class ClusterReach : IWorldObserver
{
    private readonly SortedSet<NodeId> _members = [];
    private readonly SortedSet<NodeId> _alive = [];
    private readonly List<NetworkCut> _cuts = [];
    private readonly SortedDictionary<NodeId, double> _alone = [];

    /// <summary>Members.</summary>
    public IReadOnlyCollection<NodeId> Members => _members;

    /// <summary>Since when a node has reached no majority of the members; null while it reaches one.</summary>
    public double? AloneSince(NodeId node) => _alone.TryGetValue(node, out var since) ? since : null;

    /// <summary>Whether a node is cut off from another, or from most.</summary>
    public bool IsCutOff(NodeId node, NodeId from) => Severed(node, from)
        || 2 * _members.Count(other => Severed(node, other)) > _members.Count;

    /// <summary>Whether a node is cut off from half of the members or more.</summary>
    public bool IsCutOffFromHalf(NodeId node) => 2 * _members.Count(other => Severed(node, other)) >= _members.Count;

    public void Fault(double now, NodeId? node, string what)
    {
        switch (what.Split([' ', ':'])[0])
        {
            case "up" when node is { } up:
                _members.Add(up);
                _alive.Add(up);
                break;
            case "crash" or "ends" when node is { } dead:
                _alive.Remove(dead);
                break;
            case "removed" when node is { } gone:
                _members.Remove(gone);
                break;
            case "restart" when node is { } again:
                _members.Remove(again); // nobody waits for the life before: by asking to join, the next one tells that it is over
                break;
            case "partition":
                _cuts.Add(CutIn(what));
                break;
            case "heal":
                _cuts.Remove(CutIn(what.Replace("heal", "partition", StringComparison.Ordinal)));
                break;
        }

        foreach (var member in _members)
        {
            if (HasMajority(member))
            {
                _alone.Remove(member);
            }
            else
            {
                _alone.TryAdd(member, now);
            }
        }
    }

    private bool HasMajority(NodeId node)
    {
        var (reached, due) = (new SortedSet<NodeId> { node }, new Queue<NodeId>([node]));
        while (due.TryDequeue(out var one))
        {
            foreach (var other in _members.Where(other => _alive.Contains(other) && !Severed(one, other) && reached.Add(other)).ToArray())
            {
                due.Enqueue(other);
            }
        }

        var there = reached.Count(_members.Contains);
        return 2 * there > _members.Count
            || (2 * there == _members.Count && _members.MinBy(member => $"{member}:1", StringComparer.Ordinal) is var first
            && reached.Contains(first));
    }

    private bool Severed(NodeId one, NodeId other) => _cuts.Any(cut => cut.Severs(one, other) || cut.Severs(other, one));

    /// <summary>A fault tells of a cut in the words of a plan.</summary>
    private static NetworkCut CutIn(string text) => ((Fault.Partition)FaultPlan.Parse($"at 0 {text}").Faults[0]).Cut;
}
