using System.Globalization;
using TwoTower.Node.Display;
using TwoTower.Node.Plots;
using TwoTower.Node.Runs;
using TwoTower.Node.Shell;

namespace TwoTower.Node.Sweeps;

/// <summary>Runs what a sweep still lacks, several cells at a time, and writes tables, plots and the report.</summary>
internal static class SweepRunner
{
    /// <summary>Runs a sweep.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="jobs">Cells at a time.</param>
    public static async Task<int> RunAsync(SweepPlan plan, SweepFolder folder, int jobs)
    {
        var outcomes = plan.Cells.Select(cell => folder.Look(plan, cell)).ToArray();
        SweepPlanFile.Write(folder.File(SweepPlanFile.Name), plan);
        var due = Enumerable.Range(0, outcomes.Length).Where(n => outcomes[n].Run is null).ToArray();
        Console.WriteLine(
            FormattableString.Invariant(
            $"{plan.Points.Count} points ")
            + FormattableString.Invariant(
            $"x {plan.Seeds.Count} seeds{(plan.Windows > 1 ? $" x {plan.Windows} windows" : string.Empty)} = {outcomes.Length} runs by ")
            + FormattableString.Invariant(
            $"'{plan.Engine.ToString().ToLowerInvariant()}', {outcomes.Length - due.Length} of them done, {jobs} at a time."));
        using var interruption = Interruption.Listen();
        var stop = interruption.Stop;
        var done = 0;
        try
        {
            await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop },
                async (n, token) =>
                {
                    var cell = outcomes[n].Cell;
                    var watch = System.Diagnostics.Stopwatch.StartNew();
                    folder.Clear(cell);
                    var failure = await CellProcess.RunAsync(CellProcess.Arguments(plan, cell, folder.RunOf(cell)),
                        Path.Combine(folder.RunOf(cell), "log.txt"), Math.Max(1, Environment.ProcessorCount / jobs),
                        token).ConfigureAwait(false);
                    if (failure is not null)
                    {
                        folder.Fail(cell, failure);
                    }

                    outcomes[n] = folder.Look(plan, cell);
                    Say(Interlocked.Increment(ref done), due.Length, plan, outcomes[n], watch.Elapsed);
                }).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }

        var results = new SweepResults(plan, outcomes, UserValues.Read);
        SweepTables.Write(results, folder.Path);
        if (stop.IsCancellationRequested)
        {
            Console.WriteLine($"Stopped as asked; go on with: twotower sweep --resume {folder.Path}");
            return ExitCode.Interrupted;
        }

        WriteReport(results, folder);
        ResultOutput.Write(SweepTables.Json(results, folder.Path));
        Console.WriteLine();
        SweepTables.Print(Console.Out, results);
        foreach (var failed in outcomes.Where(outcome => outcome.Failure is not null))
        {
            Console.Error.WriteLine($"Failed: {failed.Cell.Name}: {failed.Failure}");
        }

        Console.WriteLine($"Report: {folder.File("report.html")}");
        return outcomes.All(outcome => outcome.Run is not null) ? ExitCode.Success : ExitCode.Failure;
    }

    private static void WriteReport(SweepResults results, SweepFolder folder)
    {
        var sections = SweepCharts.Of(results);
        foreach (var stale in Directory.EnumerateFiles(folder.Plots))
        {
            File.Delete(stale);
        }

        foreach (var chart in sections.SelectMany(section => section.Charts))
        {
            ChartDrawing.Save(chart, folder.Plots);
        }

        SweepReport.Write(results, sections, folder.File("report.html"));
        if (!ChartDrawing.HasFonts)
        {
            Console.Error.WriteLine("This system has no fonts, so the PNG files have no text; the report and the SVG files do.");
        }
    }

    private static void Say(int done, int all, SweepPlan plan, CellOutcome outcome, TimeSpan took)
    {
        var metric = plan.Target.Metric ?? outcome.Run?.Settings["evaluate.metric"] ?? string.Empty;
        var what = outcome.Run is { } run
            ? string.Create(CultureInfo.InvariantCulture, $"{metric} {run.BestOf(metric):0.0000}")
            : $"failed: {outcome.Failure}";
        Console.WriteLine(
            Paragraph.Wrap(string.Create(CultureInfo.InvariantCulture,
            $"[{done}/{all}] {plan.Label(outcome.Cell)}: {what} ({took.TotalSeconds:0.0} s)"), 2));
    }
}
