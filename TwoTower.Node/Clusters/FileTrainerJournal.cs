using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Training;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>A trainer's journal as a file that only grows. An entry is on the disk before <see cref="Append"/> returns.</summary>
/// <remarks>An entry is its length, a check of the length, its bytes and a check of everything up to here. A file that ends in the middle of an entry was being appended to when its writer died: the rest is
/// cut off by the next entry, because nobody was told that it is kept. Anything else that is not as it was written is refused. Of the parameters that evaluations bring, those of the best are in a file of their own, and only
/// those: nobody asks for others again, and the journal stays small.</remarks>
/// <param name="folder">A folder that is there.</param>
/// <param name="value">What an evaluation is judged by: the highest is the best.</param>
public sealed class FileTrainerJournal(string folder, Func<EvaluationReport, double> value) : ITrainerJournal
{
    private const int HeaderBytes = 8, CheckBytes = 16, LongestEntry = 64 << 20;
    private static ReadOnlySpan<byte> Magic => "2TJRNL.1"u8;
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(folder, "journal.log");
    private byte[] _chain = Magic.ToArray();
    private long _length;
    private long _seen = -1;
    private double _best = double.NegativeInfinity;
    private string? _bestFile;

    /// <inheritdoc />
    /// <exception cref="StorageException">It cannot be written, or another process has.</exception>
    public void Append(JournalEntry entry)
    {
        lock (_lock)
        {
            if (_seen < 0)
            {
                ReadAll();
            }

            var (best, bestFile) = (_best, _bestFile);
            if (entry is JournalEntry.Evaluated evaluated)
            {
                entry = evaluated with { Snapshot = new ModelSnapshot(evaluated.Snapshot.Step, [], []) };
                if (value(evaluated.Report) > best)
                {
                    (best, bestFile) = (value(evaluated.Report), FileOf(evaluated.Snapshot.Step));
                    var bytes = StorageFormat.Encode(evaluated.Snapshot);
                    AtomicFile.Write(bestFile, stream =>
                    {
                        stream.Write(SHA256.HashData(bytes.Span));
                        stream.Write(bytes.Span);
                    });
                }
            }

            Append(StorageFormat.Encode(entry).Span);
            if (bestFile != _bestFile)
            {
                Forget(_bestFile);
            }

            (_best, _bestFile) = (best, bestFile);
        }
    }

    /// <inheritdoc />
    /// <exception cref="StorageException">It is damaged.</exception>
    public IReadOnlyList<JournalEntry> Read()
    {
        lock (_lock)
        {
            var entries = ReadAll();
            if (_bestFile is not null)
            {
                var at = entries.FindIndex(entry => entry is JournalEntry.Evaluated evaluated && value(evaluated.Report) == _best);
                entries[at] = (JournalEntry.Evaluated)entries[at] with { Snapshot = ReadSnapshot(_bestFile) };
            }

            return entries;
        }
    }

    private string FileOf(long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"best-{step}.snapshot"));

    private void Append(ReadOnlySpan<byte> entry)
    {
        if (entry.Length > LongestEntry)
        {
            throw new StorageException($"An entry of {entry.Length} bytes is too long for '{_path}'.") { Writing = true };
        }

        var record = new byte[HeaderBytes + entry.Length + CheckBytes];
        BinaryPrimitives.WriteInt32LittleEndian(record, entry.Length);
        HeaderCheck(record.AsSpan(0, sizeof(int))).CopyTo(record, sizeof(int));
        entry.CopyTo(record.AsSpan(HeaderBytes));
        var chain = Chain(record.AsSpan(0, HeaderBytes + entry.Length));
        chain.AsSpan(0, CheckBytes).CopyTo(record.AsSpan(HeaderBytes + entry.Length));
        try
        {
            using var stream = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
            if (stream.Length != _seen)
            {
                throw new StorageException($"'{_path}' has been written by somebody else meanwhile: another trainer has taken this one's place.") { Writing = true };
            }

            stream.SetLength(_length);
            stream.Position = _length;
            try
            {
                if (_length == 0)
                {
                    stream.Write(Magic);
                }

                stream.Write(record);
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
            throw new StorageException($"'{_path}' cannot be written ({PlainReason.Of(failure)}); free some space or choose another folder with --state.", failure) { Writing = true };
        }

        _length = _seen = Math.Max(_length, Magic.Length) + record.Length;
        _chain = chain;
    }

    /// <summary>Every entry, without parameters, and where the next one goes: over what a writer that died left unfinished.</summary>
    private List<JournalEntry> ReadAll()
    {
        var bytes = Bytes();
        (_chain, _best, _bestFile) = (Magic.ToArray(), double.NegativeInfinity, null);
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
            var chain = Chain(bytes.AsSpan(at, HeaderBytes + length));
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

            if (entries[^1] is JournalEntry.Evaluated evaluated && value(evaluated.Report) > _best)
            {
                (_best, _bestFile) = (value(evaluated.Report), FileOf(evaluated.Snapshot.Step));
            }

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
        if (length is < 0 or > LongestEntry || !bytes.AsSpan(at + sizeof(int), sizeof(int)).SequenceEqual(HeaderCheck(bytes.AsSpan(at, sizeof(int)))))
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
            var bytes = File.ReadAllBytes(path);
            if (bytes.Length > SHA256.HashSizeInBytes && SHA256.HashData(bytes.AsSpan(SHA256.HashSizeInBytes)).AsSpan().SequenceEqual(bytes.AsSpan(0, SHA256.HashSizeInBytes)))
            {
                return StorageFormat.DecodeSnapshot(bytes.AsMemory(SHA256.HashSizeInBytes));
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

    private byte[] HeaderCheck(ReadOnlySpan<byte> length) => SHA256.HashData([.. _chain, .. length])[..sizeof(int)];

    private byte[] Chain(ReadOnlySpan<byte> entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_chain);
        hash.AppendData(entry);
        return hash.GetHashAndReset();
    }
}
