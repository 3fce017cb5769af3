using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Cluster;

/// <summary>Finds every shard before a node's workers join, and finds it again whenever its host ends. The first message to a shard has its home looked up and connections made, which takes seconds
/// on a busy machine; a worker that did it under a lease would hold everybody's clock for so long. So would one that asked a host that is no more, until it asks again of itself.</summary>
public sealed class ShardContactActor : ReceiveActor, IWithTimers
{
    private readonly IReadOnlyList<IActorRef> _shards;
    private readonly WorkerId _worker;
    private readonly double _retrySeconds;
    private readonly IActorRef?[] _hosts;
    private bool _saidSo;

    /// <summary>Asks until all have answered, tells, and from then on asks whoever has ended.</summary>
    /// <param name="shards">The way to every shard.</param>
    /// <param name="worker">The worker in whose name is asked: for no rows, at no clock, which changes nothing in a shard.</param>
    /// <param name="retrySeconds">Seconds after which those that have not answered are asked again.</param>
    /// <param name="waiting">Is told <see cref="NodeAgent.ShardsFound"/> once, and <see cref="StateProtocol.Recovered"/> of each shard that begins anew: what was on its way to the host before is lost.</param>
    public ShardContactActor(IReadOnlyList<IActorRef> shards, WorkerId worker, double retrySeconds, IActorRef waiting)
    {
        (_shards, _worker, _retrySeconds, _hosts) = (shards, worker, retrySeconds, new IActorRef?[shards.Count]);
        Receive<Ask>(_ => AskMissing());
        Receive<StateProtocol.Recovered>(waiting.Tell);
        Receive<ParameterProtocol.Rows>(rows =>
        {
            rows.Return();
            _hosts[rows.Shard.Value] = Sender;
            Context.Watch(Sender);
            if (!_saidSo && !_hosts.Contains(null))
            {
                _saidSo = true;
                waiting.Tell(NodeAgent.ShardsFound.Instance);
            }
        });
        Receive<Terminated>(gone =>
        {
            for (var shard = 0; shard < _hosts.Length; shard++)
            {
                _hosts[shard] = gone.ActorRef.Equals(_hosts[shard]) ? null : _hosts[shard];
            }

            AskMissing();
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    public static Props Props(IReadOnlyList<IActorRef> shards, WorkerId worker, double retrySeconds, IActorRef waiting) =>
        Akka.Actor.Props.Create(() => new ShardContactActor(shards, worker, retrySeconds, waiting));

    /// <inheritdoc />
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Ask), Ask.Instance, TimeSpan.FromSeconds(_retrySeconds));
        AskMissing();
    }

    private void AskMissing()
    {
        for (var shard = 0; shard < _shards.Count; shard++)
        {
            if (_hosts[shard] is null)
            {
                _shards[shard].Tell(new ParameterProtocol.Pull(new ShardId(shard), _worker, 0, -1, RowKeys.Rent(0), RowKeys.Rent(0)));
            }
        }
    }

    private sealed class Ask : INoSerializationVerificationNeeded
    {
        public static readonly Ask Instance = new();
    }
}
