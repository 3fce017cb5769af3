using TwoTower.Actors.Cluster;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Clusters;

/// <summary>What the health server asks of a node.</summary>
/// <param name="view">The cluster as the node sees it.</param>
internal sealed class NodeHealth(ClusterView view) : INodeHealth
{
    /// <inheritdoc />
    public bool Alive => view.Alive;

    /// <inheritdoc />
    public Task<(bool Ready, string Why)> ReadinessAsync() => view.ReadinessAsync();

    /// <inheritdoc />
    public Task<ClusterStatus> StatusAsync() => view.DescribeAsync();
}
