using System.CommandLine;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower sweep</c>: its options, and how they become a plan.</summary>
internal static class SweepCommand
{
    /// <summary>Options of the base that only a simulation has, by the name that plans know them by.</summary>
    private static readonly (string Flag, string Key, string Help)[] s_world =
    [
        ("--network", "network", "ideal, local, lan, cloud or wan, and key=value of network.* after commas"),
        ("--compute", "compute", "Distribution of a batch's time factor, and key=value of compute.* after commas"),
        ("--time-limit", "world.timeLimit", "Virtual seconds after which a run is stopped"),
    ];

    public static Command Create()
    {
        var command = new Command("sweep", """
            Run a grid of settings over several seeds, and report what each axis does.

            Examples:
              twotower sweep --grid staleness=0,4,16,64 --seeds 5 --network cloud
              twotower sweep --grid workers=1,4,16 shards=1,4 --vary all --engine simulate
              twotower sweep --grid grid.json --target "recall@10>=0.1"
              twotower sweep --grid loss.temperature=0.5,0.85,1.2 --engine train --windows 4 --data ml-1m.zip
              twotower sweep --resume sweeps/20260101-120000
            """);
        var flags = RunCommand.Flags.Concat(s_world)
            .Select(flag => (flag.Key, Option: new Option<string>(flag.Flag) { Description = flag.Help })).ToArray();
        var grid = new Option<string[]>("--grid")
        {
            Description =
            $"axis=value,value… by setting key or as {string.Join(", ", GridAxis.ShortNames)} (staleness: 0 is bsp, S is ssp:S, asp); or "
            + $"a JSON file",
            AllowMultipleArgumentsPerToken = true
        };
        var seeds = new Option<string>("--seeds") { Description = "Number of seeds, counted up from the base's (default: 1)" };
        var engine = new Option<string>("--engine") { Description = "simulate or train (default: simulate)" };
        var vary = new Option<string>("--vary")
        {
            Description =
            "one: each axis alone from the base, which has the first value of each; all: the full product (default: one)"
        };
        var target = new Option<string>("--target") { Description = "METRIC>=VALUE (default: 95 % of the base's best)" };
        var jobs = new Option<string>("--jobs")
        {
            Description =
            "Runs at a time (default: one per core; one at all with --engine train, whose times would suffer)"
        };
        var recipe = new Option<string>("--recipe") { Description = "Recipe of the base (default: recommended)" };
        var set = new Option<string[]>("--set") { Description = "A setting of the base; may be repeated" };
        var output =
            new Option<string>("--out")
            {
                Description =
            "Folder of the sweep (default: sweeps/<time>); what is finished in it is not run again"
            };
        var resume =
            new Option<string>("--resume")
            {
                Description =
            "Folder of a sweep to go on with, by its plan.json; a grid or seeds given with it extend it"
            };
        var windows =
            new Option<string>(RollingWindows.Flag)
            {
                Description =
            "Rolling time windows: a run per point, seed and window; means and the best point are by all but the last, which is told apart"
            };
        var json = new Option<bool>("--json")
        {
            Description =
            "Print the tables alone on standard output as JSON when it is over; progress goes to standard error"
        };
        foreach (var option in new Option[] { grid, seeds, windows, engine, vary, target, jobs, resume, output, recipe, set, json })
        {
            command.Options.Add(option);
        }

        foreach (var flag in flags)
        {
            command.Options.Add(flag.Option);
        }

        command.SetAction((parsed, _) =>
        {
            var said = new SweepDraft
            {
                Recipe = parsed.GetValue(recipe) is { } name && name.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                    ? Path.GetFullPath(name) : parsed.GetValue(recipe),
                Settings = [.. flags.Where(flag => parsed.GetResult(flag.Option) is not null)
                    .Select(flag => KeyValuePair.Create(flag.Key, parsed.GetValue(flag.Option)!)), .. Pairs(parsed.GetValue(set) ?? [])],
                SeedCount = parsed.GetValue(seeds) is { } count ? SweepPlanFile.Count(count) : null,
                Windows = parsed.GetValue(windows) is { } rolling ? RollingWindows.Count(rolling) : null,
                Engine = parsed.GetValue(engine) is { } wanted ? SweepPlanFile.Choice<SweepEngine>("--engine", wanted) : null,
                Vary = parsed.GetValue(vary) is { } way ? SweepPlanFile.Choice<SweepVary>("--vary", way) : null,
                Target = parsed.GetValue(target) is { } goal ? SweepTarget.Parse(goal) : null,
            };
            var files = (parsed.GetValue(grid) ?? []).Where(text => text.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                && !text.Contains('=', StringComparison.Ordinal)).ToArray();
            said = said with { Axes = [.. (parsed.GetValue(grid) ?? []).Except(files).Select(GridAxis.Parse)] };
            foreach (var file in files)
            {
                said = said.Over(SweepPlanFile.Read(file));
            }

            if (Setting.PathOf("--resume", parsed.GetValue(resume)) is { } earlier)
            {
                if (parsed.GetValue(output) is not null)
                {
                    throw new SettingException("--resume goes on in the sweep's own folder; leave --out away.");
                }

                said = said.Over(SweepPlanFile.Read(Path.Combine(earlier, SweepPlanFile.Name)));
            }

            if (parsed.GetValue(resume) is null)
            {
                said = said.Under(ConfiguredValues.Here().Settings);
            }

            if (parsed.GetValue(json))
            {
                ResultOutput.BeginJson();
            }

            var plan = Anchored(said).Plan();
            var atOnce = parsed.GetValue(jobs) is { } wished ? Jobs(wished) : plan.Engine == SweepEngine.Train
                ? 1 : Environment.ProcessorCount;
            var folder = new SweepFolder(parsed.GetValue(resume) ?? Setting.PathOf("--out", parsed.GetValue(output))
                ?? Path.Combine("sweeps", RunFolder.Stamp()));
            if (plan.Axes.All(axis => !axis.Key.StartsWith("data.", StringComparison.Ordinal)))
            {
                plan = plan with
                {
                    Settings = [.. plan.Settings, .. DataFit.ApplyAndTell(plan.SettingsOf(plan.Base, plan.Seeds[0]),
                    Console.Out).Select(change => KeyValuePair.Create(change.Key, change.Value))]
                };
            }

            return SweepRunner.RunAsync(plan, folder, atOnce);
        });
        return command;
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(string[] texts) => texts.Select(text =>
    {
        var at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 ? KeyValuePair.Create(SettingCatalogue.Find(text[..at]).Key, text[(at + 1)..])
            : throw new SettingException($"--set takes key=value, not '{text}'.");
    });

    // A plan is resumed from anywhere, so a path in it must not depend on where it was made.
    private static SweepDraft Anchored(SweepDraft draft) => draft with
    {
        Settings = [.. draft.Settings.Select(setting => setting.Key == "data.path" && Path.Exists(setting.Value)
            ? KeyValuePair.Create(setting.Key, Path.GetFullPath(setting.Value)) : setting)],
    };

    /// <summary>Reads a number of runs at a time.</summary>
    /// <exception cref="SettingException">It is none.</exception>
    public static int Jobs(string text) => Setting.Count("--jobs", text, 1, 1024);
}
