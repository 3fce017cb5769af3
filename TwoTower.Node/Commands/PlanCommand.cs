using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using TwoTower.Model.Data.Loading;
using TwoTower.Node.Calibration;
using TwoTower.Node.Display;
using TwoTower.Node.Engines;
using TwoTower.Node.Planning;
using TwoTower.Node.Settings;
using TwoTower.Node.Shell;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Commands;

/// <summary><c>twotower plan</c>: how many workers are worth it.</summary>
internal static class PlanCommand
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var workers = new Option<string>("--workers") { Description = "Numbers of workers, with commas between (default: 1,2,4,8)" };
        var machines =
            new Option<string>("--machines")
            {
                Description =
            "one: all on this machine, whose cores they share; each: every worker and shard on a machine like this (default: one)"
            };
        var target =
            new Option<string>("--target") { Description = "METRIC>=VALUE to reach (default: 95 % of the best of the first size)" };
        var verify =
            new Option<bool>("--verify")
            {
                Description =
            "Train for real with each number of workers that this machine has cores for, and compare"
            };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON" };
        return RunCommand.CreateWithoutFolder("plan", """
            Measure this machine, and predict by simulation how fast a training would be and when it
            would be good, with other numbers of workers. Leaves no run folder.

            Examples:
              twotower plan --workers 1,2,4,8 --shards 4 --verify
              twotower plan --workers 1,8,64 --machines each --network cloud
            """, "--workers", run =>
        {
            foreach (var option in new Option[] { workers, machines, target, verify, json })
            {
                run.Add(option);
            }

            run.Add("--network", "With --machines each: ideal, local, lan, cloud or wan, and key=value of network.* after commas",
                WorldSettings.SetNetwork);
        }, (parsed, settings) =>
        {
            var one = (parsed.GetValue(machines) ?? "one").ToLowerInvariant() switch
            {
                "one" => true,
                "each" => false,
                var other => throw Setting.Refused("--machines", other, "one or each"),
            };
            var goal = parsed.GetValue(target) is { } text ? SweepTarget.Parse(text) : SweepTarget.OfBase;
            return RunAsync(settings, Sizes(parsed.GetValue(workers) ?? "1,2,4,8"), one, goal, parsed.GetValue(verify),
                parsed.GetValue(json));
        });
    }

    private static int[] Sizes(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        return parts.All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 1
            and <= 10_000)
            ? [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture)).Distinct()]
            : throw Setting.Refused("--workers", text, "whole numbers from 1 to 10000, with commas between");
    }

    private static async Task<int> RunAsync(ResolvedSettings settings, int[] sizes, bool one, SweepTarget goal, bool verify, bool json)
    {
        Check(settings, sizes, one, goal, verify);
        var cores = Environment.ProcessorCount;
        var say = json ? TextWriter.Null : Console.Out;
        var data = DataLoader.Load(settings.Values.Data);
        DataFit.Tell(DataFit.Apply(settings, data), say);
        settings.Check(data);
        if (!json)
        {
            TrainingRunner.PrintSettings(settings, null);
        }

        var cost = await MessageCalibration.MeasureAsync(settings.Values.Training, data).ConfigureAwait(false);
        Say(say, $"This machine: {cores} core{(cores == 1 ? string.Empty : "s")}. Per example a worker spends {cost.WorkerSeconds * 1e6:0.00} us on messages besides its gradient, shards {cost.ShardSeconds * 1e6:0.00} us; a message takes {cost.Latency * 1e6:0.0} us.");
        if (one && sizes.Max() > cores)
        {
            Say(say, $"More than {cores} worker{(cores == 1 ? string.Empty : "s")} share the {cores} core{(cores == 1 ? string.Empty : "s")} of this machine and compute that much slower; --machines each gives every one its own.");
        }

        var planner = new Planner(settings, data, cost, one, cores);
        var plans = new List<SizePlan>();
        foreach (var size in sizes)
        {
            var plan = await Task.Run(() => planner.Predict(size)).ConfigureAwait(false);
            plans.Add(verify && size <= cores ? plan with { Measured = await planner.MeasureAsync(size).ConfigureAwait(false) } : plan);
        }

        var table = new PlanTable(settings.Values.Training.Metric,
            goal.Value ?? (SweepTarget.ShareOfBase * plans[0].Predicted.Best), plans);
        if (json)
        {
            var shown = table.ToJson();
            shown["machines"] = one ? "one" : "each";
            shown["cores"] = cores;
            shown["calibration"] = JsonSerializer.SerializeToNode(cost, JsonSerializerOptions.Web);
            Console.WriteLine(shown.ToJsonString(s_indented));
            return ExitCode.Success;
        }

        table.Write(Console.Out);
        return ExitCode.Success;
    }

    private static void Check(ResolvedSettings settings, int[] sizes, bool one, SweepTarget goal, bool verify)
    {
        if (!settings.Values.Numerics)
        {
            throw new SettingException(
                "plan needs gradients to say when a target is reached; for throughput alone take 'twotower simulate --numerics off'.");
        }

        if (one && WorldSettings.All.FirstOrDefault(setting => setting.Key.StartsWith("network.", StringComparison.Ordinal)
            && settings.IsGiven(setting.Key)) is { } link)
        {
            throw new SettingException(
                $"{link.Key} ({settings.SourceOf(link.Key)}) describes links between machines, and with --machines one there are none; "
                + $"take --machines each.");
        }

        if (verify && !one)
        {
            throw new SettingException("--verify trains on this machine, which --machines each does not predict; leave one of them out.");
        }

        settings.FitMetric();
        if (goal.Metric is { } metric)
        {
            settings.Set("evaluate.metric", metric, "--target");
        }

        foreach (var size in sizes)
        {
            settings.Set("train.workers", size.ToString(CultureInfo.InvariantCulture), "--workers");
            new SimulationEngine(null).Check(settings);
            settings.Check();
        }

        settings.Set("train.workers", sizes[0].ToString(CultureInfo.InvariantCulture), "--workers");
    }

    private static void Say(TextWriter to, FormattableString text) =>
        to.WriteLine(Paragraph.Wrap(text.ToString(CultureInfo.InvariantCulture), 2));
}
