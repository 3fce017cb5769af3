using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Telemetry;

/// <summary>A run that was stopped after an epoch, and the same one gone on with for another; made once for all
/// specs that look at what runs leave.</summary>
public sealed class TrainedRuns : IAsyncLifetime
{
    public const string Name = "trained runs";

    private readonly TemporaryFolder _folder = new();

    /// <summary>The folder that the runs lie in.</summary>
    public string Library => Path.Combine(_folder.Path, "runs");

    /// <summary>Of two epochs, the second after a resume.</summary>
    public string Run => Path.Combine(Library, "first");

    internal IReadOnlyList<RunEvent> Events { get; private set; } = [];

    /// <summary>The structured log of the second epoch.</summary>
    public string Log => Path.Combine(_folder.Path, "log.json");

    /// <summary>What a collector was sent of the second epoch.</summary>
    public IReadOnlyList<(string Path, byte[] Body)> Collected { get; private set; } = [];

    public async Task InitializeAsync()
    {
        var ratings = Path.Combine(_folder.Path, "ratings.csv");
        SmallRatings.Write(ratings);
        var begun = await ProgramRun.RunAsync(
            "train", "--data", ratings, "--set", "model.dim=8", "--batch-size", "32", "--set", "evaluate.cutoffs=5,10", "--set",
            "evaluate.metric=recall@5", "--workers", "2", "--shards", "2", "--epochs", "1", "--out", Run);
        Assert.Equal((0, string.Empty), (begun.Code, begun.Error));
        await using var collector = await OtlpReceiver.StartAsync();
        string[] told = ["--tensorboard", "--otlp", "--metrics-port", "0", "--log-json", Log];
        var on = await TwoTowerProcess.RunAsync(_folder.Path, ["train", "--resume", Run, "--epochs", "2", .. told],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        Assert.Equal((0, string.Empty), (on.Code, on.Error));
        Assert.Matches(@"(?m)^Metrics http://127\.0\.0\.1:\d+/metrics$", on.Output);
        Collected = [.. collector.Received];
        var log = new RunEventLog(RunEventLog.PathIn(Run));
        log.ReadNew();
        Events = log.Events;
    }

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }
}

[CollectionDefinition(TrainedRuns.Name)]
public sealed class TrainedRunsCollection : ICollectionFixture<TrainedRuns>;
