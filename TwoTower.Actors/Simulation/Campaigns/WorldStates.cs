using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>States that no single actor knows of, seen from outside.</summary>
/// <param name="workers">Workers in all.</param>
/// <param name="durable">Whether shards keep what they acknowledge.</param>
/// <param name="probe">Is shown them.</param>
internal sealed class WorldStates(int workers, bool durable, ProtocolProbe probe) : IWorldObserver
{
    private readonly HashSet<NodeId> _down = [];
    private readonly HashSet<(NodeId Keeper, int Shard, long Batch)> _unacknowledged = [];

    public void Delivered(double now, in Crossing crossing)
    {
        if (durable && crossing.Message is ParameterProtocol.Push push)
        {
            _unacknowledged.Add((crossing.To, push.Shard.Value, push.Lease.Batch.Number));
        }
    }

    public void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is ParameterProtocol.PushAck ack)
        {
            _unacknowledged.Remove((crossing.From, ack.Shard.Value, ack.Batch.Number));
        }
    }

    public void Dropped(double now, in Crossing crossing, string reason)
    {
        if (reason == "down" && _down.Contains(crossing.From) && !_down.Contains(crossing.To))
        {
            probe.Reached(ProtocolState.MessageDiedWithSender);
        }
    }

    public void Fault(double now, NodeId? node, string what)
    {
        if (node is not { } id)
        {
            return;
        }

        if (what == "restart")
        {
            _down.Remove(id);
        }
        else if (what == "crash")
        {
            _down.Add(id);
            Crashed(id);
        }
    }

    private void Crashed(NodeId node)
    {
        if (_unacknowledged.RemoveWhere(push => push.Keeper == node) > 0)
        {
            probe.Reached(ProtocolState.AcknowledgementHeldInCrash);
        }

        if (_down.Contains(NodeId.Trainer) && _down.Any(other => other.Role is NodeRole.Shard or NodeRole.Server))
        {
            probe.Reached(ProtocolState.TrainerAndShardDown);
        }

        if (_down.Count(other => other.Role == NodeRole.Worker) == workers)
        {
            probe.Reached(ProtocolState.AllWorkersDown);
        }
    }
}
