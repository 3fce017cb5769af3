using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Runs;

/// <summary>The folder of a run. Every file is written beside its place and renamed into it.</summary>
/// <remarks>A folder with a config but neither checkpoint nor summary is what a run leaves that was killed before its first checkpoint.
/// Nothing in it can be gone on from, so a new run may take its place, unless the first one is still at work:
/// it holds <c>run.lock</c> open.</remarks>
internal sealed class RunFolder : ICheckpointStore, IDisposable
{
    /// <summary>The file of the run's events.</summary>
    public const string EventsName = "events.jsonl";

    private const string ConfigName = "config.json", CheckpointName = "checkpoint.safetensors", SummaryName = "summary.json",
        MetricsName = "metrics.csv", LockName = "run.lock";

    /// <summary>What a run writes from its beginning on; the config comes first.</summary>
    private static readonly string[] s_begun = [ConfigName, MetricsName, EventsName];

    private static readonly string[] s_others =
        [EmbeddingFolder.UserEmbeddings, EmbeddingFolder.ItemEmbeddings, EmbeddingFolder.ItemHistories, EmbeddingFolder.UserIds,
            EmbeddingFolder.ItemIds];

    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private readonly bool _fresh;
    private readonly List<string> _made = [];
    private FileStream? _lock;

    private RunFolder(string path, bool fresh) => (Path, _fresh) = (path, fresh);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The folder of a new run; nothing is made before <see cref="Begin"/>.</summary>
    /// <param name="path">Where, or null for <c>runs/&lt;time&gt;-&lt;recipe&gt;</c>.</param>
    /// <param name="recipe">Name of the recipe.</param>
    /// <exception cref="StorageException">It cannot be made, or holds a run already.</exception>
    public static RunFolder Create(string? path, string recipe)
    {
        var folder = new RunFolder(path ?? NewPath(recipe), fresh: true);
        folder.RefuseRun();
        folder.RefuseUnwritable();
        return folder;
    }

    /// <summary><c>runs/&lt;time&gt;-&lt;recipe&gt;</c>.</summary>
    public static string NewPath(string recipe) =>
        System.IO.Path.Combine("runs", $"{Stamp()}-{recipe}");

    /// <summary>The time as names of folders have it, <c>yyyyMMdd-HHmmss</c> on this machine's clock: for people,
    /// and for nothing that is computed.</summary>
    public static string Stamp() => TimeProvider.System.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);

    /// <summary>Whether a folder holds a run, begun or ended.</summary>
    public static bool IsThere(string? path) => path is not null && System.IO.File.Exists(System.IO.Path.Combine(path, ConfigName));

    /// <summary>The folder of a run that is started over and over with the same command, as a container is: <c>run</c>, and when a run has
    /// left its result there <c>run-2</c>, <c>run-3</c>, ….</summary>
    /// <param name="parent">Where they lie.</param>
    /// <param name="goesOn">Whether the latest run goes on, rather than a new one begins.</param>
    public static string Numbered(string parent, bool goesOn)
    {
        string Path(int number) =>
            System.IO.Path.Combine(parent, number == 1 ? "run" : string.Create(CultureInfo.InvariantCulture, $"run-{number}"));
        var free = Enumerable.Range(1, int.MaxValue - 1)
            .First(number => goesOn ? !IsThere(Path(number)) : !new RunFolder(Path(number), fresh: true).HasResult());
        return Path(goesOn ? Math.Max(1, free - 1) : free);
    }

    /// <summary>Opens the folder of a run that exists.</summary>
    /// <exception cref="StorageException">There is no run in it.</exception>
    public static RunFolder Open(string path) => IsThere(path)
        ? new RunFolder(path, fresh: false)
        : throw new StorageException($"'{path}' is not the folder of a run: it has no {ConfigName}.");

    /// <summary>The same run going on in another folder, or in this one when none is given.</summary>
    /// <exception cref="StorageException">The other one cannot be made, or holds a run already.</exception>
    public RunFolder ContinueIn(string? path) =>
        path is null || Full(path) == Full(Path) ? this : Create(path, string.Empty);

    private static string Full(string path) => System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));

    /// <summary>Path of a file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>What lies in the folder that is no run's, by name; it stays.</summary>
    public IReadOnlyList<string> Others => Directory.Exists(Path)
        ? [.. Directory.EnumerateFileSystemEntries(Path).Select(entry => System.IO.Path.GetFileName(entry)).Where(name => !IsOwn(name))
            .Order(StringComparer.Ordinal)]
        : [];

    private static bool IsOwn(string name) =>
        s_begun.Concat(s_others).Concat([CheckpointName, SummaryName, LockName])
            .Any(own => name == own || name.StartsWith(own + ".", StringComparison.Ordinal)) || name == TensorBoardFolder.Name;

    /// <summary>Makes the folder, keeps other runs out of it, and clears what a run left that ended before its first checkpoint.</summary>
    /// <exception cref="StorageException">It cannot be made, or another run is at work in it.</exception>
    public void Begin()
    {
        try
        {
            for (var missing = System.IO.Path.GetFullPath(Path); !Directory.Exists(missing);
                missing = System.IO.Path.GetDirectoryName(missing)!)
            {
                _made.Add(missing);
            }

            Directory.CreateDirectory(Path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unusable(failure);
        }

        try
        {
            _lock = Lock();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Another run is at work in '{Path}', or it cannot be written; choose another folder with --out.",
                failure);
        }

        if (_fresh)
        {
            RefuseRun();
            DeleteOwn();
        }
    }

    /// <summary>Whether a process is at work in a folder.</summary>
    public static bool IsLocked(string path)
    {
        try
        {
            using var looked = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false; // left by a process that was killed
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>After a failure: removes what this run made, unless there is a checkpoint to go on from.</summary>
    public void Abandon()
    {
        if (!_fresh || HasResult())
        {
            return;
        }

        try
        {
            DeleteOwn();
            Dispose();
            foreach (var folder in _made.Where(folder => !Directory.EnumerateFileSystemEntries(folder).Any()))
            {
                Directory.Delete(folder);
            }
        }
        catch (Exception left) when (left is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is what matters; a leftover does not block the folder.
        }
    }

    /// <summary>Writes the command, the settings, where each came from, and the data's fingerprint.</summary>
    public void WriteConfig(ITrainingEngine engine, RunConfig config, RecommenderData data) =>
        WriteJson(ConfigName, config.ToJson(engine, data));

    /// <summary>Reads the settings back.</summary>
    /// <exception cref="StorageException">They are damaged.</exception>
    public RunConfig ReadConfig() => RunConfig.Read(File(ConfigName));

    /// <summary>Reads the summary, or null when there is none that can be read.</summary>
    public JsonObject? ReadSummary()
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(File(SummaryName))) as JsonObject;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the summary.</summary>
    public void WriteSummary(JsonObject summary) => WriteJson(SummaryName, summary);

    /// <inheritdoc />
    public void Save(TrainingCheckpoint checkpoint) => CheckpointFile.Write(File(CheckpointName), checkpoint);

    /// <summary>Reads the checkpoint.</summary>
    /// <exception cref="StorageException">There is none, or it is damaged.</exception>
    public TrainingCheckpoint Load() => System.IO.File.Exists(File(CheckpointName))
        ? CheckpointFile.Read(File(CheckpointName))
        : throw new StorageException(
            $"'{Path}' has no {CheckpointName} to go on from: the run ended before its first one; 'train --out {Path}' may start it anew.");

    /// <inheritdoc />
    public void Dispose()
    {
        _lock?.Dispose();
        _lock = null;
    }

    private FileStream Lock()
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(File(LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1,
                    FileOptions.DeleteOnClose);
            }
            catch (IOException) when (attempt < 5)
            {
#pragma warning disable RS0030 // whoever looks whether it is held holds it for a moment, and tells nobody when they let go
                Thread.Sleep(20);
#pragma warning restore RS0030
            }
        }
    }

    private void WriteJson(string name, JsonNode json) => AtomicFile.WriteText(File(name), json.ToJsonString(s_indented) + "\n");

    private bool HasResult() => System.IO.File.Exists(File(CheckpointName)) || System.IO.File.Exists(File(SummaryName));

    private void RefuseRun()
    {
        if (HasResult())
        {
            throw new StorageException($"'{Path}' holds a run already; choose another --out, or go on with it by --resume {Path}.");
        }

        // Whatever is not for certain the beginning of a run may be dear to somebody.
        var taken = s_begun.Where(_ => !IsBegun()).Concat(s_others).FirstOrDefault(name => System.IO.File.Exists(File(name)));
        if (taken is not null)
        {
            throw new StorageException($"'{File(taken)}' would be overwritten; choose another --out.");
        }
    }

    private bool IsBegun()
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(File(ConfigName))) is JsonObject config
                && config.ContainsKey("dataFingerprint");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return false;
        }
    }

    /// <summary>Tries the nearest folder that exists, so that a place which cannot be written is found before any work is done.</summary>
    private void RefuseUnwritable()
    {
        try
        {
            var nearest = System.IO.Path.GetFullPath(Path);
            while (!Directory.Exists(nearest))
            {
                if (System.IO.File.Exists(nearest))
                {
                    throw new StorageException($"The folder '{Path}' cannot be made: '{nearest}' is a file; choose another with --out.");
                }

                nearest = System.IO.Path.GetDirectoryName(nearest) ?? throw new DirectoryNotFoundException();
            }

            using var probe = new FileStream(System.IO.Path.Combine(nearest, $".twotower.{Environment.ProcessId}.tmp"), FileMode.Create,
                FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Unusable(failure);
        }
    }

    private StorageException Unusable(Exception failure) =>
        new($"The folder '{Path}' cannot be made: {PlainReason.Of(failure)}; choose another with --out.", failure);

    // By name: whatever else a person keeps in the folder stays.
    private void DeleteOwn()
    {
        string[] names = [.. s_begun, .. s_others];
        foreach (var name in names)
        {
            System.IO.File.Delete(File(name));
        }

        foreach (var half in names.Append(CheckpointName).Append(SummaryName).SelectMany(name => Directory.GetFiles(Path, $"{name}.*.tmp")))
        {
            System.IO.File.Delete(half);
        }

        TensorBoardFolder.DeleteIn(Path);
    }
}
