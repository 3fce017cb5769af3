using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Display;
using TwoTower.Node.Reproductions;
using TwoTower.Node.Reproductions.NewUsers;
using TwoTower.Node.Reproductions.Seed;
using TwoTower.Node.Reproductions.Windows;
using TwoTower.Node.Reproductions.Worlds;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower reproduce</c>: a published result beside ours.</summary>
internal static class ReproduceCommand
{
    /// <summary>All reproductions, in the order in which they are listed.</summary>
    public static IReadOnlyList<IReproduction> All { get; } =
    [
        new SoftsyncStaleness(), new BoundedDelay(), new StalenessDependentRate(), new DelayCompensated(), new OptimizersUnderStaleness(),
        new SkewedAccess(), new ShardingInvariance(), new IdleNetwork(), new SeedStudy(), new WindowStudy(), new NewUserStudy(),
        new RecommendersTable(), new WorldStudy(), new WorldSearch(),
    ];

    public static Command Create()
    {
        var name = new Argument<string>("name")
        {
            Description = $"all, or one of {string.Join(", ", All.Select(known => known.Name))}",
            HelpName = "name"
        };
        var full = new Option<bool>("--full") { Description = "Run the full experiment instead of the small one" };
        var data = new Option<string[]>("--data")
        {
            Description =
            "Data to run on (default: the synthetic profile plain; seed, windows, new-users, world: small); windows: several, one after "
            + "each --data"
        };
        var page = new Option<string>("--page") { Description = "Folder to write a page with plots into" };
        var output =
            new Option<string>("--out")
            {
                Description =
            "seed, windows, new-users, world, world-fit: folder of its runs (default: ablations/NAME-small or NAME-full); what is "
            + "finished in it is not run again"
            };
        var jobs = new Option<string>("--jobs") { Description = "seed: runs at a time (default: 1)" };
        var json = new Option<bool>("--json")
        {
            Description =
            "Print the figures alone on standard output as JSON when it is over; what is said on the way goes to standard error"
        };
        var command = new Command("reproduce", """
            Run a known result, and print the published figure, ours, the band that passes, and the verdict. Most run in the simulator. 'seed' trains the set-up that loses to popularity on
            MovieLens-1M, and what mends it step by step; 'windows' asks whether the recommended recipe holds on what comes next and on other data; 'recommenders-100k' puts ours beside a
            published table.

            Examples:
              twotower reproduce sharding-invariance
              twotower reproduce osdi14-bounded-delay --full
              twotower reproduce seed --full --data ml-1m-positives --page docs
              twotower reproduce windows --full --data ml-1m-positives --data ml-100k --page docs
              twotower reproduce recommenders-100k --full --data ml-100k
            """) { name, full, data, page, output, jobs, json };
        command.SetAction(parsed =>
        {
            var text = parsed.GetValue(name)!;
            var chosen = All.Where(known => text == "all" || known.Name == text).ToArray();
            if (chosen.Length == 0)
            {
                throw new SettingException(
                    $"There is no reproduction '{text}'; there "
                    + $"are {string.Join(", ", All.Select(known => known.Name))}.{NearNames.Question(NearNames.Of(text, All.Select(known => known.Name), 1))}");
            }

            if (parsed.GetValue(json))
            {
                ResultOutput.BeginJson();
            }

            string[] paths = [.. (parsed.GetValue(data) ?? []).Select(path => Setting.PathOf("--data", path)!)];
            var loaded = DataLoader.Load(ReproductionContext.UnnamedData with { Path = paths.FirstOrDefault() });
            using var interruption = chosen.Any(reproduction => reproduction.GoesOn) ? Interruption.Listen() : null;
            var context = new ReproductionContext(loaded, parsed.GetValue(full) ? ReproductionScale.Full : ReproductionScale.Small,
                Console.WriteLine)
            {
                DataPaths = paths,
                Folder = Setting.PathOf("--out", parsed.GetValue(output)),
                Jobs = parsed.GetValue(jobs) is { } count ? SweepCommand.Jobs(count) : 1,
                Stop = interruption?.Stop ?? CancellationToken.None,
            };
            try
            {
                var reports =
                    chosen.Select(reproduction =>
                    (reproduction.Name, Report: Show(reproduction, context, Setting.PathOf("--page", parsed.GetValue(page)),
                    parsed.GetValue(full)))).ToArray();
                ResultOutput.Write(new JsonArray([.. reports.Select(shown => (JsonNode)Json(shown.Name, shown.Report))]));
                return reports.All(shown => shown.Report.Passes) ? ExitCode.Success : ExitCode.Failure;
            }
            catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
            {
                Console.WriteLine("Stopped as asked; the same command goes on.");
                return ExitCode.Interrupted;
            }
        });
        return command;
    }

    private static ReproductionReport Show(IReproduction reproduction, ReproductionContext context, string? page, bool full)
    {
        var start = Stopwatch.GetTimestamp();
        Console.WriteLine($"{reproduction.Name} ({context.Scale.ToString().ToLowerInvariant()}, {context.Data.Name})");
        Console.WriteLine(Paragraph.Wrap($"  {reproduction.Claim}", 2));
        Console.WriteLine(Paragraph.Wrap($"  Source: {reproduction.Source}.", 2));
        var report = reproduction.Run(context);
        foreach (var row in report.Rows)
        {
            Console.WriteLine(Paragraph.Wrap($"  {(row.Passes ? "pass" : "FAIL")}  {row.Measure}", 8));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"        published {row.Published}; ours {row.Ours:0.####}; passes in [{ReproductionPage.Bound(row.Low)}, {ReproductionPage.Bound(row.High)}]"));
        }

        foreach (var remark in report.Remarks)
        {
            Console.WriteLine(Paragraph.Wrap($"  {remark}", 4));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {(report.Passes ? "reproduced" : "NOT reproduced")} in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s"));
        if (page is not null)
        {
            ReproductionPage.Write(page, reproduction,
                $"twotower reproduce {reproduction.Name}{(full ? " --full" : string.Empty)}{string.Concat(context.DataPaths.Select(path => $" --data {Path.GetFileName(Path.TrimEndingDirectorySeparator(path))}"))}", context.Data.Name, report);
        }

        return report;
    }

    private static JsonObject Json(string name, ReproductionReport report) => new()
    {
        ["name"] = name,
        ["passes"] = report.Passes,
        ["rows"] = new JsonArray([.. report.Rows.Select(row => (JsonNode)new JsonObject
        {
            ["measure"] = row.Measure, ["published"] = row.Published, ["ours"] = Finite(row.Ours), ["low"] = Finite(row.Low),
            ["high"] = Finite(row.High), ["passes"] = row.Passes,
        })]),
        ["remarks"] = new JsonArray([.. report.Remarks.Select(remark => (JsonNode)remark)]),
    };

    private static JsonNode? Finite(double value) => double.IsFinite(value) ? value : null;
}
