using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation;

/// <summary>What the machines of a simulated world keep on their disks: it outlives the actors.</summary>
internal sealed class SimulatedDisks : IShardStore, ITrainerJournal
{
    private readonly SortedDictionary<int, ShardRecord> _records = [];
    private readonly List<JournalEntry> _journal = [];

    public void Save(ShardRecord record) => _records[record.Shard.Value] = record;

    public ShardRecord? Load(ShardId shard) => _records.GetValueOrDefault(shard.Value);

    public void Append(JournalEntry entry) => _journal.Add(entry);

    public IReadOnlyList<JournalEntry> Read() => _journal;
}
