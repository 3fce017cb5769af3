using TwoTower.Model.Storage;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Ablations;

/// <summary>Where the runs of an ablation are kept: a run folder for each row and seed, which is not run again.</summary>
/// <param name="path">The folder.</param>
public sealed class AblationFolder(string path)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>The folder of a run.</summary>
    public string RunOf(AblationRow row, long seed) => System.IO.Path.Combine(Path, FormattableString.Invariant($"{row.Name}_seed-{seed}"));

    /// <summary>A run that has ended, or null.</summary>
    /// <exception cref="SettingException">It is there, but was run with other settings; nothing that was computed is ever replaced.</exception>
    public RunRecord? Look(Ablation ablation, AblationRow row, long seed)
    {
        var folder = RunOf(row, seed);
        if (!RunRecord.IsWhole(folder))
        {
            return null;
        }

        var run = RunRecord.Read(folder);
        if (run.StopReason == "interrupted")
        {
            return null;
        }

        var wanted = ablation.SettingsOf(row, seed).Values;
        var other = run.Settings.Where(setting => SettingCatalogue.Find(setting.Key).Read(wanted) != setting.Value)
            .Select(setting => $"{setting.Key} = '{setting.Value}', now it would be '{SettingCatalogue.Find(setting.Key).Read(wanted)}'").FirstOrDefault();
        return other is null ? run : throw new SettingException($"The run in '{folder}' was made with {other}; choose another --out, or delete it.");
    }

    /// <summary>Runs what is missing, a few at a time; every row with the first seed, then with the second, so that an early end leaves a whole table.</summary>
    /// <param name="ablation">What to run.</param>
    /// <param name="jobs">Runs at a time.</param>
    /// <param name="say">Is told of every run.</param>
    /// <param name="stop">Ends the runs at work.</param>
    /// <exception cref="StorageException">A run failed; what is finished stays.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run(Ablation ablation, int jobs, Action<string> say, CancellationToken stop)
    {
        var due = ablation.Seeds.SelectMany(seed => ablation.Selected.Select(row => (Row: row, Seed: seed))).Where(run => Look(ablation, run.Row, run.Seed) is null).ToArray();
        var done = ablation.Seeds.Count * ablation.Selected.Count - due.Length;
        say(FormattableString.Invariant($"  {ablation.Selected.Count} rows x {ablation.Seeds.Count} seeds = {ablation.Selected.Count * ablation.Seeds.Count} runs, {done} of them done, {jobs} at a time, in {Path}"));
        Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop }, async (run, token) =>
        {
            var (row, seed) = run;
            var folder = RunOf(row, seed);
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            var watch = System.Diagnostics.Stopwatch.StartNew();
            var arguments = CellProcess.Arguments("train", ablation.RecipeOf(row), ablation.SettingsOf(row, seed), folder);
            if (await CellProcess.RunAsync(arguments, System.IO.Path.Combine(folder, "log.txt"), Math.Max(1, Environment.ProcessorCount / jobs), token).ConfigureAwait(false) is { } failure)
            {
                throw new StorageException($"The row '{row.Name}' with seed {seed} failed: {failure} Its output is in '{folder}'.");
            }

            File.Delete(System.IO.Path.Combine(folder, "checkpoint.safetensors")); // tens of megabytes each, and nothing goes on from here
            var best = Look(ablation, row, seed)!.Best;
            say(FormattableString.Invariant($"  [{Interlocked.Increment(ref done)}/{ablation.Selected.Count * ablation.Seeds.Count}] {row.Name}, seed {seed}: {string.Join(' ', best.Where(metric => metric.Key.StartsWith("recall", StringComparison.Ordinal)).Select(metric => FormattableString.Invariant($"{metric.Key} {metric.Value:0.0000}")))} ({watch.Elapsed.TotalSeconds:0} s)"));
        }).GetAwaiter().GetResult();
    }
}
