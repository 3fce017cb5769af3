using System.CommandLine;
using TwoTower.Node.Display;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Tuning;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower tune</c>: its options, and how they become a search.</summary>
internal static class TuneCommand
{
    private const int MostTrials = 10_000;

    public static Command Create()
    {
        var command = new Command("tune", """
            Search settings by masked validation: trials are drawn at random from the ranges that the recipe declares, many get few epochs, the best of them more
            (successive halving). Test data is never looked at. The best trial is left as a recipe.

            Examples:
              twotower tune --trials 27 --data ml-1m.zip
              twotower tune --trials 12 --halving 1 --range "loss.temperature=0.1..2 log" --range "model.dim=64|128"
              twotower tune --trials 27 --windows 4 --data ml-1m.zip
              twotower tune --resume tunes/20260101-120000
            """);
        var trials = new Option<string>("--trials") { Description = "Trials, the recipe itself among them (default: 27)" };
        var halving =
            new Option<string>("--halving")
            {
                Description =
            "One in so many trials goes on, with so many times the epochs; 1 is plain random search (default: 3)"
            };
        var seeds = new Option<string>("--seeds") { Description = "Training seeds of each trial in the last rung (default: 1)" };
        var searchSeed = new Option<string>("--search-seed") { Description = "Seed of the draws (default: 1)" };
        var range = new Option<string[]>("--range")
        {
            Description =
            "KEY=LOW..HIGH with log or whole after it, or KEY=a|b|c; over or beside the recipe's ranges; may be repeated"
        };
        var jobs = new Option<string>("--jobs") { Description = "Runs at a time (default: 1)" };
        var recipe = new Option<string>("--recipe") { Description = "Recipe whose ranges are searched (default: recommended)" };
        var set = new Option<string[]>("--set") { Description = "A setting of every trial, which then is not searched; may be repeated" };
        var output = new Option<string>("--out") { Description = "Folder of the search (default: tunes/<time>)" };
        var resume =
            new Option<string>("--resume")
            {
                Description =
            "Folder of a search to go on with; only --jobs and --json may be given with it"
            };
        var windows =
            new Option<string>(RollingWindows.Flag)
            {
                Description =
            "Rolling time windows: every trial is judged by its mean over all but the last, which then confirms the best; a run per "
            + "trial, seed and window"
            };
        var json = new Option<bool>("--json")
        {
            Description =
            "Print the best trial and the last rung alone on standard output as JSON when it is over; progress goes to standard error"
        };
        var flags = RunCommand.Flags.Select(flag => (flag.Key, Option: new Option<string>(flag.Flag) { Description = flag.Help }))
            .ToArray();
        Option[] ofPlan = [trials, halving, seeds, searchSeed, windows, range, recipe, set, output, .. flags.Select(flag => flag.Option)];
        foreach (var option in ofPlan.Concat([jobs, resume, json]))
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                ResultOutput.BeginJson();
            }

            var atOnce = parsed.GetValue(jobs) is { } wished ? SweepCommand.Jobs(wished) : 1;
            if (Setting.PathOf("--resume", parsed.GetValue(resume)) is { } earlier)
            {
                return ofPlan.Any(option => parsed.GetResult(option) is { Implicit: false })
                    ? throw new SettingException(
                        "--resume goes on with the search as it was planned; only --jobs and --json may be given with it.")
                    : TuneRunner.Run(TunePlan.Read(Path.Combine(earlier, TunePlan.Name)), earlier, atOnce);
            }

            var name = parsed.GetValue(recipe) ?? "recommended";
            var settings = flags.Where(flag => parsed.GetResult(flag.Option) is not null)
                .Select(flag => (flag.Key, parsed.GetValue(flag.Option)!))
                .Concat((parsed.GetValue(set) ?? []).Select(SettingCatalogue.Pair)).ToArray();
            var plan = new TunePlan
            {
                Recipe = name.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? Path.GetFullPath(name) : name,
                Settings = [.. ConfiguredValues.Here().Settings.Select(setting => (setting.Key, setting.Value)).Concat(settings)
                    .Select(Anchored)],
                Ranges = Ranges(name, parsed.GetValue(range) ?? [], settings),
                Trials = Count("--trials", parsed.GetValue(trials), 27, 1, MostTrials),
                Halving = Count("--halving", parsed.GetValue(halving), 3, 1, 100),
                Seeds = Count("--seeds", parsed.GetValue(seeds), 1, 1, 100),
                Seed = Count("--search-seed", parsed.GetValue(searchSeed), 1, 0, int.MaxValue),
                Windows = RollingWindows.Count(parsed.GetValue(windows)),
            };
            Check(plan);
            plan = plan with { Settings = [.. plan.Settings, .. DataFit.ApplyAndTell(plan.Base, Console.Out)] };
            return TuneRunner.Run(plan, Setting.PathOf("--out", parsed.GetValue(output))
                ?? Path.Combine("tunes", RunFolder.Stamp()), atOnce);
        });
        return command;
    }

    private static List<SearchRange> Ranges(string recipe, string[] said, (string Key, string Value)[] settings)
    {
        var ranges = RecipeReader.Ranges(recipe).ToList();
        foreach (var (key, text) in said.Select(SettingCatalogue.Pair))
        {
            var range = SearchRange.Parse(key, text);
            ranges.RemoveAll(known => known.Key == range.Key);
            ranges.Add(range);
        }

        ranges.RemoveAll(known => settings.Any(setting => setting.Key.Equals(known.Key, StringComparison.OrdinalIgnoreCase)));
        return ranges.Count > 0
            ? ranges
            : throw new SettingException(
            $"There is nothing to search: the recipe '{recipe}' declares no ranges that are left; give some by --range, for example "
            + $"--range \"loss.temperature=0.1..2 log\".");
    }

    private static void Check(TunePlan plan)
    {
        var settings = plan.Base;
        if (settings.Values.Judging.Final)
        {
            throw new SettingException(
                "A search is by validation alone: leave evaluate.final out, and judge the winner by 'train --final' once.");
        }

        if (plan.Windows > 1)
        {
            RollingWindows.Check(settings);
        }

        if (plan.Ranges.FirstOrDefault(range => range.Key is "train.epochs" or "train.seed" || range.Key.StartsWith("data.",
            StringComparison.Ordinal) || range.Key.StartsWith("evaluate.", StringComparison.Ordinal)) is { } range)
        {
            throw new SettingException(
                $"{range.Key} cannot be "
                + $"searched: {(range.Key == "train.epochs" ? "successive halving deals the epochs out" : "trials would not be comparable")}.");
        }

        settings.CheckMetric();
        settings.Check();
    }

    // A search is resumed from anywhere, so a path in it must not depend on where it was made.
    private static (string Key, string Value) Anchored((string Key, string Value) setting) =>
        setting.Key == "data.path" && Path.Exists(setting.Value) ? (setting.Key, Path.GetFullPath(setting.Value)) : setting;

    private static int Count(string flag, string? text, int otherwise, int least, int most) => text is null
        ? otherwise : Setting.Count(flag, text, least, most);
}
