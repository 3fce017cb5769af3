using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>Receives for a <see cref="ShardState"/>, asks it, and tells the answer.</summary>
public sealed class ParameterShardActor : ReceiveActor
{
    private readonly ShardState _state;
    private readonly Dictionary<int, IActorRef> _workers = [];

    /// <summary>An actor around a new shard.</summary>
    public ParameterShardActor(ShardId id, ShardBlueprint blueprint)
    {
        _state = new ShardState(id, blueprint);
        Receive<ParameterProtocol.Pull>(OnPull);
        Receive<ParameterProtocol.Push>(OnPush);
        Receive<ParameterProtocol.Fence>(fence => Sender.Tell(_state.Fence(fence)));
        Receive<SnapshotProtocol.Read>(read => Sender.Tell(_state.Snapshot(read.Step)));
        Receive<StateProtocol.Export>(export => Sender.Tell(_state.Export(export.Step)));
    }

    /// <summary>Props of the actor.</summary>
    public static Props Props(ShardId id, ShardBlueprint blueprint) =>
        Akka.Actor.Props.Create(() => new ParameterShardActor(id, blueprint));

    private void OnPull(ParameterProtocol.Pull pull)
    {
        if (_state.TryPull(pull, out var rows, out var reason))
        {
            Sender.Tell(rows);
        }
        else
        {
            Sender.Tell(new ParameterProtocol.Nack(_state.Id, pull.Worker, reason));
        }
    }

    private void OnPush(ParameterProtocol.Push push)
    {
        // Under BSP an acknowledgement may be for a push that came earlier, so the way back to every worker is remembered.
        _workers[push.Worker.Value] = Sender;
        if (_state.IsFenced(push.Worker, push.Birth))
        {
            push.Return();
            Sender.Tell(new ParameterProtocol.Fenced(_state.Id, push.Worker, push.Birth));
            return;
        }

        if (!_state.TryPush(push, ack => _workers[ack.Worker.Value].Tell(ack), out var reason))
        {
            Sender.Tell(new ParameterProtocol.Nack(_state.Id, push.Worker, reason));
        }
    }
}
