using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Node.Clusters.Local;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Cluster.Local;

/// <summary>A cluster of this machine: its nodes, their command lines, what is printed of them, and which are started again.</summary>
public class LocalTopologySpecs
{
    private static readonly LocalTopology s_topology = new(2, 3, 2, 1, "state", ["--recipe", "seed-bpr", "--set", "train.epochs=2"], "run");

    [Fact]
    public void There_is_a_node_for_each_role_and_the_trainer_is_the_first() =>
        Assert.Equal(["trainer", "server-1", "server-2", "worker-1", "worker-2", "worker-3", "evaluator"],
            s_topology.Nodes.Select(node => node.Name));

    [Fact]
    public void Every_node_runs_the_same_settings_and_the_trainer_alone_has_the_folder()
    {
        Assert.Equal(
            "node --role trainer --host 127.0.0.1 --port 0 --health-port 0 --state state --workers 6 --recipe seed-bpr --set "
                + "train.epochs=2 --out run",
            string.Join(' ', s_topology.Nodes[0].Arguments(0, [])));
        Assert.Equal(
            "node --role worker --host 127.0.0.1 --port 4060 --health-port 0 --state state --seed-node 127.0.0.1:4053 --seed-node "
                + "127.0.0.1:4054 --join-within 600 --worker-actors 2 --workers 6 --recipe seed-bpr --set train.epochs=2",
            string.Join(' ',
                s_topology.Nodes[3].Arguments(4060, [new HostAndPort("127.0.0.1", 4053), new HostAndPort("127.0.0.1", 4054)])));
    }

    [Fact]
    public void Who_is_told_of_a_run_is_told_by_the_trainer_alone()
    {
        var told = s_topology with
        {
            Trainer = new TelemetryOptions { TensorBoard = true, Otlp = true, MetricsPort = 0, LogJson = "a log" }
            .ToArguments()
        };

        Assert.Equal(["--tensorboard", "--otlp", "--metrics-port", "0", "--log-json", "a log", "--out", "run"],
            told.Nodes[0].Arguments(0, []).SkipWhile(argument => argument != "--tensorboard"));
        Assert.All(told.Nodes.Skip(1), node => Assert.DoesNotContain("--tensorboard", node.Arguments(0, [])));
        Assert.Empty(TelemetryOptions.None.ToArguments());
    }

    [Fact]
    public void Without_evaluators_the_trainers_node_evaluates() =>
        Assert.Equal([ClusterNode.Trainer, ClusterNode.Evaluator], (s_topology with { Evaluators = 0 }).Nodes[0].Roles);

    [Fact]
    public void The_trainer_is_stopped_first_and_servers_last() =>
        Assert.Equal(["trainer", "evaluator", "worker-1", "server-1"], new[] { 1, 6, 3, 0 }.Select(n => s_topology.Nodes[n])
            .OrderBy(node => node.StopRank).ThenBy(node => node.Name, StringComparer.Ordinal).Select(node => node.Name));

    [Fact]
    public async Task Lines_of_many_processes_stay_whole_and_aligned()
    {
        var output = new LineCollector();
        var log = new PrefixedLog(["trainer", "server-10"], output, output);

        await Task.WhenAll(
            log.CopyAsync("trainer", new StringReader(string.Concat(Enumerable.Repeat("aaaa\n", 500))), false, _ => { }),
            log.CopyAsync("server-10", new StringReader(string.Concat(Enumerable.Repeat("bbbb\n", 500)) + "end without a line's end"),
                true, _ => { }));

        Assert.Equal(500, output.Lines.Count(line => line == "trainer   | aaaa"));
        Assert.Equal(500, output.Lines.Count(line => line == "server-10 | bbbb"));
        Assert.Equal("server-10 | end without a line's end",
            Assert.Single(output.Lines, line => line.EndsWith("end", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(true, false, 137, true)] // killed
    [InlineData(true, true, 139, true)] // the trainer too
    [InlineData(true, false, -1, true)] // killed on Windows
    [InlineData(true, false, 1, true)] // downed, perhaps; it may join again
    [InlineData(true, true, 1, false)] // the run has failed
    [InlineData(true, true, 75, true)] // cut off from the others
    [InlineData(true, false, 75, true)]
    [InlineData(false, true, 75, false)]
    [InlineData(true, false, 2, false)] // it would be refused again
    [InlineData(true, false, 0, false)] // it was asked to
    [InlineData(true, true, 130, false)] // interrupted
    [InlineData(false, false, 137, false)]
    public void What_dies_unexpectedly_is_started_again(bool enabled, bool trainer, int exitCode, bool again) =>
        Assert.Equal(again, new RestartRule(enabled).After(trainer, exitCode, 1) is not null);

    [Fact]
    public void A_node_that_never_lives_long_is_waited_for_longer_each_time_and_given_up_at_last()
    {
        var waits = Enumerable.Range(0, RestartRule.MostShortLives + 2)
            .Select(lives => new RestartRule(true).After(false, 137, lives)).ToArray();

        Assert.Equal(waits[..^1].Order(), waits[..^1]);
        Assert.Null(waits[^1]);
    }

    [Theory]
    [InlineData("Node 127.0.0.1:4053 (trainer)", "127.0.0.1:4053")]
    [InlineData("Node here:1", "here:1")]
    [InlineData("Node is up", null)]
    [InlineData("  Node 127.0.0.1:4053", null)]
    public void A_nodes_announcement_is_read(string line, string? address) =>
        Assert.Equal(address, LocalProcess.AddressIn(line)?.ToString());
}
