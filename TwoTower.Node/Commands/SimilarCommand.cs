using System.CommandLine;
using System.Text.Json;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower similar</c>: which items lie near one.</summary>
internal static class SimilarCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a run that has ended", Required = true };
        var item = new Option<string>("--item") { Description = "Id of an item, or its title, or words of it", Required = true };
        var k = new Option<string>("--k") { Description = "How many items", DefaultValueFactory = _ => "10" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("similar", """
            Show which items lie nearest to one, by the cosine of their vectors. A bias or prior is no direction and does not count.

            Examples:
              twotower similar --run runs/mine --item "Toy Story"
              twotower similar --run runs/mine --item 1 --k 5 --json
            """) { run, item, k, json };
        command.SetAction(parsed =>
        {
            var count = Setting.Count("--k", parsed.GetValue(k)!, 1, LearnedModel.MostItems);
            var model = LearnedModel.Open(Setting.PathOf("--run", parsed.GetValue(run))!);
            var search = model.Find(parsed.GetValue(item)!);
            if (search.Found is not { } found)
            {
                return NotFound(search, parsed.GetValue(json));
            }

            var result = model.SimilarTo(found.Id, count);
            if (parsed.GetValue(json))
            {
                Console.WriteLine(JsonSerializer.Serialize(result, LearnedJson.Readable.SimilarItems));
            }
            else
            {
                LearnedText.Write(Console.Out, result);
            }

            return ExitCode.Success;
        });
        return command;
    }

    /// <summary>Says why a search gave no single item.</summary>
    internal static int NotFound(ItemSearch search, bool json)
    {
        if (json)
        {
            Console.WriteLine(JsonSerializer.Serialize(search, LearnedJson.Readable.ItemSearch));
        }

        LearnedText.Write(Console.Error, search);
        return ExitCode.BadInput;
    }
}
