namespace TwoTower.Tests.Cluster;

/// <summary>Trainers that are killed and leave a journal: real processes.</summary>
[Collection(nameof(Alone))]
public sealed class TrainerDeathSpecs
{
    [Fact]
    public async Task A_trainer_that_is_killed_and_started_again_goes_on_where_it_was_and_under_bsp_to_the_same_bits()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "4", "--set", "train.durability=replica:1",
            "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2"];
        string[] keeping = [.. run, "--state", "state"];
        string[] leading = [.. keeping, "--out", "run"];
        var evaluator = await cluster.StartAsync("evaluator,server", null, keeping);
        var trainer = await cluster.StartAsync("trainer", evaluator.Address, leading);
        await Task.WhenAll(cluster.StartAsync("server", evaluator.Address, keeping),
            cluster.StartAsync("worker", evaluator.Address, [.. keeping, "--worker-actors", "2"]));
        var alone = ProcessCluster.AloneAsync(run);
        await trainer.SaysAsync("epoch   1/");

        trainer.Kill();
        await trainer.ExitAsync();
        var next = await cluster.StartAsync("trainer", evaluator.Address, leading);

        Assert.Equal(0, await next.ExitAsync());
        Assert.DoesNotContain("epoch   1/", next.Output, StringComparison.Ordinal);
        Assert.Equal(await alone, await cluster.Sha256Async("run"));
        // a header and four epochs
        Assert.Equal(5, (await File.ReadAllLinesAsync(Path.Combine(cluster.Folder, "run", "metrics.csv"))).Length);
    }

    [Fact]
    public async Task A_trainer_that_stands_by_goes_on_with_the_run_of_one_that_is_killed_and_under_bsp_to_the_same_bits()
    {
        await using var cluster = new ProcessCluster();
        string[] run = ["--workers", "2", "--shards", "4", "--consistency", "bsp", "--epochs", "4", "--set",
            "train.durability=checkpoint:2", "--set", "train.retrySeconds=1", "--set", "evaluate.everyEpochs=2"];
        string[] keeping = [.. run, "--state", "state"];
        var first = await cluster.StartAsync("trainer", null, [.. keeping, "--out", "first"]);
        await ProcessCluster.UntilMemberAsync(first, first);
        var second = await cluster.StartAsync("trainer", first.Address, [.. keeping, "--out", "second"]);
        var others = await Task.WhenAll(
            cluster.StartAsync("evaluator,server", first.Address, keeping), cluster.StartAsync("server", first.Address, keeping),
            cluster.StartAsync("worker", first.Address, [.. keeping, "--worker-actors", "2"]));
        var alone = ProcessCluster.AloneAsync(run);
        await first.SaysAsync("epoch   1/");
        Assert.DoesNotContain("epoch ", second.Output, StringComparison.Ordinal);

        first.Kill();

        Assert.Equal(0, await second.ExitAsync());
        Assert.All(await Task.WhenAll(others.Select(other => other.ExitAsync())), code => Assert.Equal(0, code));
        Assert.DoesNotContain("epoch   1/", second.Output, StringComparison.Ordinal);
        Assert.Equal(await alone, await cluster.Sha256Async("second"));
    }
}
