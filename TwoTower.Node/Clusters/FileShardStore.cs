using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>Shards' records as files. Of every shard there are two, the newest and the one before, and a manifest that says which is the newest and what it must hold; it is written last.</summary>
/// <remarks>A crash while a record is written leaves the one before, which is what was acknowledged. Damage to the newest is refused and not passed over: the one before knows less than was
/// acknowledged. Files are flushed to the disk before they are renamed; that a rename outlives a loss of power is up to the file system.</remarks>
/// <param name="folder">A folder that is there, and that all server nodes see.</param>
public sealed class FileShardStore(string folder) : IShardStore
{
    private const string Format = "twotower-shard-1";
    private readonly Lock _lock = new();

    /// <summary>Replaces the shard's record, whole or not at all.</summary>
    /// <exception cref="StorageException">The disk cannot be written, or knows more than the record: another life of the shard has gone further.</exception>
    public void Save(ShardRecord record)
    {
        var bytes = StorageFormat.Encode(record);
        var (pushes, fences) = record.Knowledge;
        lock (_lock)
        {
            var before = ReadManifest(record.Shard);
            if (before is not null && (pushes, fences).CompareTo((before.Pushes, before.Fences)) < 0)
            {
                throw new StorageException($"{record.Shard} on disk has {before.Pushes} pushes and would be set back to {pushes}: another life of the shard has gone further.");
            }

            var file = $"{record.Shard}.{(before?.File.EndsWith(".0.record", StringComparison.Ordinal) == true ? 1 : 0)}.record";
            AtomicFile.Write(Path.Combine(folder, file), stream => stream.Write(bytes.Span));
            AtomicFile.WriteText(ManifestPath(record.Shard), new Manifest(file, bytes.Length, Hash(bytes.Span), pushes, fences).ToText());
        }
    }

    /// <summary>The last record saved, or null.</summary>
    /// <exception cref="StorageException">It is damaged.</exception>
    public ShardRecord? Load(ShardId shard)
    {
        lock (_lock)
        {
            if (ReadManifest(shard) is not { } manifest)
            {
                return null;
            }

            var path = Path.Combine(folder, manifest.File);
            var bytes = Read(path);
            if (bytes.Length != manifest.Bytes || Hash(bytes) != manifest.Sha256)
            {
                throw Damaged(path, "its content is not what was written");
            }

            try
            {
                return StorageFormat.DecodeRecord(bytes) is var record && record.Shard == shard ? record : throw Damaged(path, $"it is {record.Shard}'s");
            }
            catch (WireException malformed)
            {
                throw Damaged(path, malformed.Message);
            }
        }
    }

    private string ManifestPath(ShardId shard) => Path.Combine(folder, $"{shard}.manifest");

    private Manifest? ReadManifest(ShardId shard)
    {
        var path = ManifestPath(shard);
        if (!File.Exists(path))
        {
            return null;
        }

        return Manifest.TryParse(Encoding.UTF8.GetString(Read(path)), out var manifest) && manifest.File.StartsWith($"{shard}.", StringComparison.Ordinal)
            ? manifest
            : throw Damaged(path, "its lines are not what was written");
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}' cannot be read ({PlainReason.Of(failure)}).", failure);
        }
    }

    private static StorageException Damaged(string path, string how) =>
        new($"'{path}' is damaged: {how}. The record before it may be whole, but knows less than was acknowledged, so it is not taken.");

    private static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>Which file is the newest.</summary>
    private sealed record Manifest(string File, long Bytes, string Sha256, long Pushes, long Fences)
    {
        private string Lines => string.Create(CultureInfo.InvariantCulture, $"{Format}\n{File}\n{Bytes}\n{Sha256}\n{Pushes}\n{Fences}\n");

        public static bool TryParse(string text, out Manifest manifest)
        {
            manifest = null!;
            var lines = text.Split('\n');
            if (lines.Length != 7 || !long.TryParse(lines[2], NumberStyles.None, CultureInfo.InvariantCulture, out var bytes)
                || !long.TryParse(lines[4], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pushes)
                || !long.TryParse(lines[5], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var fences))
            {
                return false;
            }

            manifest = new Manifest(lines[1], bytes, lines[3], pushes, fences);
            return manifest.ToText() == text;
        }

        /// <summary>The lines and their hash, so that a change of any of them shows.</summary>
        public string ToText() => Lines + Hash(Encoding.UTF8.GetBytes(Lines));
    }
}
