using System.Text.Json.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Storage;
using TwoTower.Model.Towers;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>Decides, before anything is written, whether a run can be gone on with and whether there is anything left to do.</summary>
internal static class Resumption
{
    /// <summary>The run's config with another number of epochs.</summary>
    /// <param name="config">What the run was made with; its settings are changed.</param>
    /// <param name="checkpoint">Where it stands.</param>
    /// <param name="epochs">What --epochs says, or null.</param>
    /// <exception cref="SettingException">Fewer epochs than are done.</exception>
    public static RunConfig WithEpochs(RunConfig config, TrainingCheckpoint checkpoint, string? epochs)
    {
        if (epochs is null)
        {
            return config;
        }

        var before = config.Settings.Values.Training.Epochs;
        config.Settings.Set("train.epochs", epochs, config.Settings.SourceOf("train.epochs"));
        var options = config.Settings.Values.Training;
        var done = checkpoint.LossByEpoch.Count;
        if (options.Epochs < done || (options.Epochs == done && checkpoint.BatchLosses.Count > 0))
        {
            throw new SettingException(
                $"--epochs {options.Epochs} is less than "
                + $"the {done}{(checkpoint.BatchLosses.Count > 0 ? " and a part" : string.Empty)} that the run has done already.");
        }

        if (options.Epochs == before)
        {
            return config;
        }

        config.Settings.Set("train.epochs", epochs, "--epochs");
        return options.Optimizer.Schedule == ScheduleKind.Cosine && checkpoint.Step > 0
            ? config with { ScheduleCutAtBatch = checkpoint.Step } : config;
    }

    /// <summary>Why nothing is left to do, as a sentence, or null.</summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="options">The run's settings.</param>
    /// <param name="checkpoint">Where it stands.</param>
    /// <param name="summary">Its summary, or null; a run that was killed after its last checkpoint has none of
    /// that state and must still write it.</param>
    public static string? NothingToDo(string path, TrainingOptions options, TrainingCheckpoint checkpoint, JsonObject? summary)
    {
        if (summary?["lossByEpoch"] is not JsonArray losses || losses.Count != checkpoint.LossByEpoch.Count
            || summary["stopReason"]?.ToString() is null or "interrupted")
        {
            return null;
        }

        var done = checkpoint.LossByEpoch.Count;
        if (done >= options.Epochs)
        {
            return $"Nothing to do: '{path}' has done its {done} epochs; --epochs {done + 1} or more would go on.";
        }

        var patience = new EarlyStopping(options.Patience, options.MinDelta);
        foreach (var (_, value) in checkpoint.Evaluations.Where(evaluation => evaluation.Step < checkpoint.Step))
        {
            patience.Observe(value);
        }

        return patience.ShouldStop
            ? $"Nothing to do: '{path}' stopped early after {done} epochs, {options.Patience} evaluations without improvement."
            : null;
    }

    /// <summary>Refuses a checkpoint that does not fit the settings and the data.</summary>
    /// <exception cref="StorageException">It does not fit.</exception>
    public static void Check(string path, TrainingCheckpoint checkpoint, TrainingOptions options, RecommenderData data)
    {
        var rule = RowOptimizer.Create(options.Optimizer);
        var epochs = new EpochPlan(data.Train.Count, options);
        var towers = TowerLayouts.Of(options.Model, data, options.Seed, options.Loss);
        var fits = Fits("user", towers.Users.Rows, options.Model.UserWidth) && Fits("item", towers.Items.Rows, options.Model.ItemWidth)
            && checkpoint.LossByEpoch.Count == checkpoint.Step / epochs.BatchesPerEpoch
            && checkpoint.BatchLosses.Count == checkpoint.Step % epochs.BatchesPerEpoch;
        if (!fits)
        {
            throw new StorageException(
                $"The checkpoint in '{path}' does not fit the run's settings and data: its tables or its step are of another size.");
        }

        bool Fits(string table, int rows, int width) =>
            Size(table) == rows * width
            && Enumerable.Range(0, rule.Slots).All(slot => Size($"{table}/slot{slot}") == rows * rule.SlotWidth(width))
            && checkpoint.RowSteps.TryGetValue(table, out var steps) && steps.Length == rows
            && (checkpoint.BestTensors is null || (checkpoint.BestTensors.TryGetValue(table, out var best) && best.Length == rows * width));

        int? Size(string name) => checkpoint.Tensors.TryGetValue(name, out var values) ? values.Length : null;
    }
}
