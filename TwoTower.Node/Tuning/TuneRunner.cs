using TwoTower.Model.Storage;
using TwoTower.Node.Ablations;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Tuning;

/// <summary>Carries a search out: rung after rung, runs as processes, then the last window, and what is left of it all in files.</summary>
internal static class TuneRunner
{
    /// <summary>Runs what a search still lacks.</summary>
    /// <param name="plan">The search.</param>
    /// <param name="path">Its folder.</param>
    /// <param name="jobs">Runs at a time.</param>
    public static int Run(TunePlan plan, string path, int jobs)
    {
        var folder = AblationFolder.Create(Path.Combine(path, "runs"));
        plan.Write(Path.Combine(path, TunePlan.Name));
        using var interruption = Interruption.Listen();
        var result = new TuneResult(plan, plan.Base.Values.Training.Metric, [], []);
        IReadOnlyList<int> trials = [.. Enumerable.Range(0, plan.Trials)];
        try
        {
            for (var rung = 0; rung < plan.Rungs.Count; rung++)
            {
                var over = plan.Windows > 1 ? $", {WindowChoiceText.Choosing(plan.Windows)} of {plan.Windows}" : string.Empty;
                Console.WriteLine(
                    FormattableString.Invariant(
                    $"Rung {rung + 1} of {plan.Rungs.Count}: {trials.Count} trials, epochs: {plan.Rungs[rung].Epochs}{over}"));
                var here = Judge(rung, trials, plan.Choosing);
                if (here.All(trial => trial.Failure is not null))
                {
                    throw new StorageException($"Every trial of rung {rung + 1} failed; the first: {here[0].Failure}");
                }

                result = result with { Trials = [.. result.Trials, .. here] };
                trials = rung + 1 < plan.Rungs.Count ? GoingOn(here, plan.Rungs[rung + 1].Trials) : trials;
            }

            if (plan.Windows > 1)
            {
                Console.WriteLine(
                    FormattableString.Invariant(
                    $"Window {plan.Windows}, which had no part in choosing: the ")
                    + FormattableString.Invariant(
                    $"recipe{(result.Best == 0 ? ", which is the best" : $" and trial {result.Best}, the best")}"));
                result = result with { Confirmed = Judge(plan.Rungs.Count - 1, result.Best == 0 ? [0] : [0, result.Best], [plan.Windows]) };
            }
        }
        catch (OperationCanceledException) when (interruption.Stop.IsCancellationRequested)
        {
            Console.WriteLine($"Stopped as asked; go on with: twotower tune --resume {path}");
            return ExitCode.Interrupted;
        }

        var recipe = Path.Combine(path, "best.json");
        AtomicFile.WriteText(Path.Combine(path, "trials.csv"), TuneReport.Csv(result));
        AtomicFile.WriteText(recipe, TuneReport.Recipe(plan, result.Best));
        if (plan.Windows > 1)
        {
            AtomicFile.WriteText(Path.Combine(path, "windows.json"), TuneReport.Windows(result).ToJsonString(TunePlan.Indented) + "\n");
        }

        TuneReport.Print(Console.Out, result);
        Console.WriteLine($"Best: trial {result.Best}; train with it: twotower train --recipe {recipe}");
        ResultOutput.Write(TuneReport.Json(result, path));
        return result.FailureOnLast is null ? ExitCode.Success : ExitCode.Failure;

        TuneTrial[] Judge(int rung, IReadOnlyList<int> judged, IReadOnlyList<int?> windows)
        {
            var runs = plan.Runs(rung, judged, windows);
            folder.Run(runs, jobs, Console.WriteLine, interruption.Stop, failuresStay: true);
            return [.. judged.Select((trial, n) => Look(runs, [.. runs.Rows.Skip(n * windows.Count).Take(windows.Count)], folder, rung,
                trial, result.Metric))];
        }
    }

    // The recipe goes along as the yardstick, and takes nobody's place.
    private static int[] GoingOn(IReadOnlyList<TuneTrial> here, int places) =>
        [0, .. SuccessiveHalving.Best(here.Where(one => one.Trial != 0).Select(one => (one.Trial, one.Value)), places).Order()];

    private static TuneTrial Look(Ablation runs, IReadOnlyList<AblationRow> rows, AblationFolder folder, int rung, int trial, string metric)
    {
        var failure = rows.SelectMany(row => runs.Seeds.Select(seed => folder.FailureOf(row, seed)))
            .FirstOrDefault(reason => reason is not null);
        return failure is not null ? new TuneTrial(rung, trial, [], failure) : new TuneTrial(rung, trial, [.. rows.Select(PerUser)], null);

        double[] PerUser(AblationRow row)
        {
            var perUser = runs.Seeds.Select(seed => AblatedRun.Read(folder.RunOf(row, seed)).PerUser[metric]).ToArray();
            return [.. Enumerable.Range(0, perUser[0].Length).Select(user => perUser.Average(run => run[user]))];
        }
    }
}
