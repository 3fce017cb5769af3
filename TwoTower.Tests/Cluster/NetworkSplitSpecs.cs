namespace TwoTower.Tests.Cluster;

/// <summary>A network that falls apart and is whole again, with real processes on both sides.</summary>
[Collection(nameof(Alone))]
public sealed class NetworkSplitSpecs
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(30);

    [NetworkNamespacesFact]
    public Task A_network_split_for_half_a_minute_and_healed_costs_no_push_and_no_bit_and_the_minority_shuts_itself_down() =>
        SplitAsync(() => NetworkNamespaces.Make(5), s_long);

    [RelayedNetworkFact]
    public Task Between_relays_a_split_network_that_heals_costs_no_push_and_no_bit_and_the_minority_shuts_itself_down() =>
        SplitAsync(() => new RelayedNetwork(), NetworkNamespaces.Refusal is null ? TimeSpan.Zero : s_long);

    private static async Task SplitAsync(Func<ICuttableNetwork> make, TimeSpan atLeast)
    {
        using var network = make();
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "5", "--set", "train.durability=replica:1",
            "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=5"];
        // No machine is through with it when the network is whole again: the worker that is left has 356 batches to do, 36 s
        // at least, and waits for the dead before.
        string[] slow = ["--gradient-delay", "100"];
        Task<NodeProcess> On(int machine, string role, string? seed, params string[] more) =>
            cluster.KeepAsync(network.StartAsync(machine, cluster.Folder, role, seed, [.. run, .. more]));
        var trainer = await On(1, "trainer,evaluator", null, "--out", "run");
        await On(2, "server", trainer.Address);
        var server = await On(3, "server", trainer.Address);
        await On(4, "worker", trainer.Address, slow);
        var worker = await On(5, "worker", trainer.Address, slow);
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");

        network.Connect(3, false);
        network.Connect(5, false);
        var split = Task.Delay(atLeast); // the split itself, not a wait for something
        var codes = await Task.WhenAll(server.ExitAsync(), worker.ExitAsync());
        await split;
        Assert.All(codes, code => Assert.Equal(TwoTower.Node.Shell.ExitCode.StartAgain, code));
        Assert.Contains("cut off from the majority", server.Output, StringComparison.Ordinal);
        network.Connect(3, true);
        network.Connect(5, true);
        var back = await Task.WhenAll(On(3, "server", trainer.Address), On(5, "worker", trainer.Address, slow));

        Assert.Equal(0, await trainer.ExitAsync());
        // who is not in the cluster does not hear of the end
        Assert.All(await Task.WhenAll(back.Select(node => node.ExitAsync())), code => Assert.Equal(0, code));
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
    }
}
