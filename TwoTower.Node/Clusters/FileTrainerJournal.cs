using System.Globalization;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Storage;

namespace TwoTower.Node.Clusters;

/// <summary>A trainer's journal as a file that grows, and is now and then written anew. Entries are on the disk before <see cref="Append"/>
/// and <see cref="Replace"/> return; as many as are appended together cost one flush.</summary>
/// <remarks>What a file is made of is <see cref="JournalRecords"/>' business. One that ends in the middle of an entry was being appended to
/// when its writer died: the rest is cut off by the next entry, because nobody was told that it is kept. Anything else that is not as it
/// was written is refused. Of the parameters that evaluations bring, those of the best are in a file of their own, and only those: nobody
/// asks for others again, and the journal stays small.</remarks>
/// <param name="folder">A folder that is there.</param>
internal sealed class FileTrainerJournal(string folder) : ITrainerJournal
{
    private readonly Lock _lock = new();
    private readonly string _path = Path.Combine(folder, "journal.log");
    private byte[] _chain = JournalRecords.Beginning();
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

            var (records, chain, bestFile) = Records(entries, _length == 0 ? JournalRecords.Beginning() : _chain);
            Write(_length == 0 ? [.. JournalRecords.Magic, .. records] : records);
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

            var (records, chain, bestFile) = Records(entries, JournalRecords.Beginning());
            try
            {
                Require(File.Exists(_path) ? new FileInfo(_path).Length : 0);
                AtomicFile.Write(_path, stream =>
                {
                    stream.Write(JournalRecords.Magic);
                    stream.Write(records);
                });
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                throw NotWritten(failure);
            }

            _length = _seen = JournalRecords.Magic.Length + records.Length;
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
                    entries[n] = evaluated with { Best = n == last ? BestModelFile.Read(_bestFile!) : null };
                }
            }

            return entries;
        }
    }

    /// <summary>Entries as they stand in the file, what the next one's check begins with, and the file of the best
    /// parameters, which is written first.</summary>
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
                    BestModelFile.Write(FileOf(best.Step), best);
                    bestFile = FileOf(best.Step);
                }
            }

            var bytes = StorageFormat.Encode(kept).Span;
            if (bytes.Length > JournalRecords.LongestEntry)
            {
                throw new StorageException(
                    $"An entry of {bytes.Length} bytes is longer than the {JournalRecords.LongestEntry} that '{_path}' takes; only a "
                    + $"ranking can be so long, and loss.rankingDepth makes it shorter.")
                { Writing = true };
            }

            (var record, chain) = JournalRecords.Write(bytes, chain);
            records.Add(record);
        }

        return ([.. records.SelectMany(record => record)], chain, bestFile);
    }

    private void Keep(string? bestFile)
    {
        if (bestFile != _bestFile)
        {
            BestModelFile.Forget(_bestFile);
            _bestFile = bestFile;
        }
    }

    private string FileOf(long step) => Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"best-{step}.snapshot"));

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
            throw new StorageException(
                $"'{_path}' has been written by somebody else meanwhile: another trainer has taken this one's place.")
            { Writing = true };
        }
    }

    private StorageException NotWritten(Exception failure) =>
        new($"'{_path}' cannot be written ({PlainReason.Of(failure)}); free some space or choose another folder with --state.",
            failure)
        { Writing = true };

    /// <summary>Every entry, without parameters, and where the next one goes: over what a writer that died left unfinished.</summary>
    private List<JournalEntry> ReadAll()
    {
        var bytes = Bytes();
        (_chain, _bestFile) = (JournalRecords.Beginning(), null);
        var entries = new List<JournalEntry>();
        if (bytes.Length < JournalRecords.Magic.Length && JournalRecords.Magic.StartsWith(bytes))
        {
            (_length, _seen) = (0, bytes.Length);
            return entries;
        }

        if (!bytes.AsSpan().StartsWith(JournalRecords.Magic))
        {
            throw Damaged(0, "it is no journal that this version reads");
        }

        var at = JournalRecords.Magic.Length;
        while (TryRead(bytes, ref at) is { } entry)
        {
            entries.Add(entry);
            _bestFile = entry is JournalEntry.Evaluated { Best: { } best } ? FileOf(best.Step) : _bestFile;
        }

        (_length, _seen) = (at, bytes.Length);
        return entries;
    }

    /// <summary>The entry at a place; null at the end of the file, and where it ends in the middle of an entry.</summary>
    private JournalEntry? TryRead(byte[] bytes, ref int at)
    {
        var begin = at;
        try
        {
            return JournalRecords.TryRead(bytes, ref at, ref _chain, out var entry) ? StorageFormat.DecodeEntry(entry) : null;
        }
        catch (Exception malformed) when (malformed is InvalidDataException or WireException)
        {
            throw Damaged(begin, malformed.Message);
        }
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

    private StorageException Damaged(long at, string how) =>
        new($"'{_path}' is damaged at byte {at}: {how}. Restore it from a copy, or name another folder with --state to train from the beginning.");
}
