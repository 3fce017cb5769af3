using System.Globalization;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Calibration;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Engines;

/// <summary>A training from settings to the last line: load, judge baselines, train, judge, write.</summary>
internal static class TrainingRunner
{
    private const int MostNamed = 4;

    /// <summary>Starts a new run.</summary>
    /// <param name="engine">Carries it out.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="output">The run's folder, or null for one that is named by the time.</param>
    /// <param name="telemetry">Who else is told of it.</param>
    /// <param name="goesOn">Whether the engine goes on with a run that another process has begun in that folder.</param>
    public static async Task<int> StartAsync(ITrainingEngine engine, ResolvedSettings settings, string? output, TelemetryOptions telemetry,
        bool goesOn = false)
    {
        var note = settings.FitMetric();
        engine.Check(settings);
        settings.Check();
        goesOn = goesOn && RunFolder.IsThere(output);
        using var folder = goesOn ? RunFolder.Open(output!) : RunFolder.Create(output, settings.Recipe);
        using var signals = StopSignals.Listen();
        PrintSettings(settings, note);
        if (!goesOn && folder.Others is { Count: > 0 } others)
        {
            Console.WriteLine(
                Paragraph.Wrap(
                $"  note: '{folder.Path}' is there and is no run's folder: it "
                + $"holds {string.Join(", ", others.Take(MostNamed))}{(others.Count > MostNamed ? $" and {others.Count - MostNamed} more" : string.Empty)}; what is there stays.", 4));
        }

        var data = RunData.Load(settings);
        DataFit.Tell(DataFit.Apply(settings, data), Console.Out);
        engine.CheckChoices(settings);
        await InnerChoice.SettleAsync(settings, data, Console.Out, signals.Stop).ConfigureAwait(false);
        settings.Check(data);
        if (settings.Calibrates)
        {
            ComputeCalibration.Apply(settings, data, Console.Out);
        }

        return await RunAsync(engine, new RunConfig(settings, data.Fingerprint), data, folder, null, signals, telemetry, goesOn)
            .ConfigureAwait(false);
    }

    /// <summary>Goes on with a run.</summary>
    public static async Task<int> ResumeAsync(ITrainingEngine engine, string path, string? epochs, string? output,
        TelemetryOptions telemetry)
    {
        using var earlier = RunFolder.Open(path);
        var before = earlier.ReadConfig();
        if (before.Command != engine.Command)
        {
            throw new SettingException(
                $"The run in '{path}' was made by '{before.Command}'; go on with it by 'twotower {before.Command} --resume {path}'.");
        }

        var checkpoint = earlier.Load();
        var config = Resumption.WithEpochs(before, checkpoint, epochs);
        var settings = config.Settings;
        if (Resumption.NothingToDo(path, settings.Values.Training, checkpoint, earlier.ReadSummary()) is { } reason)
        {
            Console.WriteLine(reason);
            return ExitCode.Success;
        }

        engine.Check(settings);
        settings.Check();
        using var folder = earlier.ContinueIn(output);
        using var signals = StopSignals.Listen();
        PrintSettings(settings, null);
        var data = RunData.LoadAgain(path, settings, Console.Out);
        if (data.Fingerprint != config.Fingerprint)
        {
            throw new DataException(
                $"The data is not what the run in '{path}' was made with: its fingerprint "
                + $"is {data.Fingerprint[..Math.Min(12, data.Fingerprint.Length)]}…, then it "
                + $"was {config.Fingerprint[..Math.Min(12, config.Fingerprint.Length)]}….");
        }

        settings.Check(data);
        Resumption.Check(path, checkpoint, settings.Values.Training, data);
        Console.WriteLine($"Going on from batch {checkpoint.Step} of '{path}'.");
        if (config.ScheduleCutAtBatch is { } cut)
        {
            Console.WriteLine(Paragraph.Wrap(
                $"  warning: The cosine schedule goes by the number of epochs, which was another one up to batch {cut}: this is not the "
                    + $"run that {settings.Values.Training.Epochs} epochs from the start would have been.", 4));
        }

        return await RunAsync(engine, config, data, folder, new Origin(earlier, checkpoint), signals, telemetry).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(ITrainingEngine engine, RunConfig config, RecommenderData data, RunFolder folder,
        Origin? origin, StopSignals signals, TelemetryOptions telemetry, bool goesOn = false)
    {
        var options = config.Settings.Values.Training;
        TorchSharp.torch.set_num_threads(1);
        var judging = config.Settings.Values.Judging;
        var tasks = JudgedTasks.Of(data, options, judging.Final);
        var card = ProtocolCard.Of(data, tasks.Validation);
        var baselines = Baselines.Of(data, options, tasks, judging.Baselines,
            baseline => BaselineLines.PrintBaseline(baseline, TrainingDisplay.Metrics(options), Console.Out), config.Settings.Values.Data);
        BaselineLines.PrintOracle(baselines, TrainingDisplay.Metrics(options), Console.Out);
        var live = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        var display = new TrainingDisplay(options, baselines.Popularity.Masked, live, () => engine.VirtualSeconds is { } seconds
            ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.000} virtual s") : null);
        signals.TrainingBegins(live ? text => display.Report(new TrainingEvent.Notice(text)) : Console.Error.WriteLine);
        await using var session = await TelemetrySession.StartAsync(telemetry, folder.Path, Console.Out).ConfigureAwait(false);
        TrainingOutcome outcome;
        RunEvents? events = null;
        try
        {
            folder.Begin();
            folder.WriteConfig(engine, config, data);
            events = RunEvents.Begin(
                folder, engine, config, data, baselines, goesOn ? null : origin?.Checkpoint.Step ?? 0, origin?.Folder,
                session.SinksFor(folder), text => display.Report(new TrainingEvent.Notice(text)));
            var metrics = new MetricsFile(folder, options, new EpochPlan(data.Train.Count, options).BatchesPerEpoch,
                goesOn ? long.MaxValue : origin?.Checkpoint.Step ?? 0, goesOn ? folder : origin?.Folder);
            outcome = await display.ShowAsync(engine.RunAsync(config.Settings, new TrainingPlan(options, data, folder, origin?.Checkpoint),
                new Recorder(display, metrics, events), signals.Stop)).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            if (events is not null)
            {
                events.End(failure is NodeLeftException or StartAgainException ? "interrupted" : "failed");
                await events.DisposeAsync().ConfigureAwait(false);
            }

            if (failure is not StartAgainException)
            {
                folder.Abandon(); // else the node's next life goes on in it
            }

            throw;
        }

        await using var _ = events;
        var cold = JudgedColdUsers.Of(data, options, outcome.Embeddings, tasks);
        EmbeddingFolder.Save(folder.Path, cold?.Embeddings ?? outcome.Embeddings, data.Users, data.Items);
        var model = outcome.Best is null ? null : Judged.Of("two towers (best)", new DotProductScorer(outcome.Embeddings), tasks,
            (outcome.Best.Masked, outcome.Best.Raw));
        if (model is not null)
        {
            PerUserMetricsFile.Write(folder, model.Masked, data.Users);
        }

        card = card.WithTies(baselines, model);
        var summary = Summary.Of(data, card, outcome, model, baselines, cold, origin?.Checkpoint.Step ?? 0);
        var verdict = model is null ? null : RunVerdict.Of(model, baselines, data, options, folder.Path);
        summary["verdict"] = verdict;
        engine.Extend(summary, folder);
        folder.WriteSummary(summary);
        events.End((string)summary["stopReason"]!);
        ResultOutput.Write(summary);
        FinalReport.Write(Console.Out, engine, options, card, outcome, model, baselines, cold, config.ScheduleCutAtBatch);
        Console.WriteLine($"Run folder: {folder.Path}");
        if (outcome.Reason != StopReason.Interrupted || engine.EndedByLimit)
        {
            if (model is not null && card.EvaluableUsers > 0)
            {
                RunConclusion.Of(model, baselines, verdict, options.Metric, data, folder.Path, config.Settings).Write(Console.Out);
            }

            return ExitCode.Success;
        }

        Console.WriteLine($"Stopped as asked; go on with: twotower {engine.Command} --resume {folder.Path}");
        return ExitCode.Interrupted;
    }

    /// <summary>Prints the settings that are not the recipe's, with their sources.</summary>
    public static void PrintSettings(ResolvedSettings settings, string? note)
    {
        Setting[] own = [.. settings.Notable().Where(setting => !settings.IsOfRecipe(setting.Key))];
        Console.WriteLine(own.Length == 0 ? $"Recipe {settings.Recipe}, unchanged"
            : $"Recipe {settings.Recipe}; settings that are not the recipe's:");
        foreach (var setting in own)
        {
            Console.WriteLine($"  {setting.Key,-28} {setting.Read(settings.Values),-14} {settings.SourceOf(setting.Key)}");
        }

        if (note is not null)
        {
            Console.WriteLine(Paragraph.Wrap($"  note: {note}", 4));
        }
    }

    /// <summary>What is gone on from.</summary>
    private sealed record Origin(RunFolder Folder, TrainingCheckpoint Checkpoint);

    /// <summary>Writes down, then shows.</summary>
    private sealed class Recorder(TrainingDisplay display, MetricsFile metrics, RunEvents events) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            metrics.Add(value);
            events.Report(value);
            display.Report(value);
        }
    }
}
