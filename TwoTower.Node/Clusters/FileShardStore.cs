using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>Shards' records as files. Of every shard there are two, the newest and the one before, and a manifest that says which is the
/// newest and what it must hold; it is written last.</summary>
/// <remarks>
/// <para>A crash while a record is written leaves the one before, which is what was acknowledged. Damage to the newest is refused and not
/// passed over: the one before knows less than was acknowledged. Files are flushed to the disk before they are renamed; that a rename
/// outlives a loss of power is up to the file system.</para>
/// <para>Hosts of one shard on several machines may write here at once, when one of them does not know that another has taken its place. So
/// every term has files of its own, and no lock is needed that a host which is stopped could hold: a new host first leaves a claim and then
/// looks for the newest manifest; an old one first writes its manifest and then looks for claims. Either the new one finds what the old one
/// wrote, or the old one finds the claim, and then its <see cref="Save"/> fails and nothing is acknowledged. That needs a folder in which
/// what one machine has written, others see.</para>
/// </remarks>
/// <param name="folder">A folder that is there, and that all server nodes see.</param>
/// <param name="pieceBytes">Bytes that are written and read at a time: records may be longer than any array.</param>
internal sealed class FileShardStore(string folder, int pieceBytes = PieceFile.PieceBytes) : IShardStore
{
    private const string FormatName = "twotower-shard-", Format = FormatName + "3", Manifests = "manifest", Claims = "claim";
    private readonly Lock _lock = new();
    private readonly Dictionary<ShardId, Term> _cleaned = [];

    /// <summary>Begins a term: from now on what comes under a lower one is refused.</summary>
    /// <returns>The highest term that is known.</returns>
    /// <exception cref="StorageException">The disk cannot be written.</exception>
    public Term Claim(ShardId shard, Term term)
    {
        lock (_lock)
        {
            var known = Highest(shard);
            if (known < term)
            {
                AtomicFile.WriteText(PathOf(shard, term, Claims), string.Empty);
                known = Highest(shard);
            }

            return known;
        }
    }

    /// <summary>Replaces the shard's record, whole or not at all.</summary>
    /// <exception cref="StorageException">The disk cannot be written, a higher term has begun, or the disk knows more than the record:
    /// another life of the shard has gone further.</exception>
    public void Save(ShardRecord record, Term term)
    {
        var frame = StorageFormat.FrameOf(record);
        var (pushes, fences) = record.Knowledge;
        lock (_lock)
        {
            RefuseIfOver(record.Shard, term);
            var before = ReadManifest(record.Shard);
            if (before is not null && (pushes, fences).CompareTo((before.Pushes, before.Fences)) < 0)
            {
                throw new StorageException(
                    $"{record.Shard} on disk has {before.Pushes} pushes and would be set back to {pushes}: another life of the shard has "
                    + $"gone further.");
            }

            var one = PathOf(record.Shard, term, "1.record");
            var path = before?.File == Path.GetFileName(one) ? PathOf(record.Shard, term, "0.record") : one;
            var hash = string.Empty;
            AtomicFile.Write(path, stream => hash = Convert.ToHexStringLower(PieceFile.Write(stream, frame, pieceBytes)));
            AtomicFile.WriteText(PathOf(record.Shard, term, Manifests), new Manifest(Path.GetFileName(path), frame.Length, hash, pushes,
                fences).ToText());
            RefuseIfOver(record.Shard, term);
            RemoveLower(record.Shard, term);
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
            try
            {
                using var stream = File.OpenRead(path);
                if (stream.Length != manifest.Bytes || !PieceFile.TryRead(stream, Convert.FromHexString(manifest.Sha256),
                    StorageFormat.DecodeRecord, out var record, pieceBytes))
                {
                    throw Damaged(path, "its content is not what was written");
                }

                return record.Shard == shard ? record : throw Damaged(path, $"it is {record.Shard}'s");
            }
            catch (WireException malformed)
            {
                throw Damaged(path, malformed.Message);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw new StorageException($"'{path}' cannot be read ({PlainReason.Of(failure)}).", failure);
            }
        }
    }

    private string PathOf(ShardId shard, Term term, string what) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{shard}.{term.Number}-{term.Life}.{what}"));

    private void RefuseIfOver(ShardId shard, Term term)
    {
        if (Highest(shard) > term)
        {
            throw new StorageException(
                $"{shard} is another host's by now, which has begun a higher term; what this one would write is refused.");
        }
    }

    /// <summary>Files of a shard with their terms; what is no file of ours is left alone.</summary>
    private IEnumerable<(Term Term, string What, string Path)> Files(ShardId shard)
    {
        foreach (var path in Directory.EnumerateFiles(folder, $"{shard}.*"))
        {
            var name = Path.GetFileName(path)[($"{shard}.".Length)..];
            var (dash, dot) = (name.IndexOf('-', StringComparison.Ordinal), name.IndexOf('.', StringComparison.Ordinal));
            if (dash > 0 && dot > dash && long.TryParse(name.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture,
                out var number)
                && long.TryParse(name.AsSpan(dash + 1, dot - dash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var life))
            {
                yield return (new Term(number, life), name[(dot + 1)..], path);
            }
        }
    }

    private Term Highest(ShardId shard) => Files(shard).Where(file => file.What is Claims or Manifests).Select(file => file.Term)
        .DefaultIfEmpty(Term.None).Max();

    /// <summary>What earlier hosts left is of no use once this one has written something.</summary>
    private void RemoveLower(ShardId shard, Term term)
    {
        if (_cleaned.GetValueOrDefault(shard) == term)
        {
            return;
        }

        _cleaned[shard] = term;

        // Manifests first: one without its record would be taken for damage.
        foreach (var (_, _, path) in Files(shard).Where(file => file.Term < term).OrderBy(file => file.What == Manifests ? 0 : 1).ToArray())
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                // Nobody reads it while there is a manifest of a higher term.
            }
        }
    }

    private Manifest? ReadManifest(ShardId shard)
    {
        var path = Files(shard).Where(file => file.What == Manifests).OrderByDescending(file => file.Term).Select(file => file.Path)
            .FirstOrDefault();
        if (path is null)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(Read(path));
        if (text.StartsWith(FormatName, StringComparison.Ordinal) && !text.StartsWith(Format + "\n", StringComparison.Ordinal))
        {
            throw Damaged(path, $"its first line is not '{Format}': another version of the program wrote it, or it was altered");
        }

        return Manifest.TryParse(text, out var manifest) && manifest.File.StartsWith($"{shard}.", StringComparison.Ordinal)
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
