using TwoTower.Node.Telemetry;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Telemetry;

/// <summary>A run that was stopped after an epoch, and the same one gone on with for another; made once for all specs that look at what runs leave.</summary>
public sealed class TrainedRuns : IAsyncLifetime
{
    public const string Name = "trained runs";

    private readonly TemporaryFolder _folder = new();

    /// <summary>The folder that the runs lie in.</summary>
    public string Library => Path.Combine(_folder.Path, "runs");

    /// <summary>Of two epochs, the second after a resume.</summary>
    public string Run => Path.Combine(Library, "first");

    public IReadOnlyList<RunEvent> Events { get; private set; } = [];

    public async Task InitializeAsync()
    {
        var ratings = Path.Combine(_folder.Path, "ratings.csv");
        SmallRatings.Write(ratings);
        var begun = await ProgramRun.RunAsync(
            "train", "--data", ratings, "--set", "model.dim=8", "--batch-size", "32", "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@5", "--workers", "2", "--shards", "2", "--epochs", "1", "--out", Run);
        Assert.Equal((0, string.Empty), (begun.Code, begun.Error));
        var on = await ProgramRun.RunAsync("train", "--resume", Run, "--epochs", "2");
        Assert.Equal((0, string.Empty), (on.Code, on.Error));
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
