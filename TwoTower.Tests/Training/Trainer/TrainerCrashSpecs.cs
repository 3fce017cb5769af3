using CsCheck;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Training.Trainer;

/// <summary>A crash of the trainer changes nothing: whatever messages do, and wherever it dies, the run
/// comes to what it comes to without.</summary>
public class TrainerCrashSpecs
{
    private static readonly Gen<TrainerSettings> s_settings = Gen.Select(
        Gen.Int[0, 3].Select(n => new[] { "bsp", "ssp:0", "ssp:2", "asp" }[n]), Gen.Int[1, 4], Gen.Int[0, 2], Gen.Int[1, 3], Gen.Int[1, 9],
        Gen.Int[0, 3], Gen.Int[0, 3], Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[1, 2])).Select(
        (consistency, workers, backups, epochs, batches, everyBatches, patience, rest) => Settings(
            consistency, workers, consistency == "bsp" ? Math.Min(backups, workers - 1) : 0, epochs, batches, everyBatches, patience,
            rest.Item1, rest.Item2, rest.Item3));

    [Fact]
    public void Wherever_the_trainer_dies_the_run_has_the_evaluations_losses_and_end_that_it_has_when_nothing_goes_wrong() =>
        Gen.Select(s_settings, Gen.Int[0, 1_000_000], Gen.Int[0, 2].Select(n => new[] { 0.002, 0.02, 0.1 }[n]))
            .Sample((settings, seed, often) =>
            {
                var calm = new TrainerRig(settings, seed, new Trouble { Until = 0 }).Run();
                var troubled = new TrainerRig(settings, seed, new Trouble
                {
                    Loss = 0.05,
                    Duplication = 0.05,
                    WorkerCrash = 0.005,
                    TrainerCrash = often
                }).Run();

                Assert.Equal(Ends(calm), Ends(troubled));
            }, iter: 1500, threads: 1, print: drawn => $"{Print(drawn.Item1)} seed {drawn.Item2}, {drawn.Item3}");

    [Fact]
    public void What_a_journal_comes_to_when_it_is_condensed_is_what_it_came_to() =>
        Gen.Select(s_settings, Gen.Int[0, 1_000_000]).Sample((settings, seed) =>
        {
            var journal = new TrainerRig(settings, seed, new Trouble
            {
                Loss = 0.05,
                TrainerCrash = 0.01,
                WorkerCrash = 0.01,
                EvaluatorCrash = 0.01
            }).Run().Journal;
            for (var length = 0; length <= journal.Count; length += 1 + (journal.Count / 20))
            {
                var record = TrainerRig.Fold(settings, journal.Take(length));
                var condensed = record.Condense();
                Assert.Equal(WireMessages.Describe(condensed), WireMessages.Describe(TrainerRig.Fold(settings, condensed).Condense()));
            }
        }, iter: 100, threads: 1, print: drawn => $"{Print(drawn.Item1)} seed {drawn.Item2}");

    [Fact]
    public void A_run_whose_evaluator_dies_loses_evaluations_at_most() =>
        Gen.Select(s_settings, Gen.Int[0, 1_000_000]).Sample((settings, seed) =>
        {
            var rig = new TrainerRig(settings, seed, new Trouble
            {
                Loss = 0.05,
                Duplication = 0.05,
                WorkerCrash = 0.005,
                TrainerCrash = 0.01,
                EvaluatorCrash = 0.02
            }).Run();

            Assert.Equal(rig.Record.Completed.Frontier, rig.Finished!.Step);
            Assert.Equal(0, rig.Record.Completed.Gaps);
            Assert.Equal(rig.Record.Reports.Select(report => report.Step).Distinct(), rig.Record.Reports.Select(report => report.Step));
        }, iter: 500, threads: 1, print: drawn => $"{Print(drawn.Item1)} seed {drawn.Item2}");

    [Theory]
    [InlineData(PlantedFault.FenceNotAwaited)]
    [InlineData(PlantedFault.RecoveredLivesNotFenced)]
    [InlineData(PlantedFault.LeavingNotWritten)]
    [InlineData(PlantedFault.BoundaryLeftEarly)]
    internal void A_trainer_that_leaves_something_out_is_found(PlantedFault fault) => Assert.ThrowsAny<Exception>(() =>
        Gen.Select(s_settings, Gen.Int[0, 1_000_000]).Sample((settings, seed) =>
        {
            var calm = new TrainerRig(settings, seed, new Trouble { Until = 0 }).Run();
            var troubled = new TrainerRig(settings with { Probe = new ProtocolProbe { Planted = fault } }, seed,
                new Trouble { Loss = 0.05, Duplication = 0.05, WorkerCrash = 0.02, TrainerCrash = 0.02 }).Run();
            Assert.Equal(Ends(calm), Ends(troubled));
        }, iter: 300, threads: 1, print: drawn => $"{Print(drawn.Item1)} seed {drawn.Item2}"));

    private static string Ends(TrainerRig rig) => WireMessages.Describe((
        rig.Finished!.Step, rig.Record.Reports.Select(report => (report.Step, report.Epoch)).ToArray(), rig.Record.BestReport?.Step,
        rig.Record.BestSnapshot, rig.Record.Run.LossByEpoch.ToArray(),
        rig.Record.Run.Examples, rig.Record.Completed.Frontier, rig.Record.Completed.Gaps, rig.Record.Ranking?.Step,
        rig.Record.SavedAt == rig.Finished.Step));

    private static string Print(TrainerSettings settings) => string.Create(
        System.Globalization.CultureInfo.InvariantCulture,
        $"{settings.Options.Consistency} workers {settings.Options.Workers} backups {settings.Options.BackupWorkers} epochs {settings.Options.Epochs} batches {settings.Epochs.BatchesPerEpoch} every {settings.Options.EvaluateEveryBatches} patience {settings.Options.Patience} saves {settings.Saves} ranks {settings.Ranks} checkpoint {settings.Options.CheckpointEveryEpochs}");

    internal static TrainerSettings Settings(
        string consistency, int workers, int backups, int epochs, int batches, int everyBatches, int patience, bool saves, bool ranks,
        int checkpointEvery)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));
        var options = new TrainingOptions
        {
            Consistency = model,
            Workers = workers,
            BackupWorkers = backups,
            Epochs = epochs,
            BatchSize = 10,
            EvaluateEveryBatches = everyBatches,
            CheckpointEveryEpochs = checkpointEvery,
            Patience = patience,
            Metric = "recall@10",
            LeaseSeconds = 3,
            RetrySeconds = 0.5,
            Shards = 2,
        };
        var layout = TableLayout.Create(PartitionerKind.Modulo, options.Shards, []);
        return new TrainerSettings(options, new EpochPlan(batches * 10, options), new ParameterLayout(layout, layout), options.Shards,
            saves, ranks, LostReturn: true);
    }
}
