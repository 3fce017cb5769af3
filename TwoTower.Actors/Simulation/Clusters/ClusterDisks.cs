using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>The folder that all nodes of a simulated cluster keep their state in. It outlives processes, but for writes that a
/// fault makes a node's disk lose.</summary>
/// <param name="condenseAfter">Entries after which the trainer's journal is condensed.</param>
internal sealed class ClusterDisks(int condenseAfter)
{
    private readonly SortedDictionary<int, ShardRecord> _records = [];
    private readonly SortedDictionary<int, Term> _terms = [];
    private readonly SimulatedJournal _journal = new();
    private readonly int _condenseAfter = condenseAfter;

    /// <summary>The folder as a machine sees it.</summary>
    public View Of(Machine machine) => new(this, machine);

    /// <summary>What one machine writes and reads.</summary>
    internal sealed class View(ClusterDisks disks, Machine machine) : IShardStore, ITrainerJournal
    {
        public int CondenseAfter => disks._condenseAfter;

        public Term Claim(ShardId shard, Term term)
        {
            var known = disks._terms.GetValueOrDefault(shard.Value);
            return disks._terms[shard.Value] = term > known ? term : known;
        }

        public void Save(ShardRecord record, Term term)
        {
            if (term < disks._terms.GetValueOrDefault(record.Shard.Value))
            {
                throw new InvalidOperationException(
                    $"{record.Shard} is another host's by now, which has begun a higher term; what this one would write is refused.");
            }

            if (!machine.TakeLostWrite())
            {
                disks._records[record.Shard.Value] = record.Copy();
            }
        }

        public ShardRecord? Load(ShardId shard) => disks._records.GetValueOrDefault(shard.Value);

        public void Append(IReadOnlyList<JournalEntry> entries)
        {
            if (!machine.TakeLostWrite())
            {
                disks._journal.Append(entries);
            }
        }

        public void Replace(IReadOnlyList<JournalEntry> entries)
        {
            if (!machine.TakeLostWrite())
            {
                disks._journal.Replace(entries);
            }
        }

        public IReadOnlyList<JournalEntry> Read() => disks._journal.Read();
    }
}
