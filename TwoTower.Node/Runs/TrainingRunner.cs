using System.Globalization;
using System.Runtime.InteropServices;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Display;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>A training from settings to the last line: load, judge baselines, train, judge, write.</summary>
internal static class TrainingRunner
{
    /// <summary>Starts a new run.</summary>
    public static async Task<int> StartAsync(ITrainingEngine engine, ResolvedSettings settings, string? output)
    {
        engine.Check(settings);
        PrintSettings(settings);
        var data = Load(settings);
        settings.Check(data);
        var folder = RunFolder.Create(output, settings.Recipe);
        return await RunAsync(engine, settings, data, folder, null).ConfigureAwait(false);
    }

    /// <summary>Goes on with a run.</summary>
    public static async Task<int> ResumeAsync(ITrainingEngine engine, string path, string? epochs, string? output)
    {
        var folder = RunFolder.Open(path);
        var (settings, fingerprint, command) = folder.ReadConfig();
        if (command != engine.Command)
        {
            throw new SettingException($"The run in '{path}' was made by '{command}'; go on with it by 'twotower {command} --resume {path}'.");
        }

        if (epochs is not null)
        {
            settings.Set("train.epochs", epochs, "--epochs");
        }

        engine.Check(settings);
        var checkpoint = folder.Load();
        PrintSettings(settings);
        var data = Load(settings);
        if (data.Fingerprint != fingerprint)
        {
            throw new DataException($"The data is not what the run in '{path}' was made with: its fingerprint is {data.Fingerprint[..12]}…, then it was {fingerprint[..12]}….");
        }

        Console.WriteLine($"Going on from batch {checkpoint.Step} of '{path}'.");
        return await RunAsync(engine, settings, data, folder.ContinueIn(output), checkpoint).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(ITrainingEngine engine, ResolvedSettings settings, RecommenderData data, RunFolder folder, TrainingCheckpoint? resume)
    {
        var options = settings.Values.Training;
        folder.WriteConfig(engine, settings, data);
        TorchSharp.torch.set_num_threads(1);
        var tasks = JudgedTasks.Of(data, options);
        var card = ProtocolCard.Of(data, tasks.Validation);
        var baselines = Baselines.Of(data, options, tasks);
        var shown = TrainingDisplay.Metrics(options);
        foreach (var baseline in baselines.All)
        {
            Console.WriteLine(FormattableString.Invariant($"{baseline.Name,-18}{string.Concat(shown.Select(metric => $" {metric} {baseline.Masked.Mean(metric).ToString("0.0000", CultureInfo.InvariantCulture)}"))}"));
        }

        var live = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "";
        var display = new TrainingDisplay(options, baselines.Popularity.Masked, live, () => engine.Clock);
        var metrics = new MetricsFile(folder, options, new EpochPlan(data.Train.Count, options).BatchesPerEpoch, resume?.Step ?? 0);
        using var stop = new CancellationTokenSource();
        using var signals = StopSignals.Listen(stop);
        var outcome = await display.ShowAsync(engine.RunAsync(settings, new TrainingPlan(options, data, folder, resume), new Recorder(display, metrics), stop.Token)).ConfigureAwait(false);

        EmbeddingFolder.Save(folder.Path, outcome.Embeddings, data.Users, data.Items);
        var model = outcome.Best is null ? null : new Judged("two towers (best)", outcome.Best.Masked, outcome.Best.Raw, Judged.TestOf(new DotProductScorer(outcome.Embeddings), tasks));
        if (model is not null)
        {
            PerUserMetricsFile.Write(folder, model.Masked, data.Users);
        }

        var summary = Summary.Of(data, card, outcome, model, baselines);
        engine.Extend(summary);
        folder.WriteJson("summary.json", summary);
        FinalReport.Write(Console.Out, engine, options, card, outcome, model, baselines);
        Console.WriteLine($"Run folder: {folder.Path}");
        if (outcome.Reason != StopReason.Interrupted || engine.EndedByLimit)
        {
            return Program.Success;
        }

        Console.WriteLine($"Stopped as asked; go on with: twotower {engine.Command} --resume {folder.Path}");
        return Program.Interrupted;
    }

    private static RecommenderData Load(ResolvedSettings settings)
    {
        var data = DataLoader.Load(settings.Values.Data);
        Console.WriteLine(FormattableString.Invariant($"Data {data.Name}: {data.Users.Count:#,0} users, {data.Items.Count:#,0} items"));
        Console.WriteLine(FormattableString.Invariant($"  positives: {data.Train.Count:#,0} train, {data.Validation.Count:#,0} validation, {data.Test.Count:#,0} test"));
        Console.WriteLine($"  train ends {ProtocolCard.Time(data.Split.TrainEnd)}, validation {ProtocolCard.Time(data.Split.ValidationStart)} to {ProtocolCard.Time(data.Split.ValidationEnd)}");
        foreach (var warning in data.Split.Warnings)
        {
            Console.WriteLine(Paragraph.Wrap($"  warning: {warning}", 4));
        }

        return data;
    }

    private static void PrintSettings(ResolvedSettings settings)
    {
        Console.WriteLine($"Recipe {settings.Recipe}; settings that are not the default's:");
        foreach (var setting in SettingCatalogue.All.Where(setting => settings.SourceOf(setting.Key) != "default"))
        {
            Console.WriteLine($"  {setting.Key,-28} {setting.Read(settings.Values),-14} {settings.SourceOf(setting.Key)}");
        }
    }

    /// <summary>Writes the metrics file, then shows.</summary>
    private sealed class Recorder(TrainingDisplay display, MetricsFile metrics) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value)
        {
            metrics.Add(value);
            display.Report(value);
        }
    }

    /// <summary>The first Ctrl-C or SIGTERM asks for a clean stop, the second ends the program.</summary>
    private sealed class StopSignals(PosixSignalRegistration[] registrations) : IDisposable
    {
        public static StopSignals Listen(CancellationTokenSource stop)
        {
            void OnSignal(PosixSignalContext context)
            {
                context.Cancel = !stop.IsCancellationRequested;
                if (context.Cancel)
                {
                    Console.Error.WriteLine("Finishing the batches in flight and saving; once more quits at once.");
                    stop.Cancel();
                }
            }

            return new StopSignals([PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)]);
        }

        public void Dispose()
        {
            foreach (var registration in registrations)
            {
                registration.Dispose();
            }
        }
    }
}
