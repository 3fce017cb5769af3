using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Worlds;

/// <summary>What the machines of a simulated world keep on their disks: it outlives the actors, but for writes
/// that a fault makes the disk lose.</summary>
/// <param name="world">Says which writes are lost.</param>
/// <param name="condenseAfter">Entries after which the trainer's journal is condensed.</param>
internal sealed class SimulatedDisks(SimulatedWorld world, int condenseAfter) : IShardStore, ITrainerJournal
{
    private readonly SortedDictionary<int, ShardRecord> _records = [];
    private readonly SimulatedJournal _journal = new();

    public int CondenseAfter => condenseAfter;

    /// <summary>A world starts no second shard beside a first, so terms decide nothing here.</summary>
    public Term Claim(ShardId shard, Term term) => term;

    public void Save(ShardRecord record, Term term)
    {
        if (!world.TakeLostWrite(NodeId.Shard(record.Shard.Value)))
        {
            _records[record.Shard.Value] = record.Copy();
        }
    }

    public ShardRecord? Load(ShardId shard) => _records.GetValueOrDefault(shard.Value);

    public void Append(IReadOnlyList<JournalEntry> entries)
    {
        if (!world.TakeLostWrite(NodeId.Trainer))
        {
            _journal.Append(entries);
        }
    }

    public void Replace(IReadOnlyList<JournalEntry> entries)
    {
        if (!world.TakeLostWrite(NodeId.Trainer))
        {
            _journal.Replace(entries);
        }
    }

    public IReadOnlyList<JournalEntry> Read() => _journal.Read();
}
