using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Engines;

/// <summary>The same training over rolling time windows: a run per window, each on everything before it, and what holds over
/// them. Test is never looked at.</summary>
internal static class WindowedTraining
{
    private const string ModelName = "two towers (best)";

    /// <summary>Runs the windows, the earliest first.</summary>
    /// <param name="engine">Makes an engine for one run.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="windows">How many; the last is the split's own validation.</param>
    /// <param name="output">Folder of the runs, or null for one that is named by the time.</param>
    /// <param name="telemetry">Who else is told of them.</param>
    public static async Task<int> RunAsync(Func<ITrainingEngine> engine, ResolvedSettings settings, int windows, string? output,
        TelemetryOptions telemetry)
    {
        var all = RollingWindows.Of(settings, windows);
        var parent = output
            ?? Path.Combine("runs",
            $"{RunFolder.Stamp()}-{settings.Recipe}-windows");
        var found = new List<IReadOnlyList<(string Name, IReadOnlyDictionary<string, double> Metrics)>>();
        for (var window = 0; window < all.Count; window++)
        {
            Console.WriteLine($"{(window > 0 ? Environment.NewLine : string.Empty)}Window {window + 1} of {windows}");
            var folder = Path.Combine(parent, string.Create(CultureInfo.InvariantCulture, $"window-{window + 1}"));
            var code = await TrainingRunner.StartAsync(engine(), all[window], folder, telemetry).ConfigureAwait(false);
            if (code != ExitCode.Success)
            {
                return code;
            }

            found.Add(Rankings(JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "summary.json")).ConfigureAwait(false))!));
        }

        var means = WindowMeans.Of(found);
        var tables = new JudgingTables(Console.Out, settings.Values.Training.Cutoffs);
        var subject = means.Rankings.FirstOrDefault(ranking => ranking.Name == ModelName) ?? means.Best(settings.Values.Training.Metric);
        WindowTable.Write(Console.Out, means, tables.Metrics, subject);
        AtomicFile.WriteText(Path.Combine(parent, "windows.json"), WindowTable.Json(means, subject)
            .ToJsonString(new() { WriteIndented = true }) + "\n");
        Console.WriteLine($"Run folders: {parent}");
        return ExitCode.Success;
    }

    private static List<(string Name, IReadOnlyDictionary<string, double> Metrics)> Rankings(JsonNode summary)
    {
        var rankings = new List<(string, IReadOnlyDictionary<string, double>)>();
        foreach (var kind in BaselineNames.All)
        {
            if (summary["baselines"]![kind.Key()]?["validation"] is { } metrics)
            {
                rankings.Add((kind.InWords(), Masked(metrics)));
            }
        }

        if (summary["best"]?["validation"] is { } best)
        {
            rankings.Add((ModelName, Masked(best)));
        }

        return rankings;
    }

    private static Dictionary<string, double> Masked(JsonNode metrics) => metrics["masked"]!.AsObject()
        .ToDictionary(metric => metric.Key, metric => (double)metric.Value!, StringComparer.Ordinal);
}
