using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>What every shard has acknowledged, as the wire shows it. The checkers that need it look here; it checks nothing.</summary>
/// <param name="shards">Shards.</param>
/// <param name="firstBatch">Batches applied before the run began.</param>
internal sealed class AcknowledgedBatches(int shards, long firstBatch) : IWorldObserver, IRecoveryObserver
{
    private readonly NumberSet[] _acknowledged = [.. Enumerable.Range(0, shards).Select(_ => new NumberSet(firstBatch))];
    private readonly NumberSet[] _ever = [.. Enumerable.Range(0, shards).Select(_ => new NumberSet(firstBatch))];
    private readonly bool[] _amnesic = new bool[shards];

    /// <summary>Shards.</summary>
    public int Shards => _acknowledged.Length;

    /// <summary>What a shard has acknowledged and, as far as it says, still knows.</summary>
    public NumberSet Of(ShardId shard) => _acknowledged[shard.Value];

    /// <summary>What a shard has acknowledged in all its lives.</summary>
    public NumberSet EverOf(ShardId shard) => _ever[shard.Value];

    /// <summary>Whether a shard was started again and has not said what it still has.</summary>
    public bool Amnesic(ShardId shard) => _amnesic[shard.Value];

    /// <summary>Goes last of all checkers, so that they can see whether an acknowledgement is the first.</summary>
    public void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is ParameterProtocol.PushAck ack)
        {
            if (_amnesic[ack.Shard.Value])
            {
                // It goes on without a word of what it has kept: it has kept what the run began with.
                _amnesic[ack.Shard.Value] = false;
                _acknowledged[ack.Shard.Value] = new NumberSet(firstBatch);
            }

            Of(ack.Shard).Add(ack.Batch.Number);
            EverOf(ack.Shard).Add(ack.Batch.Number);
        }
    }

    public void Fault(double now, NodeId? node, string what)
    {
        if (node is { Role: NodeRole.Shard } shard && what == "restart" && shard.Index < _amnesic.Length)
        {
            _amnesic[shard.Index] = true;
        }
    }

    public void OnRecovered(double now, in Crossing crossing, ShardId shard, long frontier, IEnumerable<long> above)
    {
        _amnesic[shard.Value] = false;
        _acknowledged[shard.Value] = new NumberSet(frontier);
        foreach (var batch in above)
        {
            _acknowledged[shard.Value].Add(batch);
        }
    }
}
