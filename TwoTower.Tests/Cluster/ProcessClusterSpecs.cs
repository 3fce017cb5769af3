using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace TwoTower.Tests.Cluster;

/// <summary>The real binary as several processes over loopback. Alone on the machine: they measure times.</summary>
[Collection(nameof(Alone))]
public sealed class ProcessClusterSpecs(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly HttpClient s_http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-cluster").FullName;
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

    [Fact]
    public async Task Eight_processes_learn_the_same_bits_as_one_under_bsp_and_all_end_well()
    {
        string[] run = ["--workers", "4", "--shards", "4", "--consistency", "bsp", "--epochs", "2"];
        var trainer = await StartAsync("trainer", null, [.. run, "--out", "run"]);
        string[] roles = ["server", "server", "worker", "worker", "worker", "worker", "evaluator"];
        await Task.WhenAll(roles.Select(role => StartAsync(role, trainer.Address, run)));
        var alone = Node.ProgramRun.RunAsync(["train", .. run, "--out", Path.Combine(_folder, "alone")]);

        var codes = await Task.WhenAll(_nodes.Select(node => node.ExitAsync()));

        Assert.Equal(0, (await alone).Code);
        Assert.All(codes, code => Assert.Equal(0, code));
        Assert.Equal(await Sha256Async("alone"), await Sha256Async("run"));
    }

    [Fact]
    public async Task Killed_in_turn_two_workers_at_once_a_server_and_the_evaluator_cost_no_push_and_no_bit()
    {
        string[] run = ["--workers", "3", "--shards", "4", "--consistency", "bsp", "--epochs", "24", "--set", "train.durability=replica:1", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=12"];
        var trainer = await StartAsync("trainer", null, [.. run, "--out", "run"]);
        var servers = new[] { await StartAsync("server", trainer.Address, run), await StartAsync("server", trainer.Address, run) };
        var evaluator = await StartAsync("evaluator", trainer.Address, run);
        var workers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync("worker", trainer.Address, run)));
        var alone = Node.ProgramRun.RunAsync(["train", .. run.Where((_, n) => n is < 8 or > 9), "--out", Path.Combine(_folder, "alone")]);
        await trainer.SaysAsync("epoch   1/");

        var worker = await RecoveryAsync(trainer, () =>
        {
            workers[0].Kill();
            workers[1].Kill();
        });
        await Task.WhenAll(StartAsync("worker", trainer.Address, run), StartAsync("worker", trainer.Address, run));
        var server = await RecoveryAsync(trainer, servers[0].Kill);
        await StartAsync("server", trainer.Address, run);
        evaluator.Kill();
        await StartAsync("evaluator", trainer.Address, run);
        output.WriteLine(FormattableString.Invariant($"training went on {worker:0.0} s after the death of two workers, {server:0.0} s after that of a server"));

        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(0, (await alone).Code);
        Assert.Equal(await Sha256Async("alone"), await Sha256Async("run"));
        Assert.True(worker < 5, $"two workers: {worker} s");
        Assert.True(server < 15, $"a server: {server} s");
    }

    [Fact]
    public async Task A_trainer_that_is_killed_and_started_again_goes_on_where_it_was_and_under_bsp_to_the_same_bits()
    {
        string[] run = ["--workers", "2", "--shards", "2", "--consistency", "bsp", "--epochs", "6", "--set", "train.durability=checkpoint:2", "--set", "train.retrySeconds=1"];
        string[] keeping = [.. run, "--state", "state"];
        string[] leading = [.. keeping, "--out", "run"];
        var evaluator = await StartAsync("evaluator,server", null, keeping);
        var trainer = await StartAsync("trainer", evaluator.Address, leading);
        await Task.WhenAll(StartAsync("worker", evaluator.Address, keeping), StartAsync("worker", evaluator.Address, keeping));
        var alone = Node.ProgramRun.RunAsync(["train", .. run.Where((_, n) => n is < 8 or > 9), "--out", Path.Combine(_folder, "alone")]);
        await trainer.SaysAsync("epoch   2/");

        trainer.Kill();
        await trainer.ExitAsync();
        var next = await StartAsync("trainer", evaluator.Address, leading);

        Assert.Equal(0, await next.ExitAsync());
        Assert.Equal(0, (await alone).Code);
        Assert.DoesNotContain("epoch   1/", next.Output, StringComparison.Ordinal);
        Assert.Equal(await Sha256Async("alone"), await Sha256Async("run"));
        Assert.Equal(7, (await File.ReadAllLinesAsync(Path.Combine(_folder, "run", "metrics.csv"))).Length); // a header and six epochs
    }

    [Fact]
    public async Task A_node_that_is_asked_to_stop_leaves_with_0_and_the_run_goes_on()
    {
        string[] run = ["--workers", "2", "--shards", "3", "--consistency", "ssp:4", "--epochs", "8", "--set", "evaluate.everyEpochs=8"];
        var trainer = await StartAsync("trainer,evaluator", null, [.. run, "--out", "run"]);
        var servers = new[] { await StartAsync("server", trainer.Address, run), await StartAsync("server", trainer.Address, run) };
        var workers = new[] { await StartAsync("worker", trainer.Address, run), await StartAsync("worker", trainer.Address, run) };
        await trainer.SaysAsync("epoch   1/");

        workers[0].Terminate();
        servers[1].Terminate();

        Assert.Equal(0, await workers[0].ExitAsync());
        Assert.Equal(0, await servers[1].ExitAsync());
        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Contains("8/8", trainer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_grow_from_one_to_four_and_shrink_to_one_in_one_run_without_a_pause_of_three_seconds()
    {
        string[] run = ["--workers", "1", "--shards", "3", "--consistency", "ssp:4", "--epochs", "30", "--set", "evaluate.everyEpochs=30"];
        var trainer = await StartAsync("trainer,evaluator,server", null, [.. run, "--out", "run"]);
        await StartAsync("worker", trainer.Address, run);
        await trainer.SaysAsync("epoch   1/");
        var pauses = LongestPauseAsync(trainer);

        var more = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => StartAsync("worker", trainer.Address, run)));
        await UntilWorkersAsync(trainer, 4);
        foreach (var worker in more)
        {
            worker.Terminate();
            Assert.Equal(0, await worker.ExitAsync());
        }

        await UntilWorkersAsync(trainer, 1);
        Assert.Equal(0, await trainer.ExitAsync());
        var longest = await pauses;
        output.WriteLine(FormattableString.Invariant($"longest pause {longest:0.00} s"));
        Assert.True(longest < 3, $"{longest} s");
    }

    [NetworkNamespacesFact]
    public async Task A_network_split_for_half_a_minute_and_healed_costs_no_push_and_no_bit_and_the_minority_shuts_itself_down()
    {
        using var network = NetworkNamespaces.Make(6);
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "16", "--set", "train.durability=replica:1", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=8"];
        Task<NodeProcess> On(int machine, string role, string? seed, params string[] more) =>
            KeepAsync(NodeProcess.StartInAsync(network.On(machine), _folder, role, seed, [.. run, "--host", NetworkNamespaces.AddressOf(machine), .. more]));
        var trainer = await On(1, "trainer", null, "--out", "run");
        await On(2, "evaluator", trainer.Address);
        await On(3, "server", trainer.Address);
        var server = await On(4, "server", trainer.Address);
        await On(5, "worker", trainer.Address);
        var worker = await On(6, "worker", trainer.Address);
        var alone = Node.ProgramRun.RunAsync(["train", .. run.Where((_, n) => n is < 8 or > 9), "--out", Path.Combine(_folder, "alone")]);
        await trainer.SaysAsync("epoch   1/");

        network.Connect(4, false);
        network.Connect(6, false);
        var split = Task.Delay(TimeSpan.FromSeconds(30)); // the split itself, not a wait for something
        var codes = await Task.WhenAll(server.ExitAsync(), worker.ExitAsync());
        await split;
        network.Connect(4, true);
        network.Connect(6, true);
        await On(4, "server", trainer.Address);
        await On(6, "worker", trainer.Address);

        Assert.All(codes, code => Assert.Equal(1, code));
        Assert.Contains("cut off from the majority", server.Output, StringComparison.Ordinal);
        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(0, (await alone).Code);
        Assert.Equal(await Sha256Async("alone"), await Sha256Async("run"));
    }

    /// <summary>Longest time in which no batch completed, until the node ends.</summary>
    private static async Task<double> LongestPauseAsync(NodeProcess trainer)
    {
        var (longest, since, batches) = (0.0, Stopwatch.GetTimestamp(), 0L);
        while (true)
        {
            try
            {
                var training = await TrainingAsync(trainer);
                if (training?["phase"]?.ToString() == "Ended")
                {
                    return longest;
                }

                var now = training?["batches"]?.GetValue<long>() ?? 0;
                if (training?["phase"]?.ToString() == "Boundary")
                {
                    since = Stopwatch.GetTimestamp(); // an evaluation is meant to pause
                }

                longest = Math.Max(longest, Stopwatch.GetElapsedTime(since).TotalSeconds);
                (since, batches) = now > batches ? (Stopwatch.GetTimestamp(), now) : (since, batches);
                await Task.Delay(50);
            }
            catch (HttpRequestException)
            {
                return longest; // it has ended
            }
        }
    }

    private static async Task UntilWorkersAsync(NodeProcess trainer, int count)
    {
        var start = Stopwatch.GetTimestamp();
        while ((await TrainingAsync(trainer))?["workers"]?.AsArray().Count != count)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"There are not {count} workers. The trainer said:\n{trainer.Output}");
            await Task.Delay(50);
        }
    }

    /// <summary>Seconds from a blow until a batch completes that was not complete then.</summary>
    private static async Task<double> RecoveryAsync(NodeProcess trainer, Action blow)
    {
        blow();
        var start = Stopwatch.GetTimestamp();
        var before = await BatchesAsync(trainer);
        while (await BatchesAsync(trainer) <= before + 3)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Training has not gone on. The trainer said:\n{trainer.Output}");
            await Task.Delay(50);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<long> BatchesAsync(NodeProcess trainer) => (await TrainingAsync(trainer))?["batches"]?.GetValue<long>() ?? 0;

    private static async Task<JsonNode?> TrainingAsync(NodeProcess trainer)
    {
        try
        {
            return JsonNode.Parse(await s_http.GetStringAsync($"{trainer.Health}/status"))!["training"];
        }
        catch (HttpRequestException gone)
        {
            throw new HttpRequestException($"The trainer does not answer. It said:\n{trainer.Output}", gone);
        }
    }

    private async Task<string> Sha256Async(string run) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, run, "summary.json")))!["parametersSha256"]!.GetValue<string>();

    private Task<NodeProcess> StartAsync(string role, string? seed, string[] arguments) => KeepAsync(NodeProcess.StartAsync(_folder, role, seed, arguments));

    private async Task<NodeProcess> KeepAsync(Task<NodeProcess> starting)
    {
        var node = await starting;
        lock (_nodes)
        {
            _nodes.Add(node);
        }

        return node;
    }
}
