using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower settings</c> and <c>twotower recipes</c>: what there is.</summary>
internal static class SettingsCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var markdown = new Option<bool>("--markdown") { Description = "As a table in Markdown" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("settings", """
            List every setting with its default and what it takes.

            Examples:
              twotower settings
              twotower settings --markdown > docs/settings.md
            """) { markdown, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(markdown))
            {
                Console.Write(Markdown());
                return ExitCode.Success;
            }

            var defaults = new RunSettings(new TrainingOptions(), new DataOptions());
            if (parsed.GetValue(json))
            {
                Console.WriteLine(new JsonArray([.. SettingCatalogue.All.Select(setting => (JsonNode)new JsonObject
                {
                    ["key"] = setting.Key,
                    ["default"] = setting.Read(defaults),
                    ["takes"] = setting.Values,
                    ["description"] = setting.Description,
                })]).ToJsonString(s_indented));
                return ExitCode.Success;
            }

            foreach (var setting in SettingCatalogue.All)
            {
                Console.WriteLine($"{setting.Key} = {setting.Read(defaults)}");
                Console.WriteLine(
                    $"    {(WorldSettings.Has(setting.Key) ? "Simulate: " : string.Empty)}{setting.Description} ({setting.Values})");
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>All settings as a table; docs/settings.md is this.</summary>
    public static string Markdown()
    {
        var defaults = new RunSettings(new TrainingOptions(), new DataOptions());
        var rows = SettingCatalogue.All.Select(setting =>
            $"| `{setting.Key}` | {setting.Read(defaults).Replace("|", "\\|", StringComparison.Ordinal)} | {setting.Values} | {setting.Description} |");
        return "# Settings\n\nMade by `twotower settings --markdown`. The default is the program's; recipes set others.\n\n| setting | "
            + "default | takes | meaning |\n|---|---|---|---|\n"
            + string.Join('\n', rows) + "\n";
    }

    public static Command CreateRecipes()
    {
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("recipes", """
            Print the recipes that come with the program.

            Example:
              twotower recipes
            """) { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                Console.WriteLine(
                    new JsonObject(
                    RecipeReader.BuiltIn.Select(recipe => KeyValuePair.Create(recipe, JsonNode.Parse(RecipeReader.Text(recipe)))))
                    .ToJsonString(s_indented));
                return ExitCode.Success;
            }

            foreach (var recipe in RecipeReader.BuiltIn)
            {
                Console.WriteLine($"{recipe}:");
                Console.WriteLine(RecipeReader.Text(recipe));
            }

            return ExitCode.Success;
        });
        return command;
    }
}
