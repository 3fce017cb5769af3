using System.Diagnostics;
using System.Globalization;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>Runs one cell as a process of this program: its native threads, its memory and its end are its own, so that
/// cells cannot disturb each other.</summary>
internal static class CellProcess
{
    /// <summary>The command line of a cell, without the program's name.</summary>
    public static IReadOnlyList<string> Arguments(SweepPlan plan, SweepCell cell, string output) =>
        Arguments(plan.Engine.ToString().ToLowerInvariant(), plan.Recipe, plan.SettingsOf(cell), output);

    /// <summary>The command line of a run with settings that stand over a recipe, without the program's name.</summary>
    /// <param name="command">train or simulate.</param>
    /// <param name="recipe">The recipe, by name or path.</param>
    /// <param name="settings">The recipe's settings and those over it.</param>
    /// <param name="output">The run's folder.</param>
    public static IReadOnlyList<string> Arguments(string command, string recipe, ResolvedSettings settings, string output)
    {
        var around = ConfiguredValues.Here(); // the run's process would read it too, and the settings alone decide
        return
        [
            command, "--recipe", recipe,
            .. SettingCatalogue.All
                .Where(setting => around.Has(setting.Key) || (settings.SourceOf(setting.Key) is var source && source != "default"
                    && !source.StartsWith("recipe ", StringComparison.Ordinal)))
                .SelectMany(setting => new[] { "--set", $"{setting.Key}={setting.Read(settings.Values)}" }),
            "--out", output,
        ];
    }

    /// <summary>Runs a cell to its end.</summary>
    /// <param name="arguments">Its command line.</param>
    /// <param name="log">File for what it prints.</param>
    /// <param name="processors">Processors that it may count on.</param>
    /// <param name="stop">Ends the process at once.</param>
    /// <returns>Null, or why it failed.</returns>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task<string?> RunAsync(IReadOnlyList<string> arguments, string log, int processors, CancellationToken stop)
    {
        using var process = Process.Start(StartInfo(arguments, processors))!;
        using var ended = stop.Register(() => Kill(process));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        var (printed, complaint) = (await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        stop.ThrowIfCancellationRequested();
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        await File.WriteAllTextAsync(log, printed + complaint, CancellationToken.None).ConfigureAwait(false);
        var reason = complaint.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault();
        return process.ExitCode == 0 ? null : reason ?? $"it ended with exit code {process.ExitCode}";
    }

    private static ProcessStartInfo StartInfo(IReadOnlyList<string> arguments, int processors)
    {
        var start = OwnProgram.With(arguments);
        // the runtime reads it as hexadecimal
        start.Environment["DOTNET_PROCESSOR_COUNT"] = processors.ToString("X", CultureInfo.InvariantCulture);
        return start;
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has just ended by itself.
        }
    }
}
