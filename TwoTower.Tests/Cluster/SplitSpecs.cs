using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace TwoTower.Tests.Cluster;

/// <summary>The side of a split network that is in the minority takes no pushes, even where it has everything that training needs. Real
/// processes in networks of their own.</summary>
[Collection(nameof(Alone))]
public sealed class SplitSpecs(ITestOutputHelper output) : IAsyncLifetime
{
    /// <summary>Clearly before another side may take over: the pause that the failure detector accepts and stable-after are 6 s in
    /// cluster.hocon. The lease itself is 2 s; a busy machine answers late.</summary>
    private static readonly TimeSpan s_lease = TimeSpan.FromSeconds(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-split").FullName;
    private readonly List<NodeProcess> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [NetworkNamespacesFact]
    public async Task A_minority_with_the_trainer_a_worker_and_every_copy_of_the_shard_takes_no_push()
    {
        const int machines = 5;
        using var network = NetworkNamespaces.Make(machines);
        string[] run = ["--workers", "1", "--shards", "1", "--consistency", "asp", "--epochs", "2000", "--set",
            "train.durability=replica:1", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2000"];
        Task<NodeProcess> On(int machine, string role, string? seed, params string[] more) =>
            KeepAsync(network.StartAsync(machine, _folder, role, seed, [.. run, .. more]));

        // The minority: machines 1 and 2.
        var trainer = await On(1, "trainer,server,worker", null, "--out", "run");
        await Task.WhenAll(Enumerable.Range(2, machines - 1)
            .Select(machine => On(machine, machine == machines ? "evaluator" : machine <= machines / 2 ? "server" : "worker",
            trainer.Address)));
        await trainer.SaysAsync("epoch   1/");
        var watch = new PushWatch(network.On(1), trainer.Health);
        Assert.True(await watch.UntilAsync(status => status is { Majority: true, Taken: > 0 } && status.Up == machines,
            TimeSpan.FromSeconds(30)));

        for (var machine = 1; machine <= machines / 2; machine++)
        {
            network.MoveApart(machine);
        }

        var cut = Stopwatch.GetTimestamp();
        Assert.True(await watch.UntilAsync(status => !status.Majority, TimeSpan.FromSeconds(10)), "the minority still sees a majority");
        var ranOut = Stopwatch.GetElapsedTime(cut);
        var first = (await watch.ReadAsync())!;
        var last = first;
        while (await watch.ReadAsync() is { } status)
        {
            Assert.False(status.Majority);
            last = status;
        }

        output.WriteLine(
            FormattableString.Invariant(
            $"the lease ran out {ranOut.TotalSeconds:0.0} s after the cut; {last.Taken - first.Taken} pushes were taken from then until ")
            + FormattableString.Invariant($"the node was gone after {Stopwatch.GetElapsedTime(cut).TotalSeconds:0.0} s"));
        Assert.Equal(first.Taken, last.Taken);
        Assert.True(ranOut < s_lease, $"the lease ran out after {ranOut.TotalSeconds} s");
        Assert.Equal(TwoTower.Node.Shell.ExitCode.StartAgain, await trainer.ExitAsync());
        Assert.Contains("no majority of the cluster in sight", trainer.Output, StringComparison.Ordinal);
        Assert.Contains("cut off from the majority", trainer.Output, StringComparison.Ordinal);
    }

    private async Task<NodeProcess> KeepAsync(Task<NodeProcess> starting)
    {
        var node = await starting;
        lock (_nodes)
        {
            _nodes.Add(node);
        }

        return node;
    }

    /// <summary>What a node says of its shard, asked for on the node's own machine: nobody else reaches it.</summary>
    private sealed class PushWatch(string[] on, string health)
    {
        public sealed record Status(bool Majority, long Taken, int Up);

        /// <summary>Null when the node does not answer, or has no shard any more.</summary>
        public async Task<Status?> ReadAsync()
        {
            string[] command = [.. on, "bash", "-c",
                $"exec 3<>/dev/tcp/127.0.0.1/{new Uri(health).Port} && printf 'GET /status HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3"];
            using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true
            })!;
            var answer = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(10));
            await process.WaitForExitAsync();
            if (!answer.Contains(" 200 ", StringComparison.Ordinal) || !answer.Contains('{', StringComparison.Ordinal))
            {
                return null;
            }

            var status = JsonNode.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..(answer.LastIndexOf('}') + 1)])!;
            return status["taken"]!.AsArray() is { Count: > 0 } taken
                ? new Status(
                    status["majority"]!.GetValue<bool>(), taken[0]!["pushes"]!.GetValue<long>(),
                    status["members"]!.AsArray().Count(member => member!["status"]!.GetValue<string>() == "Up"))
                : null;
        }

        public async Task<bool> UntilAsync(Func<Status, bool> condition, TimeSpan limit)
        {
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start) < limit)
            {
                if (await ReadAsync() is { } status && condition(status))
                {
                    return true;
                }

                await Task.Delay(20);
            }

            return false;
        }
    }
}
