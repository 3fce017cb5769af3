using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Diagnosis;

/// <summary>Trains settings as a process of this program, into a run folder that the next diagnosis
/// in the same place finds again.</summary>
internal static class RunTraining
{
    /// <summary>Trains, unless the folder holds that very run already.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="command">The command that trains: train, or simulate.</param>
    /// <param name="folder">The run's folder.</param>
    /// <returns>Null, or why it failed.</returns>
    public static async Task<string?> RunAsync(ResolvedSettings settings, string command, string folder)
    {
        if (RunRecord.IsWhole(folder))
        {
            return IsOf(folder, settings) ? null : $"'{folder}' holds another run; choose another --out";
        }

        var recipe = Path.Combine(Path.GetDirectoryName(folder)!, $"{Path.GetFileName(folder)}.recipe", $"{settings.Recipe}.json");
        Directory.CreateDirectory(Path.GetDirectoryName(recipe)!);
        AtomicFile.WriteText(recipe, Recipe(settings, command).ToJsonString(new() { WriteIndented = true }) + "\n");
        return await CellProcess.RunAsync([.. Arguments(settings, command, recipe), "--out", folder], folder + ".log",
            Environment.ProcessorCount, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Settings that differ from the program's defaults, as a recipe; those of a world only where there is one.</summary>
    private static JsonObject Recipe(ResolvedSettings settings, string command)
    {
        var defaults = new ResolvedSettings("default").Values;
        return new JsonObject(SettingCatalogue.All
            .Where(setting => (command == "simulate" || !WorldSettings.Has(setting.Key))
                && setting.Read(settings.Values) != setting.Read(defaults))
            .Select(setting => KeyValuePair.Create(setting.Key, (JsonNode?)setting.Read(settings.Values))));
    }

    /// <summary>The command line: the recipe, and over it what the environment or appsettings.json would change
    /// in the process as they did here.</summary>
    private static IEnumerable<string> Arguments(ResolvedSettings settings, string command, string recipe)
    {
        var around = ConfiguredValues.Here();
        return
        [
            command, "--recipe", recipe,
            .. SettingCatalogue.All.Where(setting => around.Has(setting.Key))
                .SelectMany(setting => new[] { "--set", $"{setting.Key}={setting.Read(settings.Values)}" }),
        ];
    }

    private static bool IsOf(string folder, ResolvedSettings settings)
    {
        using var run = RunFolder.Open(folder);
        var there = run.ReadConfig().Settings.Values;
        return SettingCatalogue.All.All(setting => WorldSettings.Has(setting.Key) || (setting.Key == "data.path"
            ? DataPlace.IsSame(folder, there.Data.Path, settings.Values.Data.Path)
            : InnerChoice.Agrees(setting.Key, setting.Read(settings.Values), setting.Read(there))));
    }
}
