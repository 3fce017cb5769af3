using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Running;

/// <summary>Under bsp a crash changes nothing: a run has to end with the bits of one in which nothing goes wrong,
/// on one shard that keeps nothing.</summary>
internal static class FaultlessRun
{
    /// <summary>The invariant, as it is named when it is violated.</summary>
    public const string Invariant = "under bsp nothing that goes wrong changes a bit";

    /// <summary>Whether a run promises the bits of one without faults. Which gradients make a round with backup workers is up to who is
    /// first, what injected staleness shows is up to who computes; and an evaluation that is lost with its evaluator is one that early
    /// stopping and ranked negatives do not have.</summary>
    /// <param name="options">The run's settings.</param>
    /// <param name="losesEvaluations">Whether evaluations may be lost.</param>
    public static bool IsPromised(TrainingOptions options, bool losesEvaluations) =>
        options is { Consistency.Kind: ConsistencyKind.Bsp, BackupWorkers: 0, StalenessInjection.IsOn: false }
            && (!losesEvaluations || (options.Patience == 0 && !options.Loss.RanksSnapshots));

    /// <summary>Refuses settings under which runs with other faults may end with other bits.</summary>
    /// <exception cref="WorldException">They are such.</exception>
    public static void Require(TrainingOptions options)
    {
        if (!IsPromised(options, losesEvaluations: false))
        {
            throw new WorldException(
                $"Under {options.Consistency}{(options.BackupWorkers > 0 ? " with backup workers" : options.StalenessInjection.IsOn ? " with injected staleness" : string.Empty)} no two runs with other faults have to end with the same bits; turn world.compareBits off.");
        }
    }

    /// <summary>Holds a run against one without faults.</summary>
    /// <param name="plan">The run's settings and data.</param>
    /// <param name="seed">The world's seed, to name in a violation.</param>
    /// <param name="outcome">What it ended with.</param>
    /// <exception cref="ViolationException">They differ.</exception>
    public static void Compare(TrainingPlan plan, long seed, SimulationOutcome outcome)
    {
        var options = plan.Options with { Shards = 1, Durability = Durability.None, RetrySeconds = 10, LeaseSeconds = 86_400 };
        var faultless = SimulatedTraining.Run(
            new TrainingRun(plan with { Options = options, Checkpoints = plan.Checkpoints is null ? null : new Nowhere() }),
            new WorldOptions { Network = NetworkOptions.Preset("ideal"), Checks = false }).Training;
        var (expected, seen) = (Describe(faultless), Describe(outcome.Training));
        if (expected != seen)
        {
            throw new ViolationException(Invariant, seed, outcome.VirtualSeconds, null, $"the run ends with {seen}", expected);
        }
    }

    /// <summary>Training pauses for a checkpoint, and early stopping takes effect where it pauses: so
    /// checkpoints are made here too.</summary>
    private sealed class Nowhere : ICheckpointStore
    {
        public void Save(TrainingCheckpoint checkpoint)
        {
        }
    }

    private static string Describe(TrainingOutcome outcome) =>
        $"parameters {outcome.ParametersSha256[..16]} after {outcome.LossByEpoch.Count} epochs";
}
