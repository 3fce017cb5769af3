using System.CommandLine;
using System.Text.Json.Nodes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower baselines</c>: the bars of a data set, before any model.</summary>
internal static class BaselinesCommand
{
    private static readonly (string Flag, string Key, string Help)[] s_flags =
        [.. RunCommand.Flags.Where(flag => flag.Flag is "--data" or "--profile" or "--split"),
            ("--baselines", "evaluate.baselines", "all, or names with commas between (default: all)"),
            ("--metric", "evaluate.metric", "The metric that chooses, such as recall@50")];

    public static Command Create()
    {
        var command = new Command("baselines", """
            Fit every baseline, choose what they leave open inside train, and compare them on the same users: random, popularity, recent popularity,
            item kNN, EASE (Steck 2019), iALS (Hu et al. 2008).

            Examples:
              twotower baselines --data ml-1m.zip
              twotower baselines --data ratings.csv --windows 5 --json
            """);
        var flags = s_flags.Select(flag => (flag.Flag, flag.Key, Option: new Option<string>(flag.Flag) { Description = flag.Help }))
            .ToArray();
        var set = new Option<string[]>("--set") { Description = "A setting of data.* or evaluate.*; may be repeated" };
        var lenient = new Option<bool>("--lenient") { Description = "Skip and count lines that do not parse" };
        var final = new Option<bool>("--final") { Description = "Test metrics too: once, when every choice has been made" };
        var windows = new Option<string>(RollingWindows.Flag) { Description = "Rolling time windows: so many splits, and means over them" };
        var json = new Option<bool>("--json") { Description = "Print JSON" };
        foreach (var option in flags.Select(flag => (Option)flag.Option).Concat([set, lenient, final, windows, json]))
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed =>
        {
            var settings = new ResolvedSettings("none");
            settings.Set("evaluate.baselines", "all", "default");
            ConfiguredValues.Here().ApplyTo(settings);
            foreach (var (flag, key, option) in flags.Where(flag => parsed.GetValue(flag.Option) is not null))
            {
                settings.Set(key, flag == "--data" ? Setting.PathOf(flag, parsed.GetValue(option))! : parsed.GetValue(option)!, flag);
            }

            foreach (var (key, value) in (parsed.GetValue(set) ?? []).Select(SettingCatalogue.Pair))
            {
                settings.Set(HasPart(SettingCatalogue.Find(key).Key)
                    ? key : throw new SettingException($"'{key}' has no part in baselines; here --set takes data.* and evaluate.*."),
                    value, "--set");
            }

            foreach (var (key, isGiven) in new[] { ("data.lenient", parsed.GetValue(lenient)),
                ("evaluate.final", parsed.GetValue(final)) }.Where(flag => flag.Item2))
            {
                settings.Set(key, "true", "--set");
            }

            return Run(settings, RollingWindows.Count(parsed.GetValue(windows)), parsed.GetValue(json));
        });
        return command;
    }

    private static bool HasPart(string key) => key.StartsWith("data.", StringComparison.Ordinal)
        || key.StartsWith("evaluate.", StringComparison.Ordinal);

    private static int Run(ResolvedSettings settings, int windows, bool json)
    {
        settings.FitMetric();
        settings.CheckMetric();
        var all = windows > 1 ? RollingWindows.Of(settings, windows) : [settings];
        TorchSharp.torch.set_num_threads(1);
        var to = json ? TextWriter.Null : Console.Out;
        var judged = all.Select((window, n) =>
        {
            if (windows > 1)
            {
                to.WriteLine($"{(n > 0 ? Environment.NewLine : string.Empty)}Window {n + 1} of {windows}");
            }

            var data = RunData.Load(window, to);
            DataFit.Tell(DataFit.Apply(window, data), to);
            return JudgedData.Of(window, data, null, to);
        }).ToArray();
        if (windows == 1)
        {
            Show(json, judged[0].ToJson, judged[0].Write);
            return ExitCode.Success;
        }

        var means = WindowMeans.Of([.. judged.Select(window => window.Rankings)]);
        var subject = means.Best(settings.Values.Training.Metric);
        Show(json, () => WindowTable.Json(means, subject),
            to => WindowTable.Write(to, means, new JudgingTables(to, settings.Values.Training.Cutoffs).Metrics, subject));
        return ExitCode.Success;
    }

    private static void Show(bool json, Func<JsonObject> document, Action<TextWriter> write)
    {
        if (json)
        {
            Console.WriteLine(document().ToJsonString(new() { WriteIndented = true }));
        }
        else
        {
            write(Console.Out);
        }
    }
}
