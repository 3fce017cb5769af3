using TwoTower.Actors.Hosting;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation;

/// <summary>What the machines of a simulated world keep on their disks: it outlives the actors, but for writes that a fault makes the disk lose.</summary>
/// <param name="world">Says which writes are lost.</param>
internal sealed class SimulatedDisks(SimulatedWorld world) : IShardStore, ITrainerJournal
{
    private readonly SortedDictionary<int, ShardRecord> _records = [];
    private readonly List<JournalEntry> _journal = [];

    /// <summary>A world starts no second shard beside a first, so terms decide nothing here.</summary>
    public Term Claim(ShardId shard, Term term) => term;

    public void Save(ShardRecord record, Term term)
    {
        if (!world.TakeLostWrite(NodeId.Shard(record.Shard.Value)))
        {
            _records[record.Shard.Value] = record;
        }
    }

    public ShardRecord? Load(ShardId shard) => _records.GetValueOrDefault(shard.Value);

    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        if (world.TakeLostWrite(NodeId.Trainer))
        {
            return;
        }

        foreach (var entry in entries)
        {
            if (entry is JournalEntry.Evaluated { Best: not null })
            {
                ForgetModels();
            }

            _journal.Add(entry);
        }
    }

    public void Replace(IReadOnlyList<JournalEntry> entries)
    {
        if (!world.TakeLostWrite(NodeId.Trainer))
        {
            _journal.Clear();
            _journal.AddRange(entries);
        }
    }

    public IReadOnlyList<JournalEntry> Read() => [.. _journal];

    /// <summary>Nobody asks again for parameters that later ones are better than.</summary>
    private void ForgetModels()
    {
        for (var n = 0; n < _journal.Count; n++)
        {
            if (_journal[n] is JournalEntry.Evaluated { Best: not null } surpassed)
            {
                _journal[n] = surpassed with { Best = null };
            }
        }
    }
}
