using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>The command that says more of a run's data than the run itself has room for.</summary>
internal static class InspectionHint
{
    /// <summary><c>data inspect</c> of the data of settings, split as they split it.</summary>
    public static string CommandFor(ResolvedSettings settings) => $"data inspect{Arguments(settings, string.Empty)}";

    /// <summary>The data of settings as arguments of a command; nothing for the default.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="path">What stands before a path.</param>
    public static string Arguments(ResolvedSettings settings, string path)
    {
        var defaults = new RunSettings(new TrainingOptions(), new DataOptions());
        return (settings.Values.Data.Path is { } data ? $" {path}{Quoted(data)}" : string.Empty) + string.Concat(SettingCatalogue.All
            .Where(setting => setting.Key.StartsWith("data.", StringComparison.Ordinal) && setting.Key != "data.path"
                && setting.Read(settings.Values) != setting.Read(defaults))
            .Select(setting => $" --set {Quoted($"{setting.Key}={setting.Read(settings.Values)}")}"));
    }

    /// <summary>A word of a command line.</summary>
    public static string Quoted(string text) => text.Any(char.IsWhiteSpace) ? $"\"{text}\"" : text;
}
