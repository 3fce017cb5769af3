using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Tests.Simulation.Faults;

/// <summary>Fault plans of clusters: servers by name, nodes that leave and join.</summary>
public class ClusterFaultSpecs
{
    private static readonly IReadOnlyList<NodeId> Cluster = FaultPlan.NodesOf(Topology.Cluster(2), workers: 2, shards: 4);

    [Fact]
    public void A_plan_names_servers_and_lets_nodes_leave_and_join_and_reads_what_it_writes()
    {
        const string text =
            "at 1 crash server-1 restart 2\nat 3 leave server-0\nat 5 join server-3\nat 6 crash server-3\nat 7 partition server-* | "
            + "trainer for 2\nseeded:3:crash,leave:server-*,worker-1:4";

        var plan = FaultPlan.Parse(text);

        Assert.Equal(text, plan.ToString());
        plan.Check(Cluster);
        Assert.True(NodeSet.TryParse("server-*", out var servers, out _));
        Assert.Equal([NodeId.Server(0), NodeId.Server(1)], Cluster.Where(servers.Contains));
    }

    [Theory]
    [InlineData("at 1 leave trainer", "only server and worker nodes leave and join")]
    [InlineData("at 1 join evaluator", "only server and worker nodes leave and join")]
    [InlineData("at 1 leave server-2", "there is no node server-2")]
    [InlineData("at 1 crash shard-0", "there is no node shard-0")]
    [InlineData("seeded:1:leave:*", "only server and worker nodes leave and join")]
    [InlineData("at 1 partition server-* | *", "heal it with 'for SECONDS'")]
    public void What_cannot_befall_a_cluster_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<WorldException>(() => FaultPlan.Parse(text).Check(Cluster)).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Where_every_actor_has_a_node_of_its_own_nobody_leaves() => Assert.Contains(
        "world.topology=cluster", Assert.Throws<WorldException>(() => FaultPlan.Parse("at 1 leave worker-0").Check(FaultPlan.NodesOf(2, 2)))
            .Message, StringComparison.Ordinal);

    [Fact]
    public void A_node_that_leaves_by_chance_joins_again_and_does_not_crash_while_it_is_away()
    {
        var drawn = FaultPlan.Parse("seeded:60:crash,leave:server-*:5").Drawn(Cluster, seed: 4).Faults;

        Assert.Contains(drawn, fault => fault is Fault.Crash);
        foreach (var leave in drawn.OfType<Fault.Leave>())
        {
            var back = drawn.OfType<Fault.Join>().Where(join => join.Node == leave.Node && join.At > leave.At).Min(join => join.At);
            Assert.DoesNotContain(drawn.OfType<Fault.Crash>(), crash => crash.Node == leave.Node && crash.At > leave.At && crash.At < back);
        }
    }
}
