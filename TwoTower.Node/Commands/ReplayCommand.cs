using System.CommandLine;
using TwoTower.Node.Traces;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower replay</c>: whether a traced run can be repeated.</summary>
internal static class ReplayCommand
{
    public static Command Create()
    {
        var path = new Argument<string>("trace") { Description = "File that 'simulate --trace FILE' wrote" };
        var command = new Command("replay", """
            Run a traced simulation again, and stop at the first event that differs.

            Exit code 0: the run is the same. 1: it differs; the event is printed.
            """) { path };
        command.SetAction((parsed, _) => Replay.RunAsync(parsed.GetValue(path)!, Console.Out));
        return command;
    }
}
