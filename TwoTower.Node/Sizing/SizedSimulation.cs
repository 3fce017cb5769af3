using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Node.Engines;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Sizing;

/// <summary><c>simulate --numerics off</c>: from settings to the last line. No data is loaded, no
/// gradient computed, no folder made.</summary>
internal static class SizedSimulation
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    /// <summary>Runs it.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="SettingException">Settings cannot be together with numerics off.</exception>
    public static int Run(ResolvedSettings settings, bool json, TextWriter to)
    {
        if (!settings.IsGiven("train.epochs"))
        {
            settings.Set("train.epochs", "1", "numerics off"); // the second epoch takes as long as the first
        }

        var (run, saturation) = Prepare(settings);
        if (!json)
        {
            TrainingRunner.PrintSettings(settings, Shortage(run));
        }

        var start = Stopwatch.GetTimestamp();
        var outcome = SimulatedTraining.Run(run, settings.Values.World, [saturation]);
        var wall = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var report = SizedReport.Of(saturation, outcome.Events);
        if (json)
        {
            var shown = report.ToJson(wall);
            shown["timedOut"] = outcome.TimedOut;
            shown["settings"] = new JsonObject(settings.Notable().Select(setting => KeyValuePair.Create(
                setting.Key,
                (JsonNode?)new JsonObject { ["value"] = setting.Read(settings.Values), ["source"] = settings.SourceOf(setting.Key) })));
            to.WriteLine(shown.ToJsonString(s_indented));
            return ExitCode.Success;
        }

        if (outcome.TimedOut)
        {
            to.WriteLine("The time limit ended it.");
        }

        report.Write(to, wall);
        return ExitCode.Success;
    }

    private static (SizedRun Run, Saturation Saturation) Prepare(ResolvedSettings settings)
    {
        if (settings.Calibrates)
        {
            throw new SettingException(
                "--compute calibrated measures gradients on data, and --numerics off has neither; give examplesPerSecond=… instead, as a "
                + "calibrated run prints it.");
        }

        if (settings.IsGiven("data.path"))
        {
            throw new SettingException(
                "--data means nothing with --numerics off, which loads none; --users, --items and --examples say how large it would be.");
        }

        new SimulationEngine(null).Check(settings);
        settings.FitMetric();
        settings.Check();
        try
        {
            return (new SizedRun(settings.Values.Training, settings.Values.Sizing), new Saturation(settings.Values.World));
        }
        catch (WorldException impossible)
        {
            throw new SettingException(impossible.Message);
        }
    }

    private static string? Shortage(SizedRun run) => run.Epochs.BatchesPerEpoch < run.Options.Workers
        ? FormattableString.Invariant(
            $"An epoch has {run.Epochs.BatchesPerEpoch:#,0} batches for {run.Options.Workers:#,0} workers, so some get none; raise ")
            + FormattableString.Invariant($"sizing.examples.")
        : null;
}
