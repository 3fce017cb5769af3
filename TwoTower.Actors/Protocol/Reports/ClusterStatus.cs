namespace TwoTower.Actors.Protocol.Reports;

/// <summary>A cluster as one of its nodes sees it at one moment.</summary>
/// <param name="Node">Address of the node that says so, <c>host:port</c>.</param>
/// <param name="Members">The members, in the order of their addresses.</param>
/// <param name="Shards">Where the parameter shards are, in the order of their numbers; shards whose
/// place is not known are not listed.</param>
/// <param name="Training">How far training is; null when the trainer did not answer.</param>
internal sealed record ClusterStatus(string Node, IReadOnlyList<ClusterMember> Members, IReadOnlyList<ShardPlace> Shards,
    TrainingStatus? Training)
{
    /// <summary>Whether the node that says so has a majority of the cluster in sight, so that its shards may take pushes.</summary>
    public bool Majority { get; init; } = true;

    /// <summary>How many copies of each shard other servers have, in the order of shards, where <c>train.durability</c> asks for any;
    /// shards whose node does not answer are not listed.</summary>
    public IReadOnlyList<ShardCopies> Copies { get; init; } = [];

    /// <summary>Pushes that the shards on that node have taken since they came there, in the order of their numbers.</summary>
    public IReadOnlyList<ShardPushes> Taken { get; init; } = [];
}

/// <summary>Pushes that a shard has taken.</summary>
/// <param name="Shard">Its number.</param>
/// <param name="Pushes">How many, since it came to its node.</param>
internal sealed record ShardPushes(int Shard, long Pushes);

/// <summary>A member of the cluster.</summary>
/// <param name="Address"><c>host:port</c>.</param>
/// <param name="Roles">Its roles.</param>
/// <param name="Status">Its state in the membership, as Akka.Cluster calls it (Joining, WeaklyUp, Up,
/// Leaving, Exiting, Down, Removed).</param>
/// <param name="Reachable">Whether heartbeats reach it.</param>
internal sealed record ClusterMember(string Address, IReadOnlyList<string> Roles, string Status, bool Reachable);

/// <summary>Where a shard is.</summary>
/// <param name="Shard">Its number.</param>
/// <param name="Address"><c>host:port</c> of its node.</param>
internal sealed record ShardPlace(int Shard, string Address);
