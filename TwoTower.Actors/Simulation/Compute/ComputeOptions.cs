namespace TwoTower.Actors.Simulation.Compute;

/// <summary>How fast the machines are.</summary>
public sealed record ComputeOptions
{
    /// <summary>Examples per second of one worker at factor 1.</summary>
    public double ExamplesPerSecond { get; init; } = 100_000;

    /// <summary>What the time of each batch is multiplied by.</summary>
    public Distribution Factor { get; init; } = new Distribution.Constant(1);

    /// <summary>Workers, from the last, that are always slow.</summary>
    public int SlowWorkers { get; init; }

    /// <summary>How many times slower they are.</summary>
    public double SlowBy { get; init; } = 1;

    /// <summary>Mean seconds between two pauses (garbage collection, a neighbour's burst) of a worker; 0 is none.</summary>
    public double PauseEverySeconds { get; init; }

    /// <summary>Seconds of a pause.</summary>
    public Distribution Pause { get; init; } = new Distribution.Constant(0);

    /// <summary>Bytes of rows per second that a shard can read out or apply; 0 is no limit.</summary>
    public double ShardBytesPerSecond { get; init; }

    /// <summary>Users per second that the evaluator can score; 0 is no limit.</summary>
    public double EvaluatedUsersPerSecond { get; init; } = 10_000;

    /// <summary>Bytes per second of a disk; 0 is no limit.</summary>
    public double DiskBytesPerSecond { get; init; } = 5e8;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="WorldException">A rate or factor is impossible.</exception>
    public void Check()
    {
        if (!(ExamplesPerSecond > 0))
        {
            throw new WorldException($"compute.examplesPerSecond cannot be {ExamplesPerSecond}: a worker has to compute something.");
        }

        if (SlowWorkers < 0 || !(SlowBy > 0))
        {
            throw new WorldException($"{SlowWorkers} workers that are {SlowBy} times slower cannot be.");
        }

        foreach (var (name, rate) in new[] { ("pauseEverySeconds", PauseEverySeconds), ("shardBytesPerSecond", ShardBytesPerSecond),
            ("evaluatedUsersPerSecond", EvaluatedUsersPerSecond), ("diskBytesPerSecond", DiskBytesPerSecond) })
        {
            if (!(rate >= 0))
            {
                throw new WorldException($"compute.{name} cannot be {rate}.");
            }
        }
    }
}
