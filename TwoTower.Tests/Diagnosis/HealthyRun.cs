using TwoTower.Node.Diagnosis;

namespace TwoTower.Tests.Diagnosis;

/// <summary>A run with nothing wrong, trained once for all specs that need one: the recommended recipe on small synthetic data.</summary>
public sealed class HealthyRun : IAsyncLifetime
{
    /// <summary>Name of the collection that shares it.</summary>
    public const string Collection = "healthy run";

    /// <summary>The run.</summary>
    internal DiagnosisSubject Subject { get; private set; } = null!;

    /// <inheritdoc />
    public async Task InitializeAsync() =>
        Subject = await (await TrainedSubject.TrainAsync(TrainedSubject.Data, "recommended", TrainedSubject.Small))
        .WithTrialsAsync((0.5, 0.7), (0.7, 0.9));

    /// <inheritdoc />
    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>Specs that share the healthy run.</summary>
[CollectionDefinition(HealthyRun.Collection)]
public sealed class HealthyRunCollection : ICollectionFixture<HealthyRun>;
