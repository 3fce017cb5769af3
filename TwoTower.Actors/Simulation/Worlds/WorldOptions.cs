using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Worlds;

/// <summary>The world that a simulated run lives in.</summary>
public sealed record WorldOptions
{
    /// <summary>Which nodes there are, and what lives on them.</summary>
    public Topology Topology { get; init; } = Topology.Actors;

    /// <summary>The links.</summary>
    public NetworkOptions Network { get; init; } = NetworkOptions.Preset("lan");

    /// <summary>The machines.</summary>
    public ComputeOptions Compute { get; init; } = new();

    /// <summary>Seed of network and machines; the training has its own.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>What goes wrong, and when.</summary>
    public FaultPlan Faults { get; init; } = FaultPlan.None;

    /// <summary>Whether the invariants are checked; a violation stops the run.</summary>
    public bool Checks { get; init; } = true;

    /// <summary>Virtual seconds after which the run is asked to stop; null is none.</summary>
    public double? TimeLimitSeconds { get; init; }

    /// <summary>Virtual seconds from a crash until those who watch the node are told.</summary>
    public double DetectionSeconds { get; init; } = 10;

    /// <summary>Virtual seconds without any progress after which the run is given up, with the reason.</summary>
    public double StallSeconds { get; init; } = 3600;

    /// <summary>Virtual seconds after the last fault within which training has to have ended; null asks for no end. A fault that nothing
    /// heals is over when it has happened.</summary>
    public double? EndWithinSeconds { get; init; }

    /// <summary>Whether a run under bsp is held against one of the same training in which nothing goes wrong: both
    /// have to end with the same bits.</summary>
    public bool ComparesBits { get; init; }

    /// <summary>Entries after which the trainer's journal is written anew, condensed.</summary>
    public int CondenseAfter { get; init; } = TrainerOutbox.MostEntries;

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="WorldException">Something is impossible.</exception>
    public void Check()
    {
        Topology.Check();
        if (EndWithinSeconds is <= 0)
        {
            throw new WorldException(
                $"Training cannot end within {EndWithinSeconds} virtual seconds of the last fault; leave it out for no bound.");
        }

        if (EndWithinSeconds is not null && !Network.GoesCalm)
        {
            throw new WorldException(
                "A network that loses, doubles or reorders messages for ever leaves no last fault after which training has to end; set "
                + "network.calmAfter.");
        }

        if (CondenseAfter < 1)
        {
            throw new WorldException($"A journal cannot be condensed after {CondenseAfter} entries.");
        }

        Network.Check();
        Compute.Check();
        if (TimeLimitSeconds is <= 0)
        {
            throw new WorldException($"A time limit of {TimeLimitSeconds} virtual seconds cannot be; leave it out for none.");
        }

        if (!(DetectionSeconds >= 0))
        {
            throw new WorldException($"A crash cannot be detected after {DetectionSeconds} seconds.");
        }
    }
}
