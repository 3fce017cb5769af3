using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Cluster;

/// <summary>The cluster as one node sees it.</summary>
/// <param name="system">The node's actor system.</param>
/// <param name="node">The node.</param>
internal sealed class ClusterView(ActorSystem system, ClusterNode node)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2), s_soon = TimeSpan.FromSeconds(1);

    /// <summary>Seconds by the node's monotonic clock.</summary>
    public double Seconds => system.Scheduler.MonotonicClock.TotalSeconds;

    /// <summary>Whether the actor system runs.</summary>
    public bool Alive => !system.WhenTerminated.IsCompleted;

    /// <summary>Whether the node takes part, and if not, what it waits for.</summary>
    public async Task<(bool Ready, string Why)> ReadinessAsync()
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        if (cluster.SelfMember.Status != MemberStatus.Up)
        {
            return (false, $"the node is {cluster.SelfMember.Status} in the cluster, not Up");
        }

        if (!await AskAsync(ClusterHosting.AgentOf(system), NodeAgent.IsAdmitted.Instance, false).ConfigureAwait(false))
        {
            return (false, "the coordinator has not let the node in yet");
        }

        if (node.Has(ClusterNode.Server) && !ClusterSharding.Get(system).ShardTypeNames.Contains(ShardRouting.Region))
        {
            return (false, "the shard region has not started");
        }

        return node.LoadingShards.IsEmpty
            ? (true, "ready") : (false, $"shards are loading: {string.Join(", ", node.LoadingShards.Keys.Order())}");
    }

    /// <summary>Members, places of shards, and how far training is where the trainer is on this node.</summary>
    public async Task<ClusterStatus> DescribeAsync()
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        var copies = CopiesAsync(); // beside the others, because it may wait for whoever does not answer
        var (members, shards) = await MembersAsync().ConfigureAwait(false);
        var training = await AskAsync<TrainingStatus?>(ClusterHosting.TrainerOf(system), TrainerActor.Describe.Instance, null)
            .ConfigureAwait(false);
        return new ClusterStatus(AkkaMembership.AddressOf(cluster.SelfAddress), members, shards, training)
        {
            Majority = node.Majority.IsHeld(system.Scheduler.MonotonicClock.TotalSeconds),
            Copies = await copies.ConfigureAwait(false),
            Taken = [.. node.PushesTaken.OrderBy(shard => shard.Key).Select(shard => new ShardPushes(shard.Key, shard.Value))],
        };
    }

    /// <summary>Members in the order of their addresses, and places of shards in the order of their numbers; no
    /// places when nobody said in time.</summary>
    public async Task<(IReadOnlyList<ClusterMember> Members, IReadOnlyList<ShardPlace> Shards)> MembersAsync()
    {
        var state = Akka.Cluster.Cluster.Get(system).State;
        return (
            [
                .. state.Members.OrderBy(member => member.Address).Select(member => new ClusterMember(
                    AkkaMembership.AddressOf(member.Address),
                    [.. member.Roles.Where(role => ClusterNode.AllRoles.Contains(role)).Order(StringComparer.Ordinal)],
                    member.Status.ToString(), !state.Unreachable.Contains(member))),
            ],
            await ShardsAsync().ConfigureAwait(false));
    }

    /// <summary>How many copies of each shard other servers have, in the order of shards, as far as their nodes say in time.</summary>
    public async Task<IReadOnlyList<ShardCopies>> CopiesAsync()
    {
        var state = Akka.Cluster.Cluster.Get(system).State;
        var answers =
            await Task.WhenAll(state.Members.Where(member => member.HasRole(ClusterNode.Server) && !state.Unreachable.Contains(member))
            .Select(AskCopiesAsync)).ConfigureAwait(false);

        // A shard that is just moving may be on two nodes; the one where it begins has fewer copies, and is the one that counts.
        return [.. answers.SelectMany(shards => shards).Where(shard => shard.Wanted > 0).GroupBy(shard => shard.Shard)
            .Select(shard => shard.MinBy(copies => copies.There)!).OrderBy(shard => shard.Shard)];
    }

    private async Task<ShardCopies[]> AskCopiesAsync(Member server)
    {
        try
        {
            var there = system.ActorSelection(new RootActorPath(server.Address) / "user" / CopiesActor.Name);
            return (await there.Ask<CopiesProtocol.Described>(CopiesProtocol.Describe.Instance, s_soon).ConfigureAwait(false)).Shards;
        }
        catch (AskTimeoutException)
        {
            return [];
        }
    }

    private async Task<ShardPlace[]> ShardsAsync()
    {
        IActorRef region;
        try
        {
            region = ClusterSharding.Get(system).ShardRegion(ShardRouting.Region); // on a node without the role server, the way to it
        }
        catch (ArgumentException)
        {
            return []; // neither has been started
        }

        try
        {
            var stats = await region.Ask<ClusterShardingStats>(new GetClusterShardingStats(s_patience), s_patience).ConfigureAwait(false);
            return [.. stats.Regions.SelectMany(region =>
                region.Value.Stats.Keys.Select(shard => new ShardPlace(ShardRouting.ShardOf(shard).Value,
                AkkaMembership.AddressOf(region.Key)))).OrderBy(place => place.Shard)];
        }
        catch (AskTimeoutException)
        {
            return [];
        }
    }

    private static async Task<T> AskAsync<T>(ActorSelection whom, object question, T otherwise)
    {
        try
        {
            var found = await whom.ResolveOne(s_patience).ConfigureAwait(false);
            return await found.Ask<T>(question, s_patience).ConfigureAwait(false);
        }
        catch (Exception unanswered) when (unanswered is AskTimeoutException or ActorNotFoundException)
        {
            return otherwise;
        }
    }
}
