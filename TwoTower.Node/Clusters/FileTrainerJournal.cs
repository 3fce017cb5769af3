using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Training;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>A trainer's journal as a file that grows, and is now and then written anew. Entries are on the disk before <see cref="Append"/> and <see cref="Replace"/> return; as many as are appended together cost one flush.</summary>
/// <remarks>An entry is its length, a check of the length, its bytes and a check of everything up to here. A file that ends in the middle of an entry was being appended to when its writer died: the rest is
/// cut off by the next entry, because nobody was told that it is kept. Anything else that is not as it was written is refused. Of the parameters that evaluations bring, those of the best are in a file of their own, and only
/// those: nobody asks for others again, and the journal stays small.</remarks>
/// <param name="folder">A folder that is there.</param>
public sealed class FileTrainerJournal(string folder) : ITrainerJournal
{
    private const int HeaderBytes = 8, CheckBytes = 16, LongestEntry = 1 << 29;
    private static ReadOnlySpan<byte> Magic => "2TJRNL.1"u8;
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(folder, "journal.log");
    private byte[] _chain = Magic.ToArray();
    private long _length;
    private long _seen = -1;
    private string? _bestFile;

    /// <inheritdoc />
    /// <exception cref="StorageException">It cannot be written, or another process has.</exception>
    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        lock (_lock)
        {
            if (_seen < 0)
            {
                ReadAll();
            }

            var (records, chain, bestFile) = Records(entries, _length == 0 ? Magic.ToArray() : _chain);
            Write(_length == 0 ? [.. Magic, .. records] : records);
            _chain = chain;
            Keep(bestFile);
        }
    }

    /// <inheritdoc />
    /// <exception cref="StorageException">It cannot be written, or another process has.</exception>
    public void Replace(IReadOnlyList<JournalEntry> entries)
    {
        lock (_lock)
        {
            if (_seen < 0)
            {
                ReadAll();
            }

            var (records, chain, bestFile) = Records(entries, Magic.ToArray());
            try
            {
                Require(File.Exists(_path) ? new FileInfo(_path).Length : 0);
                AtomicFile.Write(_path, stream =>
                {
                    stream.Write(Magic);
                    stream.Write(records);
                });
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw NotWritten(failure);
            }

            _length = _seen = Magic.Length + records.Length;
            _chain = chain;
            Keep(bestFile);
        }
    }

    /// <inheritdoc />
    /// <exception cref="StorageException">It is damaged.</exception>
    public IReadOnlyList<JournalEntry> Read()
    {
        lock (_lock)
        {
            var entries = ReadAll();
            var last = entries.FindLastIndex(entry => entry is JournalEntry.Evaluated { Best: not null });
            for (var n = 0; n <= last; n++)
            {
                if (entries[n] is JournalEntry.Evaluated { Best: not null } evaluated)
                {
                    entries[n] = evaluated with { Best = n == last ? ReadSnapshot(_bestFile!) : null };
                }
            }

            return entries;
        }
    }

    /// <summary>Entries as they stand in the file, what the next one's check begins with, and the file of the best parameters, which is written first.</summary>
    private (byte[] Records, byte[] Chain, string? BestFile) Records(IReadOnlyList<JournalEntry> entries, byte[] chain)
    {
        var (records, bestFile) = (new List<byte[]>(), _bestFile);
        foreach (var entry in entries)
        {
            var kept = entry;
            if (entry is JournalEntry.Evaluated { Best: { } best } evaluated)
            {
                kept = evaluated with { Best = new ModelSnapshot(best.Step, [], []) };
                if (FileOf(best.Step) != bestFile)
                {
                    WriteSnapshot(FileOf(best.Step), best);
                    bestFile = FileOf(best.Step);
                }
            }

            (var record, chain) = RecordOf(StorageFormat.Encode(kept).Span, chain);
            records.Add(record);
        }

        return ([.. records.SelectMany(record => record)], chain, bestFile);
    }

    private static void WriteSnapshot(string path, ModelSnapshot snapshot)
    {
        var frame = StorageFormat.FrameOf(snapshot);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(PieceFile.Hash(frame));
            PieceFile.Write(stream, frame);
        });
    }

    private void Keep(string? bestFile)
    {
        if (bestFile != _bestFile)
        {
            Forget(_bestFile);
            _bestFile = bestFile;
        }
    }

    private string FileOf(long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"best-{step}.snapshot"));

    private (byte[] Record, byte[] Chain) RecordOf(ReadOnlySpan<byte> entry, byte[] before)
    {
        if (entry.Length > LongestEntry)
        {
            throw new StorageException($"An entry of {entry.Length} bytes is longer than the {LongestEntry} that '{_path}' takes; only a ranking can be so long, and loss.rankingDepth makes it shorter.") { Writing = true };
        }

        var record = new byte[HeaderBytes + entry.Length + CheckBytes];
        BinaryPrimitives.WriteInt32LittleEndian(record, entry.Length);
        HeaderCheck(before, record.AsSpan(0, sizeof(int))).CopyTo(record, sizeof(int));
        entry.CopyTo(record.AsSpan(HeaderBytes));
        var chain = Chain(before, record.AsSpan(0, HeaderBytes + entry.Length));
        chain.AsSpan(0, CheckBytes).CopyTo(record.AsSpan(HeaderBytes + entry.Length));
        return (record, chain);
    }

    private void Write(byte[] bytes)
    {
        try
        {
            using var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            Require(stream.Length);
            stream.SetLength(_length);
            stream.Position = _length;
            try
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }
            catch (IOException)
            {
                stream.SetLength(_length);
                _seen = _length;
                throw;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(failure);
        }

        _length = _seen = _length + bytes.Length;
    }

    private void Require(long length)
    {
        if (length != _seen)
        {
            throw new StorageException($"'{_path}' has been written by somebody else meanwhile: another trainer has taken this one's place.") { Writing = true };
        }
    }

    private StorageException NotWritten(Exception failure) =>
        new($"'{_path}' cannot be written ({PlainReason.Of(failure)}); free some space or choose another folder with --state.", failure) { Writing = true };

    /// <summary>Every entry, without parameters, and where the next one goes: over what a writer that died left unfinished.</summary>
    private List<JournalEntry> ReadAll()
    {
        var bytes = Bytes();
        (_chain, _bestFile) = (Magic.ToArray(), null);
        var entries = new List<JournalEntry>();
        if (bytes.Length < Magic.Length && Magic.StartsWith(bytes))
        {
            (_length, _seen) = (0, bytes.Length);
            return entries;
        }

        if (!bytes.AsSpan().StartsWith(Magic))
        {
            throw Damaged(0, "it is no journal that this version reads");
        }

        var at = Magic.Length;
        while (Next(bytes, at, out var length))
        {
            var entry = bytes.AsMemory(at + HeaderBytes, length);
            var chain = Chain(_chain, bytes.AsSpan(at, HeaderBytes + length));
            if (!bytes.AsSpan(at + HeaderBytes + length, CheckBytes).SequenceEqual(chain.AsSpan(0, CheckBytes)))
            {
                throw Damaged(at, "an entry is not what was written");
            }

            try
            {
                entries.Add(StorageFormat.DecodeEntry(entry));
            }
            catch (WireException malformed)
            {
                throw Damaged(at, malformed.Message);
            }

            _bestFile = entries[^1] is JournalEntry.Evaluated { Best: { } best } ? FileOf(best.Step) : _bestFile;

            _chain = chain;
            at += HeaderBytes + length + CheckBytes;
        }

        (_length, _seen) = (at, bytes.Length);
        return entries;
    }

    /// <summary>Whether a whole entry begins at a place; false at the end of the file, and where it ends in the middle of an entry.</summary>
    private bool Next(byte[] bytes, int at, out int length)
    {
        length = 0;
        if (bytes.Length - at < HeaderBytes)
        {
            return false;
        }

        length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));
        if (length is < 0 or > LongestEntry || !bytes.AsSpan(at + sizeof(int), sizeof(int)).SequenceEqual(HeaderCheck(_chain, bytes.AsSpan(at, sizeof(int)))))
        {
            // A length that was altered must not make all that follows look like an entry that was never finished.
            throw Damaged(at, "the length of an entry is not what was written");
        }

        return bytes.Length - at >= HeaderBytes + length + CheckBytes;
    }

    private byte[] Bytes()
    {
        try
        {
            return File.Exists(_path) ? File.ReadAllBytes(_path) : [];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{_path}' cannot be read ({PlainReason.Of(failure)}).", failure);
        }
    }

    private static ModelSnapshot ReadSnapshot(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            if (stream.ReadAtLeast(hash, hash.Length, throwOnEndOfStream: false) == hash.Length && PieceFile.TryRead(stream, hash, StorageFormat.DecodeSnapshot, out var snapshot))
            {
                return snapshot;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"'{path}', the best model so far, cannot be read ({PlainReason.Of(failure)}).", failure);
        }

        throw new StorageException($"'{path}', the best model so far, is damaged: its content is not what was written.");
    }

    /// <summary>What is not the best any more. That it is still there harms nobody.</summary>
    private static void Forget(string? path)
    {
        try
        {
            if (path is not null)
            {
                File.Delete(path);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Some disk space is lost.
        }
    }

    private StorageException Damaged(long at, string how) => new($"'{_path}' is damaged at byte {at}: {how}. Restore it from a copy, or name another folder with --state to train from the beginning.");

    private static byte[] HeaderCheck(byte[] before, ReadOnlySpan<byte> length) => SHA256.HashData([.. before, .. length])[..sizeof(int)];

    private static byte[] Chain(byte[] before, ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(before);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }
}
