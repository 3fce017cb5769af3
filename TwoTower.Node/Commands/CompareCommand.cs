using System.CommandLine;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower compare</c>: runs side by side, each with the first.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var runs = new Argument<string[]>("runs") { Description = "Folders of runs that have ended; each is compared with the first", Arity = ArgumentArity.OneOrMore };
        var command = new Command("compare", """
            Put runs side by side: settings that differ, metrics and whether their difference is one, staleness, time.

            Example:
              twotower compare runs/bsp runs/asp
            """) { runs };
        command.SetAction(parsed =>
        {
            var folders = parsed.GetValue(runs)!;
            if (folders.Length < 2)
            {
                throw new SettingException("Give at least two folders of runs to compare.");
            }

            var records = folders.Select(RunRecord.Read).ToArray();
            for (var n = 1; n < records.Length; n++)
            {
                if (n > 1)
                {
                    Console.WriteLine();
                    Console.WriteLine(new string('-', Display.Paragraph.Width));
                }

                ComparisonText.Write(Console.Out, RunComparison.Of(records[0], records[n]));
            }

            return Program.Success;
        });
        return command;
    }
}
