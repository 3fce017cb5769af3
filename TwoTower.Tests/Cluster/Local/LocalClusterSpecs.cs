using System.Diagnostics;
using System.Globalization;
using TwoTower.Node.Clusters.Local;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Cluster.Local;

/// <summary>Processes that are started, watched, started again and ended, with children that do
/// what a node does and nothing else.</summary>
public sealed class LocalClusterSpecs : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly LineCollector _log = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0, "recipes")]
    [InlineData(2, "train", "--workers", "0")]
    public async Task The_trainers_exit_code_is_the_clusters(int code, params string[] arguments)
    {
        var cluster = Cluster(_ => new ProcessStartInfo("dotnet", [TestedProgram.Path, .. arguments]), servers: 1);

        Assert.Equal(code, await cluster.RunAsync(_stop.Token).WaitAsync(s_limit));

        Assert.StartsWith("trainer | pid ", _log.Lines[0], StringComparison.Ordinal);
        // it never listened, so nobody else was started
        Assert.All(_log.Lines, line => Assert.StartsWith("trainer |", line, StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task A_node_that_is_killed_comes_back_with_its_port_and_joins_by_those_that_are_left()
    {
        var cluster = Cluster(Shell(), servers: 2);
        var run = cluster.RunAsync(_stop.Token);
        await _log.LineAsync("server-1 | Node");
        await _log.LineAsync("server-2 | Node");

        Kill("server-1");
        var again = await _log.LineAsync("server-1 | node", nth: 2);
        await _log.LineAsync("server-1 | Node", nth: 2);
        Kill("trainer ");
        var trainer = await _log.LineAsync("trainer  | node", nth: 2);
        await _log.LineAsync("trainer  | Node", nth: 2);
        _folder.Write("end", "7");

        Assert.Equal(7, await run.WaitAsync(s_limit));
        Assert.Contains("--port 4101 ", again, StringComparison.Ordinal);
        Assert.Contains("--seed-node 127.0.0.1:4100 --seed-node 127.0.0.1:4102", again, StringComparison.Ordinal);
        Assert.Contains("--port 4100 ", trainer, StringComparison.Ordinal);
        Assert.Contains("--seed-node 127.0.0.1:4100 --seed-node 127.0.0.1:4101 --seed-node 127.0.0.1:4102", trainer,
            StringComparison.Ordinal);
        await _log.LineAsync("server-1 | goodbye");
        await _log.LineAsync("server-2 | goodbye");
        Assert.All(Pids(), pid => Assert.False(Runs(pid)));
    }

    [UnixFact]
    public async Task Without_restarts_a_killed_node_stays_dead()
    {
        var cluster = Cluster(Shell(), servers: 1, restart: false);
        var run = cluster.RunAsync(_stop.Token);
        await _log.LineAsync("server  | Node");

        Kill("server ");
        await _log.LineAsync("server  | ended with exit code 137");
        _folder.Write("end", "0");

        Assert.Equal(0, await run.WaitAsync(s_limit));
        Assert.Single(_log.Lines, line => line.StartsWith("server  | pid", StringComparison.Ordinal));
    }

    [UnixFact]
    public async Task A_stop_asks_the_trainer_first_and_the_servers_last_and_leaves_nobody()
    {
        var cluster = Cluster(Shell(), servers: 1, workers: 1);
        var run = cluster.RunAsync(_stop.Token);
        await _log.LineAsync("server  | Node");
        await _log.LineAsync("worker  | Node");

        await _stop.CancelAsync();

        Assert.Equal(0, await run.WaitAsync(s_limit));
        Assert.Equal(["trainer | goodbye", "worker  | goodbye", "server  | goodbye"],
            _log.Lines.Where(line => line.EndsWith("goodbye", StringComparison.Ordinal)));
        Assert.All(Pids(), pid => Assert.False(Runs(pid)));
    }

    [UnixFact]
    public async Task A_node_that_does_not_end_when_asked_is_killed_after_the_grace()
    {
        var cluster = Cluster(Shell("trap '' TERM"), servers: 1, grace: TimeSpan.FromSeconds(0.3));
        var run = cluster.RunAsync(_stop.Token);
        await _log.LineAsync("server  | Node");

        await _stop.CancelAsync();

        Assert.Equal(137, await run.WaitAsync(s_limit));
        Assert.Contains(_log.Lines, line => line.StartsWith("server  | did not end within 0.3 s", StringComparison.Ordinal));
        Assert.All(Pids(), pid => Assert.False(Runs(pid)));
    }

    private LocalCluster Cluster(Func<IReadOnlyList<string>, ProcessStartInfo> program, int servers, int workers = 0, bool restart = true,
        TimeSpan? grace = null)
    {
        var topology = new LocalTopology(servers, workers, 1, 0, _folder.Path, [], null);
        return new LocalCluster(topology, arguments => Redirected(program(arguments)),
            new PrefixedLog(topology.Nodes.Select(node => node.Name), _log, _log), new RestartRule(restart), grace
            ?? TimeSpan.FromSeconds(20));
    }

    /// <summary>A child that prints its arguments, announces itself on the port it is given (else one by its place), and waits for SIGTERM;
    /// the trainer also for a file with its exit code.</summary>
    private Func<IReadOnlyList<string>, ProcessStartInfo> Shell(string trap = "trap 'echo goodbye; exit 0' TERM")
    {
        var next = 4100;
        return arguments =>
        {
            var port = arguments[6] == "0" ? (next++).ToString(CultureInfo.InvariantCulture) : arguments[6];
            var ending = arguments[2].StartsWith("trainer", StringComparison.Ordinal)
                ? $"if [ -s '{_folder.Path}/end' ]; then exit $(cat '{_folder.Path}/end'); fi" : ":";
            return new ProcessStartInfo("sh",
                ["-c", $"{trap}; echo \"$*\"; echo 'Node 127.0.0.1:{port} (role)'; while :; do {ending}; sleep 0.05; done", "sh",
                .. arguments]);
        };
    }

    private static ProcessStartInfo Redirected(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        return start;
    }

    private void Kill(string name)
    {
        using var process =
            Process.GetProcessById(int.Parse(_log.Lines.Last(line => line.StartsWith($"{name} | pid", StringComparison.Ordinal))
            .Split(' ')[^1], CultureInfo.InvariantCulture));
        process.Kill();
    }

    private IEnumerable<int> Pids() => _log.Lines.Where(line => line.Contains(" | pid ", StringComparison.Ordinal))
        .Select(line => int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture));

    private static bool Runs(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            return !process.HasExited;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
