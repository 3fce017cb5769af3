using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TwoTower.Model.Storage;
using TwoTower.Node.Library;

namespace TwoTower.Node.Dashboard;

/// <summary>A run as requests know it.</summary>
/// <param name="Id">What they call it: a hash of its path, so that nothing of a request is ever a path.</param>
/// <param name="Entry">What the library says of it.</param>
/// <param name="Folder">Where it is.</param>
internal sealed record ShownRun(string Id, RunEntry Entry, string Folder)
{
    /// <summary>What has become of it, as pages have it.</summary>
    public string Status => JsonNamingPolicy.CamelCase.ConvertName(Entry.Status.ToString());

    /// <summary>Its row in the table of runs.</summary>
    public JsonObject ToJson()
    {
        var row = RunTable.ToJson([Entry])[0]!.DeepClone().AsObject();
        row["id"] = Id;
        return row;
    }

    /// <summary>A JSON file of its folder; null when it is not there, or cannot be read.</summary>
    public JsonObject? Read(string name)
    {
        try
        {
            return JsonNode.Parse(SharedFile.ReadText(Path.Combine(Folder, name))) as JsonObject;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>The library that is shown, looked at once a second at most however many pages ask.</summary>
/// <param name="folder">Its folder, which need not exist yet.</param>
internal sealed class ShownRuns(string folder) : IDisposable
{
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);
    private readonly Lock _lock = new();
    private RunLibrary? _library;
    private IReadOnlyList<ShownRun> _runs = [];
    private long _read;

    /// <summary>All runs, the latest first.</summary>
    public IReadOnlyList<ShownRun> All()
    {
        lock (_lock)
        {
            if (_read == 0 || Stopwatch.GetElapsedTime(_read) > s_interval)
            {
                _library ??= Directory.Exists(folder) ? RunLibrary.Open(folder) : null;
                _runs = [.. (_library?.Read() ?? [])
                    .Select(entry => new ShownRun(IdOf(entry.Path), entry, Path.Combine(_library!.Folder, entry.Path)))];
                _read = Stopwatch.GetTimestamp();
            }

            return _runs;
        }
    }

    /// <summary>A run by its id; null when there is none.</summary>
    public ShownRun? Find(string? id) => All().FirstOrDefault(run => run.Id == id);

    public void Dispose() => _library?.Dispose();

    private static string IdOf(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..16];
}
