using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Ablations;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Tuning;

/// <summary>Carries a search out: rung after rung, runs as processes, tables, and the best trial as a recipe.</summary>
internal static class TuneRunner
{
    private sealed record Scored(int Rung, int Trial, double Value, double[] PerUser, string? Failure);

    /// <summary>Runs what a search still lacks.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="jobs">Runs at a time.</param>
    public static int Run(TunePlan plan, string path, int jobs)
    {
        var metric = plan.Base.Values.Training.Metric;
        var folder = AblationFolder.Create(Path.Combine(path, "runs"));
        plan.Write(Path.Combine(path, TunePlan.Name));
        using var interruption = Interruption.Listen();
        var scored = new List<Scored>();
        IReadOnlyList<int> trials = [.. Enumerable.Range(0, plan.Trials)];
        try
        {
            for (var rung = 0; rung < plan.Rungs.Count; rung++)
            {
                Console.WriteLine(FormattableString.Invariant($"Rung {rung + 1} of {plan.Rungs.Count}: {trials.Count} trials, epochs: {plan.Rungs[rung].Epochs}"));
                var runs = plan.Runs(rung, trials);
                folder.Run(runs, jobs, Console.WriteLine, interruption.Stop, failuresStay: true);
                var here = trials.Select((trial, n) => Look(runs, runs.Rows[n], folder, rung, trial, metric)).ToArray();
                if (here.All(trial => trial.Failure is not null))
                {
                    throw new StorageException($"Every trial of rung {rung + 1} failed; the first: {here[0].Failure}");
                }

                scored.AddRange(here);
                trials = rung + 1 < plan.Rungs.Count ? GoingOn(here, plan.Rungs[rung + 1].Trials) : trials;
            }
        }
        catch (OperationCanceledException) when (interruption.Stop.IsCancellationRequested)
        {
            Console.WriteLine($"Stopped as asked; go on with: twotower tune --resume {path}");
            return Program.Interrupted;
        }

        AtomicFile.WriteText(Path.Combine(path, "trials.csv"), Csv(plan, scored, metric));
        var last = scored.Where(trial => trial.Rung == plan.Rungs.Count - 1).ToArray();
        var best = SuccessiveHalving.Best(last.Select(trial => (trial.Trial, trial.Value)), 1)[0];
        AtomicFile.WriteText(Path.Combine(path, "best.json"), Recipe(plan, best));
        Show(plan, last, best, metric, path);
        ResultOutput.Write(new JsonObject
        {
            ["folder"] = path,
            ["metric"] = metric,
            ["best"] = best,
            ["recipe"] = JsonNode.Parse(Recipe(plan, best)),
            ["lastRung"] = new JsonArray([.. last.Select(trial => (JsonNode)new JsonObject { ["trial"] = trial.Trial, ["value"] = trial.Failure is null ? trial.Value : null, ["settings"] = plan.Words(trial.Trial), ["failure"] = trial.Failure })]),
        });
        return Program.Success;
    }

    // The recipe goes along as the yardstick, and takes nobody's place.
    private static int[] GoingOn(IReadOnlyList<Scored> here, int places) =>
        [0, .. SuccessiveHalving.Best(here.Where(one => one.Trial != 0).Select(one => (one.Trial, one.Value)), places).Order()];

    private static Scored Look(Ablation runs, AblationRow row, AblationFolder folder, int rung, int trial, string metric)
    {
        var failure = runs.Seeds.Select(seed => folder.FailureOf(row, seed)).FirstOrDefault(reason => reason is not null);
        if (failure is not null)
        {
            return new Scored(rung, trial, double.NaN, [], failure);
        }

        var perUser = runs.Seeds.Select(seed => AblatedRun.Read(folder.RunOf(row, seed)).PerUser[metric]).ToArray();
        double[] means = [.. Enumerable.Range(0, perUser[0].Length).Select(user => perUser.Average(run => run[user]))];
        return new Scored(rung, trial, means.Average(), means, null);
    }

    private static void Show(TunePlan plan, Scored[] last, int best, string metric, string path)
    {
        Console.WriteLine();
        Console.WriteLine(FormattableString.Invariant($"Masked validation {metric} after all {plan.Rungs[^1].Epochs} epochs, seeds: {plan.Seeds}; minus the recipe's, paired by user"));
        var recipe = last.Single(trial => trial.Trial == 0);
        foreach (var trial in last.OrderByDescending(trial => trial.Value).ThenBy(trial => trial.Trial))
        {
            var difference = trial.Trial == 0 || trial.Failure is not null || recipe.Failure is not null ? string.Empty : DifferenceText(Bootstrap.Difference(trial.PerUser, recipe.PerUser));
            Console.WriteLine(trial.Failure is null
                ? string.Create(CultureInfo.InvariantCulture, $"  trial {trial.Trial,-4} {trial.Value:0.0000}{difference}")
                : $"  trial {trial.Trial,-4} failed: {trial.Failure}");
            Console.WriteLine(Paragraph.Wrap($"      {plan.Words(trial.Trial)}", 6));
        }

        Console.WriteLine(Paragraph.Wrap(
            "The best was chosen by these very users, so its lead is flattered: of many equal trials one leads by luck. What counts is another set of users: other time windows (--windows), or --final, once.", 0));
        var file = Path.Combine(path, "best.json");
        Console.WriteLine($"Best: trial {best}; train with it: twotower train --recipe {file}");
    }

    private static string DifferenceText(Interval difference) =>
        string.Create(CultureInfo.InvariantCulture, $"  {difference.Value:+0.0000;-0.0000} [{difference.Low:+0.0000;-0.0000}, {difference.High:+0.0000;-0.0000}]");

    private static string Csv(TunePlan plan, IEnumerable<Scored> scored, string metric)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"rung,trial,epochs,seeds,{metric}").AppendJoin("", plan.Ranges.Select(range => $",{range.Key}")).Append('\n');
        foreach (var trial in scored)
        {
            text.Append(CultureInfo.InvariantCulture, $"{trial.Rung + 1},{trial.Trial},{plan.Rungs[trial.Rung].Epochs},{(trial.Rung == plan.Rungs.Count - 1 ? plan.Seeds : 1)},{(trial.Failure is null ? trial.Value.ToString("R", CultureInfo.InvariantCulture) : string.Empty)}");
            var values = SettingsOf(plan, trial.Trial).Values;
            text.AppendJoin("", plan.Ranges.Select(range => $",\"{SettingCatalogue.Find(range.Key).Read(values)}\"")).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>A trial as a recipe: every setting that is not the default's but where the data is, and the ranges.</summary>
    private static string Recipe(TunePlan plan, int trial)
    {
        var settings = SettingsOf(plan, trial);
        var recipe = new JsonObject();
        foreach (var setting in settings.Notable().Where(setting => !setting.Key.StartsWith("data.", StringComparison.Ordinal)))
        {
            recipe[setting.Key] = setting.Read(settings.Values);
        }

        recipe["tune"] = new JsonObject(plan.Ranges.Select(range => KeyValuePair.Create(range.Key, (JsonNode?)range.Text)));
        return recipe.ToJsonString(TunePlan.Indented) + "\n";
    }

    private static ResolvedSettings SettingsOf(TunePlan plan, int trial) => plan.Draw(trial).Aggregate(plan.Base, (settings, drawn) => settings.With(drawn.Key, drawn.Value, "tune"));
}
