using System.Diagnostics;
using TwoTower.Node.Telemetry;
using Xunit.Abstractions;

namespace TwoTower.Tests.Cluster;

/// <summary>The real binary as several processes over loopback. Alone on the machine: they measure times.</summary>
[Collection(nameof(Alone))]
public sealed class ProcessClusterSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Eight_processes_learn_the_same_bits_as_one_under_bsp_and_all_end_well()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "4", "--shards", "4", "--consistency", "bsp", "--epochs", "2"];
        var trainer = await cluster.StartAsync("trainer", null, [.. run, "--out", "run"]);
        string[] roles = ["server", "server", "worker", "worker", "worker", "worker", "evaluator"];
        await Task.WhenAll(roles.Select(role => cluster.StartAsync(role, trainer.Address, run)));
        var alone = ProcessCluster.AloneAsync(run);

        var codes = await Task.WhenAll(cluster.Nodes.Select(node => node.ExitAsync()));

        Assert.All(codes.Zip(cluster.Nodes),
            ended => Assert.True(ended.First == 0, $"A node ended with {ended.First}. It said:\n{ended.Second.Output}"));
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
    }

    [Fact]
    public async Task Killed_in_turn_two_workers_at_once_a_server_and_the_evaluator_cost_no_push_and_no_bit()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "3", "--shards", "4", "--consistency", "bsp", "--epochs", "8", "--set", "train.durability=replica:1",
            "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=4"];
        string[] slow = [.. run, "--gradient-delay", "100"]; // so that it lasts, on any machine, and leaves the processor to others
        var trainer = await cluster.StartAsync("trainer", null, [.. run, "--out", "run"]);
        var oldest = await cluster.StartAsync("server", trainer.Address, run); // the shards' coordinator lives on it
        await ProcessCluster.UntilMemberAsync(trainer, oldest);
        await cluster.StartAsync("server", trainer.Address, run);
        var evaluator = await cluster.StartAsync("evaluator", trainer.Address, run);
        var workers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.StartAsync("worker", trainer.Address, slow)));
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");

        var worker = await ProcessCluster.RecoveryAsync(trainer, () =>
        {
            workers[0].Kill();
            workers[1].Kill();
        });
        await Task.WhenAll(cluster.StartAsync("worker", trainer.Address, slow), cluster.StartAsync("worker", trainer.Address, slow));
        var server = await ProcessCluster.RecoveryAsync(trainer, oldest.Kill);
        await cluster.StartAsync("server", trainer.Address, run);
        evaluator.Kill();
        await cluster.StartAsync("evaluator", trainer.Address, run);
        output.WriteLine(
            FormattableString.Invariant(
            $"training went on {worker:0.0} s after the death of two workers, {server:0.0} s after that of a server"));

        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
        var events = cluster.EventsOf("run");
        var told = events.OfType<RunEvent.Notice>().Select(notice => notice.Kind).ToHashSet();
        Assert.Superset(new HashSet<string> { "worker-lost", "worker-joined", "hand-off" }, told);
        Assert.Equal(4, events.OfType<RunEvent.Members>().Last().Shards.Count);
        Assert.Contains(events.OfType<RunEvent.Members>(),
            members => members.All.Any(member => !member.Reachable || member.Status != "Up"));
        Assert.Equal(events.OfType<RunEvent.Begin>().First().TotalBatches, events.OfType<RunEvent.Progress>().Last()
            .Workers!.Sum(worker => worker.Batches));
        Assert.True(worker < 5, $"two workers: {worker} s");
        Assert.True(server < 15, $"a server: {server} s");
    }

    [Fact]
    public async Task A_node_that_is_asked_to_stop_leaves_with_0_and_the_run_goes_on()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "3", "--consistency", "ssp:4", "--epochs", "4", "--set", "evaluate.everyEpochs=4"];
        string[] slow = [.. run, "--gradient-delay", "50"];
        var trainer = await cluster.StartAsync("trainer,evaluator", null, [.. run, "--out", "run"]);
        var servers = new[] { await cluster.StartAsync("server", trainer.Address, run),
            await cluster.StartAsync("server", trainer.Address, run) };
        var workers = new[] { await cluster.StartAsync("worker", trainer.Address, slow),
            await cluster.StartAsync("worker", trainer.Address, slow) };
        await trainer.SaysAsync("epoch   1/");

        workers[0].Terminate();
        servers[1].Terminate();

        Assert.Equal(0, await workers[0].ExitAsync());
        Assert.Equal(0, await servers[1].ExitAsync());
        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Contains("4/4", trainer.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_grow_from_one_to_four_and_shrink_to_one_in_one_run_without_a_pause_of_three_seconds()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "1", "--shards", "3", "--consistency", "ssp:4", "--epochs", "10", "--set", "evaluate.everyEpochs=10"];
        string[] slow = [.. run, "--gradient-delay", "60"];
        var trainer = await cluster.StartAsync("trainer,evaluator,server", null, [.. run, "--out", "run"]);
        await cluster.StartAsync("worker", trainer.Address, slow);
        await trainer.SaysAsync("epoch   1/");
        var pauses = LongestPauseAsync(trainer);

        var more = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.StartAsync("worker", trainer.Address, slow)));
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

    /// <summary>Longest time in which no batch completed, until the node ends.</summary>
    private static async Task<double> LongestPauseAsync(NodeProcess trainer)
    {
        var (longest, since, batches) = (0.0, Stopwatch.GetTimestamp(), 0L);
        while (true)
        {
            try
            {
                var training = await ProcessCluster.TrainingAsync(trainer);
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
        while ((await ProcessCluster.TrainingAsync(trainer))?["workers"]?.AsArray().Count != count)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60),
                $"There are not {count} workers. The trainer said:\n{trainer.Output}");
            await Task.Delay(50);
        }
    }
}
