namespace TwoTower.Tests.Dashboard;

public sealed class RunEndpointSpecs : DashboardSpecs
{
    [Fact]
    public async Task A_folder_that_is_not_there_yet_has_no_runs_and_then_has_some()
    {
        Assert.Empty(await Runs(Server));

        _ = new MadeRun(Library, "later");

        await Eventually(async () => (await Runs(Server)).Count == 1);
    }

    [Fact]
    public async Task A_run_tells_its_row_its_settings_and_that_it_has_no_result()
    {
        new MadeRun(Library, "a <b>").Train(10);

        var told = await Ask(Server, $"/api/runs/{await OnlyId(Server)}");

        Assert.Equal(("a <b>", "crashed", "made", 0.5),
            ((string)told["run"]!["path"]!, (string)told["run"]!["status"]!, (string)told["run"]!["recipe"]!,
            (double)told["run"]!["meanStaleness"]!));
        Assert.Equal("ssp:4", (string)told["config"]!["settings"]!["train.consistency"]!);
        Assert.Null(told["summary"]);
    }

    [Fact]
    public async Task Exports_have_every_point_and_a_file_name_that_is_one()
    {
        new MadeRun(Library, "a 'name';<b>").Train(5_000);
        var id = await OnlyId(Server);

        using var csv = await Client.GetAsync(new Uri(Server.Url, $"/api/runs/{id}/progress.csv"));
        var json = await Ask(Server, $"/api/runs/{id}/run.json");

        var lines = (await csv.Content.ReadAsStringAsync()).TrimEnd().Split('\n');
        Assert.Equal((5_001, "batches,examples,seconds,virtualSeconds,loss,examplesPerSecond,meanStaleness"), (lines.Length, lines[0]));
        Assert.StartsWith("10000,1000000,1000,,", lines[^1], StringComparison.Ordinal);
        Assert.Equal("attachment; filename=\"a--name---b--progress.csv\"",
            Assert.Single(csv.Content.Headers.GetValues("Content-Disposition")));
        Assert.Equal((5_000, 10), (json["progress"]!["loss"]!.AsArray().Count, json["evaluations"]!.AsArray().Count));
    }

    [Fact]
    public async Task Settings_are_compared_over_all_runs()
    {
        _ = new MadeRun(Library, "a");
        _ = new MadeRun(Library, "b", "bsp", 3);
        var ids = (await Runs(Server)).Select(run => (Path: (string)run!["path"]!, Id: (string)run["id"]!))
            .OrderBy(run => run.Path).ToArray();

        var compared = (await Ask(Server, $"/api/compare/settings?id={ids[0].Id}&id={ids[1].Id}"))["settings"]!.AsArray();
        var metrics = await Ask(Server, $"/api/compare/metrics?first={ids[0].Id}&second={ids[1].Id}");

        Assert.Equal(["train.workers 2 3", "train.consistency ssp:4 bsp"],
            compared.Select(setting => $"{setting!["key"]} {string.Join(' ', setting["values"]!.AsArray())}"));
        Assert.Contains("without a result", (string)metrics["unknown"]!, StringComparison.Ordinal);
    }
}
