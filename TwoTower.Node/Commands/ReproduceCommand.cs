using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Node.Display;
using TwoTower.Node.Reproductions;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower reproduce</c>: a published result beside ours.</summary>
internal static class ReproduceCommand
{
    /// <summary>All reproductions, in the order in which they are listed.</summary>
    public static IReadOnlyList<IReproduction> All { get; } =
    [
        new SoftsyncStaleness(), new BoundedDelay(), new StalenessDependentRate(), new DelayCompensated(), new OptimizersUnderStaleness(),
        new SkewedAccess(), new ShardingInvariance(), new IdleNetwork(),
    ];

    public static Command Create()
    {
        var name = new Argument<string>("name") { Description = $"all, or one of {string.Join(", ", All.Select(known => known.Name))}" };
        var full = new Option<bool>("--full") { Description = "Run the full experiment instead of the small one" };
        var data = new Option<string>("--data") { Description = "Data to run on (default: synthetic)" };
        var page = new Option<string>("--page") { Description = "Folder to write a page with plots into" };
        var command = new Command("reproduce", """
            Run a known result in the simulator, and print the published figure, ours, the band that passes, and the verdict.

            Examples:
              twotower reproduce sharding-invariance
              twotower reproduce osdi14-bounded-delay --full
            """) { name, full, data, page };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(name)!;
            var chosen = All.Where(known => text == "all" || known.Name == text).ToArray();
            if (chosen.Length == 0)
            {
                throw new SettingException($"There is no reproduction '{text}'; there are {string.Join(", ", All.Select(known => known.Name))}.");
            }

            var loaded = DataLoader.Load(new DataOptions { Path = parsed.GetValue(data) });
            var context = new ReproductionContext(loaded, parsed.GetValue(full) ? ReproductionScale.Full : ReproductionScale.Small, Console.WriteLine);
            return chosen.Select(reproduction => Show(reproduction, context, parsed.GetValue(page), parsed.GetValue(full))).ToArray().All(passed => passed) ? Program.Success : Program.Failure;
        });
        return command;
    }

    private static bool Show(IReproduction reproduction, ReproductionContext context, string? page, bool full)
    {
        var start = Stopwatch.GetTimestamp();
        Console.WriteLine($"{reproduction.Name} ({context.Scale.ToString().ToLowerInvariant()}, {context.Data.Name})");
        Console.WriteLine(Paragraph.Wrap($"  {reproduction.Claim}", 2));
        Console.WriteLine(Paragraph.Wrap($"  Source: {reproduction.Source}.", 2));
        var report = reproduction.Run(context);
        foreach (var row in report.Rows)
        {
            Console.WriteLine(Paragraph.Wrap($"  {(row.Passes ? "pass" : "FAIL")}  {row.Measure}", 8));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"        published {row.Published}; ours {row.Ours:0.####}; passes in [{ReproductionPage.Bound(row.Low)}, {ReproductionPage.Bound(row.High)}]"));
        }

        foreach (var remark in report.Remarks)
        {
            Console.WriteLine(Paragraph.Wrap($"  {remark}", 4));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {(report.Passes ? "reproduced" : "NOT reproduced")} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
        if (page is not null)
        {
            ReproductionPage.Write(page, reproduction, $"twotower reproduce {reproduction.Name}{(full ? " --full" : string.Empty)}", context.Data.Name, report);
        }

        return report.Passes;
    }
}
