using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>What a trainer has decided and not done yet: entries wait for the disk, effects for the entries that were decided before them.
/// One write at a time; as many entries as come meanwhile go with the next.</summary>
/// <param name="journaled">Whether there is a journal; where there is none nothing waits.</param>
/// <param name="mostEntries">Entries after which the journal is written anew, unless that would hardly make it shorter.</param>
/// <param name="mostBytes">Bytes of entries after which the journal is written anew.</param>
internal sealed class TrainerOutbox(bool journaled, int mostEntries = TrainerOutbox.MostEntries, long mostBytes = TrainerOutbox.MostBytes)
{
    /// <summary>Bytes of entries after which the journal is written anew, condensed, unless that would hardly make it shorter. Rankings are
    /// long, and only the last one is asked for.</summary>
    public const long MostBytes = 1 << 28;

    /// <summary>Entries after which a journal is written anew, condensed, where nothing else is said.</summary>
    public const int MostEntries = 4096;

    private readonly Queue<(TrainerEffect Effect, IActorRef? To)> _effects = new();
    private readonly List<JournalEntry> _unwritten = [];
    private bool _writing;
    private int _covered;
    private long _entries;
    private long _condenseAt = mostEntries;
    private readonly long _mostBytes = mostBytes;
    private long _bytes;
    private long _condensedBytes;

    /// <summary>A journal had these entries.</summary>
    public void Found(IReadOnlyList<JournalEntry> entries) => (_entries, _bytes) = (entries.Count, BytesOf(entries));

    /// <summary>Takes an effect.</summary>
    /// <param name="effect">What to do.</param>
    /// <param name="to">Whom it concerns.</param>
    public void Add(TrainerEffect effect, IActorRef? to) => _effects.Enqueue((effect, to));

    /// <summary>Takes the entries of the decision that the last effects belong to.</summary>
    /// <returns>What can be done at once.</returns>
    public IEnumerable<(TrainerEffect Effect, IActorRef? To)> Note(List<JournalEntry> entries)
    {
        if (journaled)
        {
            _unwritten.AddRange(entries);
        }

        return _writing || _unwritten.Count > 0 ? [] : TakeAll();
    }

    /// <summary>All that waits, whatever has been written.</summary>
    public IEnumerable<(TrainerEffect Effect, IActorRef? To)> TakeAll() => Take(_effects.Count);

    /// <summary>Begins a write of all entries that wait; null when none do, or one is under way.</summary>
    /// <param name="record">What they have come to.</param>
    public JournalWrite? TryBegin(TrainerRecord record)
    {
        if (_writing || _unwritten.Count == 0)
        {
            return null;
        }

        (_writing, _covered) = (true, _effects.Count);
        _entries += _unwritten.Count;
        _bytes += BytesOf(_unwritten);
        JournalWrite write;
        if (_entries > _condenseAt || _bytes > Math.Max(_mostBytes, 2 * _condensedBytes))
        {
            write = new JournalWrite(record.Condense(), Replaces: true);
            (_entries, _bytes) = (write.Entries.Count, BytesOf(write.Entries));
            _condensedBytes = _bytes;
            _condenseAt = Math.Max(mostEntries, 4 * _entries);
        }
        else
        {
            write = new JournalWrite([.. _unwritten], Replaces: false);
        }

        _unwritten.Clear();
        return write;
    }

    /// <summary>The write is done.</summary>
    /// <returns>What can be done now.</returns>
    public IEnumerable<(TrainerEffect Effect, IActorRef? To)> Complete()
    {
        _writing = false;
        return _unwritten.Count == 0 ? TakeAll() : Take(Math.Min(_covered, _effects.Count));
    }

    /// <summary>Bytes in the journal itself. A journal holds the best model once, whatever entries bring.</summary>
    private static long BytesOf(IEnumerable<JournalEntry> entries) =>
        entries.Sum(entry => entry is JournalEntry.Evaluated evaluated ? (evaluated with { Best = null }).Bytes : entry.Bytes);

    private (TrainerEffect Effect, IActorRef? To)[] Take(int count)
    {
        var due = count == 0 ? [] : new (TrainerEffect, IActorRef?)[count];
        for (var n = 0; n < count; n++)
        {
            due[n] = _effects.Dequeue();
        }

        return due;
    }
}

/// <summary>One write to a journal.</summary>
/// <param name="Entries">What is written.</param>
/// <param name="Replaces">Whether it takes the place of all that was written before.</param>
internal sealed record JournalWrite(IReadOnlyList<JournalEntry> Entries, bool Replaces)
{
    /// <summary>Bytes on a disk, roughly.</summary>
    public long Bytes => Entries.Sum(entry => entry.Bytes);

    /// <summary>Writes, and says how it went: <see cref="Written"/> or <see cref="NotWritten"/>.</summary>
    public object To(ITrainerJournal journal)
    {
        try
        {
            if (Replaces)
            {
                journal.Replace(Entries);
            }
            else
            {
                journal.Append(Entries);
            }

            return Written.Instance;
        }
        catch (Exception failure)
        {
            return new NotWritten(failure);
        }
    }

    /// <summary>All of it is written.</summary>
    internal sealed record Written : INoSerializationVerificationNeeded
    {
        /// <summary>The message.</summary>
        public static Written Instance { get; } = new();
    }

    /// <summary>It cannot be written.</summary>
    internal sealed record NotWritten(Exception Cause) : INoSerializationVerificationNeeded;
}
