using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Worlds;

namespace TwoTower.Tests.Simulation.Faults;

/// <summary>A fault plan says what it means, refuses what cannot be, and happens when it says.</summary>
public class FaultPlanSpecs
{
    private static readonly IReadOnlyList<NodeId> Nodes = FaultPlan.NodesOf(workers: 4, shards: 2);

    private static Gen<Fault> AnyFault
    {
        get
        {
            var seconds = Gen.Double[0, 1e4];
            var length = Gen.Double[1e-3, 1e4].Nullable();
            var node = OneOf([.. Nodes]);
            var set = OneOf(new NodePattern(null, null), new NodePattern(NodeRole.Shard, null), new NodePattern(NodeRole.Worker, null),
                new NodePattern(NodeRole.Worker, 3), new NodePattern(NodeRole.Trainer, 0))
                .Array[1, 3].Select(patterns => new NodeSet(patterns));
            return Gen.OneOf(
                Gen.Select(seconds, node, length, (at, who, back) => (Fault)new Fault.Crash(at, who, back)),
                Gen.Select(seconds, set, set, Gen.Bool, length, (at, a, b, oneWay, during) =>
                    (Fault)new Fault.Partition(at, new NetworkCut(a, b, oneWay), during)),
                Gen.Select(seconds, node, Gen.Double[0.1, 100], length, (at, who, factor, during) =>
                    (Fault)new Fault.Slow(at, who, factor, during)),
                Gen.Select(seconds, node, (at, who) => (Fault)new Fault.LoseWrite(at, who)));
        }
    }

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(n => values[n]);

    [Fact]
    public void Every_plan_reads_back_from_its_text() => AnyFault.Array[0, 8].Sample(faults =>
        FaultPlan.Parse(new FaultPlan(faults).ToString()).Faults.SequenceEqual(faults), iter: 300);

    [Fact]
    public void Comments_blank_lines_and_the_spaces_around_a_partition_do_not_matter()
    {
        var plan = FaultPlan.Parse("""
            # the plan of the page
            at 12.5 crash worker-3 restart 5   # back soon

            at 20 partition worker-0,worker-1|shard-* for 30
            AT 20 Partition worker-0 > shard-0 for 3
            at 5 slow worker-2 by 10 for 60
            at 7 lose-write shard-1
            seeded:2
            seeded:0.5:crash,lose-write:shard-*:20
            """);

        Assert.Equal(
            ["at 12.5 crash worker-3 restart 5", "at 20 partition worker-0,worker-1 | shard-* for 30",
                "at 20 partition worker-0 > shard-0 for 3", "at 5 slow worker-2 by 10 for 60", "at 7 lose-write shard-1"],
            plan.Faults.Select(fault => fault.ToString()));
        Assert.Equal(["seeded:2:crash,partition,slow:worker-*:10", "seeded:0.5:crash,lose-write:shard-*:20"],
            plan.Seeded.Select(seeded => seeded.ToString()));
        plan.Check(Nodes);
    }

    [Theory]
    [InlineData("at 1 crash worker-0\nat x crash worker-1", "line 2", "virtual seconds", "'x'")]
    [InlineData("crash worker-0", "line 1", "'at SECONDS", "'crash'")]
    [InlineData("at 1 explode worker-0", "line 1", "crash, partition, slow, lose-write, leave or join", "'explode'")]
    [InlineData("at 1 crash", "line 1", "a node", "the end of the line")]
    [InlineData("at 1 crash worker-x", "line 1", "worker-N", "'worker-x'")]
    [InlineData("at 1 crash worker-0 restart", "line 1", "until it restarts", "the end of the line")]
    [InlineData("at 1 crash worker-0 5", "line 1", "the end of the line", "'5'")]
    [InlineData("at 1 partition worker-0 shard-0", "line 1", "'|' (both ways) or '>' (one way)", "'shard-0'")]
    [InlineData("at 1 partition worker-0,w | shard-0", "line 1", "no spaces", "'w'")]
    [InlineData("at 1 slow worker-0 10", "line 1", "'by FACTOR'", "'10'")]
    [InlineData("seeded:", "line 1", "per virtual minute", "''")]
    [InlineData("seeded:1:crash,flood", "line 1", "lose-write", "'flood'")]
    public void A_line_that_is_none_is_refused_with_its_number_and_what_was_expected(string text, params string[] said)
    {
        var refusal = Assert.Throws<WorldException>(() => FaultPlan.Parse(text));

        Assert.All(said, part => Assert.Contains(part, refusal.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("at 1 crash worker-4", "there is no node worker-4; there are trainer, shard-0 to shard-1, worker-0 to worker-3, evaluator")]
    [InlineData("at 1 partition shard-7 | *", "there is no node shard-7")]
    [InlineData("at -1 crash worker-0", "before the beginning")]
    [InlineData("at 1 crash worker-0 restart -2", "restart before it has crashed")]
    [InlineData("at 1 crash worker-0 restart 5\nat 3 crash worker-0", "worker-0 is down already")]
    [InlineData("at 1 crash worker-0\nat 300 crash worker-0 restart 1", "worker-0 is down already")]
    [InlineData("at 1 slow worker-0 by 0", "above 0")]
    [InlineData("at 1 slow worker-0 by 2 for -1", "end before it begins")]
    [InlineData("at 1 partition worker-0 | worker-0 for 1", "never cut off from itself")]
    [InlineData("at 1 partition trainer > trainer for 1", "never cut off from itself")]
    [InlineData("at 1 partition * | *", "heal it with")]
    [InlineData("at 1 partition worker-* > trainer", "heal it with")]
    [InlineData("at 1 partition worker-0,worker-1 | shard-0\nat 9 partition shard-1 > worker-2,worker-3", "heal it with")]
    [InlineData("seeded:0", "rate")]
    [InlineData("seeded:1:crash:shard-9", "there is no node shard-9")]
    public void A_plan_that_cannot_be_is_refused_with_the_reason(string text, string reason)
    {
        var refusal = Assert.Throws<WorldException>(() => FaultPlan.Parse(text).Check(Nodes));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("at 1 partition * | * for 5")]
    [InlineData("at 1 partition worker-0 | *")]
    [InlineData("at 1 crash worker-0 restart 5\nat 6 crash worker-0")]
    public void A_plan_that_leaves_a_way_is_not_refused(string text) => FaultPlan.Parse(text).Check(Nodes);

    [Fact]
    public void What_is_planned_after_a_moment_is_counted_and_what_is_drawn_is_not() =>
        Assert.Equal([4, 2, 0],
            new[] { 0.5, 5,
            9 }.Select(
            FaultPlan.Parse(
            "at 1 crash worker-0 restart 60\nat 5 slow worker-1 by 2\nat 6 lose-write shard-0\nat 9 crash trainer restart 1\nseeded:6")
            .PlannedAfter));

    [Fact]
    public void Faults_drawn_from_a_seed_are_the_same_every_time_at_the_rate_asked_for_and_of_the_kinds_and_nodes_named()
    {
        var plan = FaultPlan.Parse("at 100 crash worker-1 restart 50\nseeded:6:crash,slow:worker-*,shard-0:5");

        var drawn = plan.Drawn(Nodes, 7);

        Assert.Equal(drawn.Faults, plan.Drawn(Nodes, 7).Faults);
        Assert.NotEqual(drawn.Faults, plan.Drawn(Nodes, 8).Faults);
        Assert.InRange(drawn.Faults.Count, 360 - 100, 360 + 75); // 6 a minute for an hour, less the crashes of what is down
        Assert.All(drawn.Faults, fault => Assert.True(fault is Fault.Crash { RestartAfter: not null, Node: var one } && Named(one)
            || fault is Fault.Slow { For: not null, Node: var other } && Named(other)));
        drawn.Check(Nodes); // no crash of what is down

        static bool Named(NodeId node) => node.Role == NodeRole.Worker || node == NodeId.Shard(0);
    }

    [Fact]
    public void A_plan_happens_when_it_says_and_slowness_of_one_machine_multiplies()
    {
        using var rig = new WorldRig(new WorldOptions { Network = new() }, [.. Nodes]);
        FaultPlan.Parse("""
            at 3 slow worker-1 by 3 for 4
            at 1 crash worker-0 restart 2
            at 3 crash worker-0 restart 1
            at 2 slow worker-1 by 2 for 3
            at 2 partition worker-2 > shard-* for 1
            at 6 lose-write shard-1
            """).Schedule(rig.World, rig.Time);
        rig.Pump();

        Assert.Equal(
            [
                "1 worker-0 crash", "2 worker-1 slow 2", "2  partition worker-2 > shard-*", "3 worker-0 restart",
                "3  heal worker-2 > shard-*",
                "3 worker-1 slow 6", "3 worker-0 crash", "4 worker-0 restart", "5 worker-1 slow 3", "6 shard-1 lose-write",
                "7 worker-1 slow 1",
            ],
            rig.Faults.Select(fault => FormattableString.Invariant($"{fault.Seconds} {fault.Node} {fault.What}")));
    }

    [Fact]
    public void A_world_refuses_a_plan_for_nodes_that_it_does_not_have()
    {
        using var rig = new WorldRig(new WorldOptions { Network = new() }, NodeId.Trainer, NodeId.Worker(0), NodeId.Shard(0),
            NodeId.Evaluator);

        Assert.Throws<WorldException>(() => FaultPlan.Parse("at 1 crash worker-1").Schedule(rig.World, rig.Time));
    }
}
