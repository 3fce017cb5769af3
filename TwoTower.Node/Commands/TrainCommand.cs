using System.CommandLine;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower train</c>: its options, and how they become settings.</summary>
internal static class TrainCommand
{
    /// <summary>Options that stand for one setting: flag, key, help.</summary>
    private static readonly (string Flag, string Key, string Help)[] s_flags =
    [
        ("--data", "data.path", "MovieLens folder or zip, CSV, parquet, or a prepared folder (default: synthetic data)"),
        ("--profile", "data.profile", "Size of the synthetic data: small or ml-1m"),
        ("--split", "data.split", "auto, global-time, leave-last-out or prepared"),
        ("--workers", "train.workers", "Worker actors"),
        ("--shards", "train.shards", "Parameter shards"),
        ("--partitioner", "train.partitioner", "range, modulo, hash or balanced"),
        ("--consistency", "train.consistency", "bsp, ssp:S or asp"),
        ("--prefetch", "train.prefetch", "Batches pulled ahead"),
        ("--epochs", "train.epochs", "Passes over the train positives"),
        ("--batch-size", "train.batchSize", "Examples per batch"),
        ("--seed", "train.seed", "Seed of the training"),
    ];

    public static Command Create()
    {
        var command = new Command("train", """
            Train in one process: a trainer, worker actors, parameter shards, an evaluator.

            Examples:
              twotower train
              twotower train --data ml-1m.zip --workers 4 --shards 8 --consistency ssp:4
              twotower train --recipe seed-bpr --set loss.negatives=4
              twotower train --resume runs/20260101-120000-recommended
            """);
        var flags = s_flags.Select(flag => (flag.Key, flag.Flag, Option: new Option<string>(flag.Flag) { Description = flag.Help })).ToArray();
        foreach (var flag in flags)
        {
            command.Options.Add(flag.Option);
        }

        var recipe = new Option<string>("--recipe") { Description = "recommended, seed-bpr, or the path of a JSON file", DefaultValueFactory = _ => "recommended" };
        var set = new Option<string[]>("--set") { Description = "key=value, any setting of 'twotower settings'; may be repeated" };
        var lenient = new Option<bool>("--lenient") { Description = "Skip and count lines that do not parse" };
        var output = new Option<string>("--out") { Description = "Folder of the run (default: runs/<time>-<recipe>)" };
        var resume = new Option<string>("--resume") { Description = "Folder of a run to go on with; only --epochs and --out may change" };
        command.Options.Add(recipe);
        command.Options.Add(set);
        command.Options.Add(lenient);
        command.Options.Add(output);
        command.Options.Add(resume);
        command.SetAction((parsed, _) =>
        {
            var given = flags.Where(flag => parsed.GetResult(flag.Option) is not null).Select(flag => (flag.Key, flag.Flag, Value: parsed.GetValue(flag.Option)!)).ToList();
            if (parsed.GetValue(lenient))
            {
                given.Add(("data.lenient", "--lenient", "true"));
            }

            var pairs = parsed.GetValue(set) ?? [];
            if (parsed.GetValue(resume) is { } folder)
            {
                if (pairs.Length > 0 || given.Any(flag => flag.Key != "train.epochs") || parsed.GetResult(recipe) is { Implicit: false })
                {
                    throw new SettingException("--resume goes on with the run's own settings; only --epochs and --out may be given with it.");
                }

                return TrainingRunner.ResumeAsync(folder, given.Select(flag => flag.Value).FirstOrDefault(), parsed.GetValue(output));
            }

            var settings = RecipeReader.Read(parsed.GetValue(recipe)!);
            foreach (var (key, flag, value) in given)
            {
                settings.Set(key, value, flag);
            }

            foreach (var pair in pairs)
            {
                var at = pair.IndexOf('=', StringComparison.Ordinal);
                if (at <= 0)
                {
                    throw new SettingException($"--set takes key=value, not '{pair}'.");
                }

                settings.Set(pair[..at], pair[(at + 1)..], "--set");
            }

            return TrainingRunner.StartAsync(settings, parsed.GetValue(output));
        });
        return command;
    }
}
