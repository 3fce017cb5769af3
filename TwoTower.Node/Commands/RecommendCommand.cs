using System.CommandLine;
using System.Text.Json;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower recommend</c>: what a run's model shows to a user.</summary>
internal static class RecommendCommand
{
    public static Command Create()
    {
        var run = new Option<string>("--run") { Description = "Folder of a run that has ended", Required = true };
        var user = new Option<string>("--user") { Description = "Id of a user, as the data has it" };
        var like = new Option<string[]>("--like")
        {
            Description =
            "Instead of a user: id or title of an item that somebody likes; may be repeated"
        };
        var history =
            new Option<string>("--history")
            {
                Description =
            "Instead of a user: file with an item that somebody liked on each line, id or title, and behind a tab or comma perhaps the "
            + "time in Unix seconds"
            };
        var k = new Option<string>("--k") { Description = "How many items", DefaultValueFactory = _ => "10" };
        var explain =
            new Option<bool>("--explain")
            {
                Description =
            "Which of the user's liked items pull towards each recommendation, and what is the item's own"
            };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("recommend", """
            Show what a run's best model recommends to a user; items that they have seen (train positives) are left out.

            A user of whom nothing was learned, but who has ratings, gets a vector made from the items that they liked:
            by the user tower itself where it reads histories (model.userTower=history), else the one under which these are likeliest.

            Examples:
              twotower recommend --run runs/mine --user 17
              twotower recommend --run runs/mine --user 17 --k 5 --explain
              twotower recommend --run runs/mine --like "Toy Story" --like "Babe"
              twotower recommend --run runs/mine --history liked.csv
            """) { run, user, like, history, k, explain, json };
        command.SetAction(parsed =>
        {
            var (userId, liked, file) =
                (parsed.GetValue(user), parsed.GetValue(like) ?? [], Setting.PathOf("--history", parsed.GetValue(history)));
            if ((userId is null ? 0 : 1) + (liked.Length == 0 ? 0 : 1) + (file is null ? 0 : 1) != 1)
            {
                throw new SettingException(
                    "Name either --user ID or what somebody likes: items by --like ITEM, or a file by --history FILE.");
            }

            var count = Setting.Count("--k", parsed.GetValue(k)!, 1, LearnedModel.MostItems);
            var model = LearnedModel.Open(Setting.PathOf("--run", parsed.GetValue(run))!);
            var asJson = parsed.GetValue(json);
            var (read, unknown) = file is null ? ([], null) : HistoryFile.Read(file, query => model.Find(query));
            if (unknown is not null)
            {
                return SimilarCommand.NotFound(unknown, asJson);
            }

            var ids = new List<string>();
            foreach (var query in liked)
            {
                var search = model.Find(query);
                if (search.Found is not { } item)
                {
                    return SimilarCommand.NotFound(search, asJson);
                }

                ids.Add(item.Id);
            }

            var result = userId is not null
                ? model.RecommendFor(userId.Trim(), count, parsed.GetValue(explain))
                : file is not null ? model.RecommendByHistory(read, count, parsed.GetValue(explain))
                : model.RecommendTo(ids, count, parsed.GetValue(explain));
            if (asJson)
            {
                Console.WriteLine(JsonSerializer.Serialize(result, LearnedJson.Readable.Recommendations));
            }
            else
            {
                LearnedText.Write(Console.Out, result);
            }

            return ExitCode.Success;
        });
        return command;
    }
}
