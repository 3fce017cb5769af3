using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>The folder of a sweep: <c>plan.json</c>, a run folder per cell under <c>runs</c>, tables,
/// <c>plots</c>, <c>report.html</c>.</summary>
internal sealed class SweepFolder
{
    private const string FailureName = "failure.txt";

    /// <summary>The folder at a path; it is made when it is not there.</summary>
    /// <exception cref="StorageException">It cannot be made.</exception>
    public SweepFolder(string path)
    {
        Path = path;
        try
        {
            Directory.CreateDirectory(System.IO.Path.Combine(path, "runs"));
            Directory.CreateDirectory(Plots);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder '{path}' cannot be made ({failure.Message.TrimEnd('.')}); choose another with --out.",
                failure);
        }
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Where pictures go.</summary>
    public string Plots => System.IO.Path.Combine(Path, "plots");

    /// <summary>Path of a file.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>The folder of a cell's run.</summary>
    public string RunOf(SweepCell cell) => System.IO.Path.Combine(Path, "runs", cell.Name);

    /// <summary>How a cell stands: finished, failed, or to be run.</summary>
    /// <exception cref="SettingException">It is finished, but was run with other settings; nothing that
    /// was computed is ever replaced.</exception>
    public CellOutcome Look(SweepPlan plan, SweepCell cell)
    {
        var folder = RunOf(cell);
        if (System.IO.File.Exists(System.IO.Path.Combine(folder, FailureName)))
        {
            return new CellOutcome(cell, null, System.IO.File.ReadAllText(System.IO.Path.Combine(folder, FailureName)).Trim());
        }

        if (!RunRecord.IsWhole(folder))
        {
            return new CellOutcome(cell, null, null);
        }

        var run = RunRecord.Read(folder);
        if (run.StopReason == "interrupted")
        {
            return new CellOutcome(cell, null, null);
        }

        var wanted = plan.SettingsOf(cell).Values;
        var command = plan.Engine.ToString().ToLowerInvariant();
        var other = run.Command != command
            ? $"by '{run.Command}', now it would be by '{command}'"
            : run.Settings.Where(setting => !InnerChoice.Agrees(setting.Key, SettingCatalogue.Find(setting.Key).Read(wanted),
                setting.Value)).Select(setting =>
                $"with {setting.Key} = '{setting.Value}', now it would be '{SettingCatalogue.Find(setting.Key).Read(wanted)}'")
                .FirstOrDefault();
        return other is null
            ? new CellOutcome(cell, run, null)
            : throw new SettingException($"The cell {cell.Name} in '{Path}' was run {other}; choose another --out, or delete '{folder}'.");
    }

    /// <summary>Clears what is left of a cell that did not come to its end.</summary>
    public void Clear(SweepCell cell)
    {
        if (Directory.Exists(RunOf(cell)))
        {
            Directory.Delete(RunOf(cell), recursive: true);
        }
    }

    /// <summary>Remembers why a cell failed.</summary>
    public void Fail(SweepCell cell, string reason)
    {
        Directory.CreateDirectory(RunOf(cell));
        AtomicFile.WriteText(System.IO.Path.Combine(RunOf(cell), FailureName), reason + "\n");
    }
}
