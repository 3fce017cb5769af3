using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>Holds a server node's copies of shards that live on others: one actor for each, so that they work side by side.</summary>
internal sealed class StandbyActor : ReceiveActor
{
    /// <summary>Name under <c>/user</c> of every server node's.</summary>
    public const string Name = "standby";

    private readonly Dictionary<int, IActorRef> _shards = [];

    /// <summary>An actor that holds nothing.</summary>
    /// <param name="server">Name of the node, as <see cref="ServerWatch"/> gives it.</param>
    /// <param name="blueprint">What shards are made from.</param>
    public StandbyActor(string server, ShardBlueprint blueprint) => Receive<IWithShardId>(
        message => (uint)message.Shard.Value < (uint)blueprint.Options.Shards,
        message =>
        {
            if (!_shards.TryGetValue(message.Shard.Value, out var shard))
            {
                _shards[message.Shard.Value] = shard = Context.ActorOf(
                    Akka.Actor.Props.Create(() => new Copy(new StandbyShard(message.Shard, blueprint, server)))
                        .WithDispatcher(Context.Props.Dispatcher), message.Shard.ToString());
            }

            shard.Forward(message);
        });

    /// <summary>A copy that fails takes its promises with it: then this whole server is to be another, to whom
    /// nobody has been promised anything.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Escalate);

    /// <summary>Props of the actor.</summary>
    public static Props Props(string server, ShardBlueprint blueprint) =>
        Akka.Actor.Props.Create(() => new StandbyActor(server, blueprint));

    /// <summary>Plumbing around one <see cref="StandbyShard"/>. One that fails takes the standby with it.</summary>
    private sealed class Copy : ReceiveActor
    {
        public Copy(StandbyShard shard) => Receive<IWithShardId>(message =>
        {
            if (shard.Receive(message) is { } answer)
            {
                Sender.Tell(answer);
            }
        });
    }
}
