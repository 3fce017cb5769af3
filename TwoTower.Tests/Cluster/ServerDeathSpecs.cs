using Xunit.Abstractions;

namespace TwoTower.Tests.Cluster;

/// <summary>Servers that are killed: real processes. That of the server on which the shards' coordinator lives is in <see cref="ProcessClusterSpecs"/>. Alone on the machine: they measure times.</summary>
[Collection(nameof(Alone))]
public sealed class ServerDeathSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task A_server_that_is_killed_and_does_not_hold_the_shards_coordinator_costs_no_push_and_no_bit()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "4", "--set", "train.durability=replica:1", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2"];
        var trainer = await cluster.StartAsync("trainer,evaluator", null, [.. run, "--out", "run"]);
        await ProcessCluster.UntilMemberAsync(trainer, await cluster.StartAsync("server", trainer.Address, run));
        var server = await cluster.StartAsync("server", trainer.Address, run);
        await cluster.StartAsync("worker", trainer.Address, [.. run, "--worker-actors", "2"]);
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");
        await ProcessCluster.UntilAsync(trainer, "the second server holds shards", status => status["shards"]!.AsArray().Any(shard => shard!["address"]!.ToString() == server.Address));

        var seconds = await ProcessCluster.RecoveryAsync(trainer, server.Kill);
        output.WriteLine(FormattableString.Invariant($"training went on {seconds:0.0} s after the death of a server"));

        Assert.Equal(0, await trainer.ExitAsync());
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
        Assert.True(seconds < 15, $"{seconds} s");
    }

    [Fact]
    public async Task All_servers_killed_at_once_and_started_again_go_on_from_their_records_and_under_bsp_to_the_same_bits()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "4", "--set", "train.durability=checkpoint:2", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2"];
        string[] keeping = [.. run, "--state", "state"];
        var trainer = await cluster.StartAsync("trainer,evaluator", null, [.. keeping, "--out", "run"]);
        var servers = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => cluster.StartAsync("server", trainer.Address, keeping)));
        await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => cluster.StartAsync("worker", trainer.Address, keeping)));
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");
        await ProcessCluster.UntilAsync(trainer, "both servers hold shards", status => servers.All(server => status["shards"]!.AsArray().Any(shard => shard!["address"]!.ToString() == server.Address)));

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
