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
        var command = new Command("settings", "List every setting with its default and what it takes.");
        command.SetAction(_ =>
        {
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
