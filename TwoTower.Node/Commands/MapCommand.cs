using System.CommandLine;
using System.Text.Json;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower map</c>: how the items lie.</summary>
internal static class MapCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a run that has ended", Required = true };
        var most = new Option<string>("--most")
        {
            Description = "The most points: items with most train positives",
            DefaultValueFactory = _ => "5000"
        };
        var json = new Option<bool>("--json") { Description = "Print every point as JSON: id, title, genres, train positives, x, y" };
        var command = new Command("map", """
            Lay the items of a run's best model on a plane: the two principal components of their vectors, brought to length 1, without bias and prior.

            Examples:
              twotower map --run runs/mine
              twotower map --run runs/mine --json > map.json
            """) { run, most, json };
        command.SetAction(parsed =>
        {
            var count = Setting.Count("--most", parsed.GetValue(most)!, 1, int.MaxValue);
            var map = LearnedModel.Open(Setting.PathOf("--run", parsed.GetValue(run))!).Map(count);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(map, LearnedJson.Readable.ItemMap));
            }
            else
            {
                LearnedText.Write(Console.Out, map);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
