using System.Diagnostics;
using System.Text.Json.Nodes;
using TwoTower.Node.Telemetry;
using Xunit.Abstractions;

namespace TwoTower.Tests.Cluster;

/// <summary>Servers that are killed: real processes. That of the server on which the shards' coordinator lives is in
/// <see cref="ProcessClusterSpecs"/>. Alone on the machine: they measure times.</summary>
[Collection(nameof(Alone))]
public sealed class ServerDeathSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task A_server_that_is_killed_and_does_not_hold_the_shards_coordinator_costs_no_push_and_no_bit()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "4", "--set", "train.durability=replica:1",
            "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2"];
        var trainer = await cluster.StartAsync("trainer,evaluator", null, [.. run, "--out", "run"]);
        await ProcessCluster.UntilMemberAsync(trainer, await cluster.StartAsync("server", trainer.Address, run));
        var server = await cluster.StartAsync("server", trainer.Address, run);
        await cluster.StartAsync("worker", trainer.Address, [.. run, "--worker-actors", "2"]);
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");
        await ProcessCluster.UntilAsync(trainer, "the second server holds shards", status => status["shards"]!.AsArray()
            .Any(shard => shard!["address"]!.ToString() == server.Address));

        var seconds = await ProcessCluster.RecoveryAsync(trainer, server.Kill);
        output.WriteLine(FormattableString.Invariant($"training went on {seconds:0.0} s after the death of a server"));

        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
        Assert.True(seconds < 15, $"{seconds} s");
    }

    [Fact]
    public async Task Both_servers_killed_one_after_the_other_cost_nothing_once_the_status_says_that_the_copies_are_back()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "6", "--set", "train.durability=replica:1",
            "--set", "evaluate.everyEpochs=3"];
        var trainer = await cluster.StartAsync("trainer,evaluator", null, [.. run, "--out", "run"]);
        var first = await cluster.StartAsync("server", trainer.Address, run);
        var second = await cluster.StartAsync("server", trainer.Address, run);
        await cluster.StartAsync("worker", trainer.Address, [.. run, "--worker-actors", "2", "--gradient-delay", "50"]);
        var alone = ProcessCluster.AloneAsync(run);
        await ProcessCluster.UntilAsync(trainer, "batches complete and every shard has its copy",
            status => (status["training"]?["batches"]?.GetValue<long>() ?? 0) > 10 && IsWhole(status));

        first.Kill();
        await ProcessCluster.UntilAsync(trainer, "the death is noticed", status => !IsWhole(status));
        var third = await cluster.StartAsync("server", trainer.Address, run);
        await ProcessCluster.UntilAsync(trainer, "membership has settled", status => IsSettled(status, first, third));
        var settled = Stopwatch.GetTimestamp();
        await ProcessCluster.UntilAsync(trainer, "every shard has its copy again", IsWhole);
        var seconds = Stopwatch.GetElapsedTime(settled).TotalSeconds;
        output.WriteLine(FormattableString.Invariant($"every shard had its copy again {seconds:0.0} s after membership had settled"));
        second.Kill();

        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
        Assert.True(seconds < 5, $"Copies were back {seconds} s after membership had settled.");
        Assert.Contains(cluster.EventsOf("run"), told => told is RunEvent.Members { Copies: { Count: 4 } copies }
            && copies.All(shard => shard.There == shard.Wanted));

        // The dead one is no member any more, and the one in its place is.
        static bool IsSettled(JsonNode status, NodeProcess dead, NodeProcess next) =>
            status["members"]!.AsArray() is var members && members.All(member => member!["address"]!.ToString() != dead.Address)
            && members.Any(member => member!["address"]!.ToString() == next.Address && member["status"]!.ToString() == "Up");

        static bool IsWhole(JsonNode status) =>
            status["copies"]!.AsArray() is { Count: 4 } copies && copies.All(shard => shard!["there"]!.GetValue<int>() == 1)
                && status["members"]!.AsArray().All(member => member!["reachable"]!.GetValue<bool>());
    }

    [Fact]
    public async Task All_servers_killed_at_once_and_started_again_go_on_from_their_records_and_under_bsp_to_the_same_bits()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "4", "--set",
            "train.durability=checkpoint:2", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2"];
        string[] keeping = [.. run, "--state", "state"];
        var trainer = await cluster.StartAsync("trainer,evaluator", null, [.. keeping, "--out", "run"]);
        var servers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => cluster.StartAsync("server", trainer.Address, keeping)));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => cluster.StartAsync("worker", trainer.Address, keeping)));
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");
        await ProcessCluster.UntilAsync(trainer, "both servers hold shards",
            status => servers.All(server => status["shards"]!.AsArray().Any(shard => shard!["address"]!.ToString() == server.Address)));

        foreach (var server in servers)
        {
            server.Kill();
        }

        await Task.WhenAll(servers.Select(server => server.ExitAsync()));
        await Task.WhenAll(servers.Select(_ => cluster.StartAsync("server", trainer.Address, keeping)));

        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
    }
}
