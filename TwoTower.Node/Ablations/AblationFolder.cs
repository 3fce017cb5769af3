using TwoTower.Model.Storage;
using TwoTower.Node.Display;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Ablations;

/// <summary>Where the runs of an ablation are kept: a run folder for each row and seed, which is not run again.</summary>
internal sealed class AblationFolder
{
    private const string FailureName = "failure.txt";

    private AblationFolder(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The folder at a path; it is made when it is not there.</summary>
    /// <exception cref="StorageException">It cannot be made.</exception>
    public static AblationFolder Create(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
            return new AblationFolder(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder '{path}' cannot be made ({failure.Message.TrimEnd('.')}); choose another with --out.",
                failure);
        }
    }

    /// <summary>The folder of a run.</summary>
    public string RunOf(AblationRow row, long seed) => System.IO.Path.Combine(Path, FormattableString.Invariant($"{row.Name}_seed-{seed}"));

    /// <summary>A run that has ended, or null.</summary>
    /// <exception cref="SettingException">It is there, but was run with other settings; nothing that
    /// was computed is ever replaced.</exception>
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
        var other = run.Settings.Where(setting => !InnerChoice.Agrees(setting.Key, SettingCatalogue.Find(setting.Key).Read(wanted),
            setting.Value))
            .Select(setting => $"{setting.Key} = '{setting.Value}', now it would be '{SettingCatalogue.Find(setting.Key).Read(wanted)}'")
            .FirstOrDefault();
        return other is null
            ? run : throw new SettingException($"The run in '{folder}' was made with {other}; choose another --out, or delete it.");
    }

    /// <summary>Why a run failed, or null.</summary>
    public string? FailureOf(AblationRow row, long seed) =>
        System.IO.Path.Combine(RunOf(row, seed), FailureName) is var file && File.Exists(file) ? File.ReadAllText(file).Trim() : null;

    /// <summary>Runs what is missing, a few at a time; every row with the first seed, then with the second, so that an
    /// early end leaves a whole table.</summary>
    /// <param name="ablation">What to run.</param>
    /// <param name="jobs">Runs at a time.</param>
    /// <param name="say">Is told of every run.</param>
    /// <param name="stop">Ends the runs at work.</param>
    /// <param name="failuresStay">Whether a run that fails is remembered as such, and the others go on; else it ends everything.</param>
    /// <exception cref="StorageException">A run failed; what is finished stays.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Run(Ablation ablation, int jobs, Action<string> say, CancellationToken stop, bool failuresStay = false)
    {
        var due = ablation.Seeds.SelectMany(seed => ablation.Selected.Select(row => (Row: row, Seed: seed)))
            .Where(run => Look(ablation, run.Row, run.Seed) is null && !(failuresStay && FailureOf(run.Row, run.Seed) is not null))
            .ToArray();
        var all = ablation.Seeds.Count * ablation.Selected.Count;
        var done = all - due.Length;
        say(FormattableString.Invariant(
            $"  {ablation.Selected.Count} rows x {ablation.Seeds.Count} seeds = {all} runs, {done} of them done, {jobs} at a time, in {Path}"));
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
            if (await CellProcess.RunAsync(arguments, System.IO.Path.Combine(folder, "log.txt"),
                Math.Max(1, Environment.ProcessorCount / jobs), token).ConfigureAwait(false) is { } failure)
            {
                if (!failuresStay)
                {
                    throw new StorageException($"The row '{row.Name}' with seed {seed} failed: {failure} Its output is in '{folder}'.");
                }

                AtomicFile.WriteText(System.IO.Path.Combine(folder, FailureName), failure + "\n");
                say(Paragraph.Wrap($"  [{Interlocked.Increment(ref done)}/{all}] {row.Name}, seed {seed}: failed: {failure}", 4));
                return;
            }

            File.Delete(System.IO.Path.Combine(folder, "checkpoint.safetensors")); // tens of megabytes each, and nothing goes on from here
            var best = Look(ablation, row, seed)!.Best;
            say(Paragraph.Wrap(
                FormattableString.Invariant(
                $"  [{Interlocked.Increment(ref done)}/{all}] {row.Name}, ")
                + FormattableString.Invariant(
                $"seed {seed}: {string.Join(' ', best.Where(metric => metric.Key.StartsWith("recall", StringComparison.Ordinal)).Select(metric => FormattableString.Invariant($"{metric.Key} {metric.Value:0.0000}")))} ({watch.Elapsed.TotalSeconds:0} s)"), 4));
        }).GetAwaiter().GetResult();
    }
}
