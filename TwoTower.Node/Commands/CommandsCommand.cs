using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Node.Display;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower commands</c>: what there is to be typed.</summary>
internal static class CommandsCommand
{
    public static Command Create()
    {
        var markdown = new Option<bool>("--markdown") { Description = "The whole reference in Markdown, as docs/commands.md has it" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        var command = new Command("commands", """
            List every command with what it does.

            Examples:
              twotower commands
              twotower commands --markdown > docs/commands.md
            """) { markdown, json };
        command.SetAction(parsed =>
        {
            var all = CommandReference.Leaves(parsed.RootCommandResult.Command).ToArray();
            if (parsed.GetValue(markdown))
            {
                Console.Write(CommandReference.Markdown(all));
            }
            else if (parsed.GetValue(json))
            {
                Console.WriteLine(new JsonArray([.. all.Select(known => (JsonNode)CommandReference.Json(known))])
                    .ToJsonString(new() { WriteIndented = true }));
            }
            else
            {
                foreach (var known in all)
                {
                    Console.WriteLine(Paragraph.Wrap($"{CommandRefusal.Path(known),-24} {CommandHelp.Summary(known)}", 25));
                }
            }

            return ExitCode.Success;
        });
        return command;
    }
}
