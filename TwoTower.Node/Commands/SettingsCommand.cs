using System.CommandLine;
using TwoTower.Model.Data;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower settings</c> and <c>twotower recipes</c>: what there is.</summary>
internal static class SettingsCommand
{
    public static Command Create()
    {
        var markdown = new Option<bool>("--markdown") { Description = "As a table in Markdown" };
        var command = new Command("settings", "List every setting with its default and what it takes.") { markdown };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown))
            {
                Console.Write(Markdown());
                return Program.Success;
            }

            var defaults = new RunSettings(new Actors.Training.TrainingOptions(), new DataOptions());
            foreach (var setting in SettingCatalogue.All)
            {
                Console.WriteLine($"{setting.Key} = {setting.Read(defaults)}");
                Console.WriteLine($"    {(WorldSettings.Has(setting.Key) ? "Simulate: " : string.Empty)}{setting.Description} ({setting.Values})");
            }

            return Program.Success;
        });
        return command;
    }

    /// <summary>All settings as a table; docs/settings.md is this.</summary>
    public static string Markdown()
    {
        var defaults = new RunSettings(new Actors.Training.TrainingOptions(), new DataOptions());
        var rows = SettingCatalogue.All.Select(setting => $"| `{setting.Key}` | {setting.Read(defaults).Replace("|", "\\|", StringComparison.Ordinal)} | {setting.Values} | {setting.Description} |");
        return "# Settings\n\nMade by `twotower settings --markdown`. The default is the program's; recipes set others.\n\n| setting | default | takes | meaning |\n|---|---|---|---|\n"
            + string.Join('\n', rows) + "\n";
    }

    public static Command CreateRecipes()
    {
        var command = new Command("recipes", "Print the recipes that come with the program.");
        command.SetAction(_ =>
        {
            foreach (var recipe in RecipeReader.BuiltIn)
            {
                Console.WriteLine($"{recipe}:");
                Console.WriteLine(RecipeReader.Text(recipe));
            }

            return Program.Success;
        });
        return command;
    }
}
