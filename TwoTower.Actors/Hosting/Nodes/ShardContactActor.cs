using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>Finds every shard, and finds it again whenever its host ends. The first message to a shard has its home looked up and
/// connections made, which takes seconds on a busy machine; a worker that did it under a lease would hold everybody's clock for so long. So
/// would whoever asked a host that is no more, until they ask again of themselves.</summary>
internal sealed class ShardContactActor : ReceiveActor, IWithTimers
{
    private readonly IReadOnlyList<IActorRef> _shards;
    private readonly Func<ShardId, object> _question;
    private readonly double _retrySeconds;
    private readonly IActorRef?[] _hosts;
    private readonly int[] _asked;
    private bool _saidSo;

    /// <summary>Asks until all have answered, tells, and from then on asks whoever has ended.</summary>
    /// <param name="shards">The way to every shard.</param>
    /// <param name="question">What is asked of a shard; it changes nothing there, and the answer is <see cref="ParameterProtocol.Rows"/> or
    /// <see cref="StateProtocol.Standing"/>.</param>
    /// <param name="retrySeconds">Seconds after which those that have not answered are asked again.</param>
    /// <param name="found">Called once, when all have answered.</param>
    /// <param name="anew">Called when a shard begins that has been asked before: what was on its way to the host before is lost.</param>
    public ShardContactActor(IReadOnlyList<IActorRef> shards, Func<ShardId, object> question, double retrySeconds, Action found,
        Action<StateProtocol.Recovered> anew)
    {
        (_shards, _question, _retrySeconds, _hosts, _asked) = (shards, question, retrySeconds, new IActorRef?[shards.Count],
            new int[shards.Count]);
        Receive<Ask>(_ => AskMissing());
        Receive<StateProtocol.Recovered>(recovered => _asked[recovered.Shard.Value] > 1, anew);
        Receive<StateProtocol.Recovered>(_ => { });
        Receive<StateProtocol.Standing>(standing => OnAnswer(standing.Shard, found));
        Receive<ParameterProtocol.Rows>(rows =>
        {
            rows.Return();
            OnAnswer(rows.Shard, found);
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

    /// <summary>Props of the contact of a node with workers.</summary>
    /// <param name="shards">The way to every shard.</param>
    /// <param name="worker">The worker in whose name is asked: for no rows, at no clock.</param>
    /// <param name="retrySeconds">Seconds after which those that have not answered are asked again.</param>
    /// <param name="agent">Is told <see cref="NodeAgent.ShardsFound"/> once, and
    /// <see cref="StateProtocol.Recovered"/> of each shard that begins anew.</param>
    public static Props OfWorkers(IReadOnlyList<IActorRef> shards, WorkerId worker, double retrySeconds, IActorRef agent) => Props(
        shards, shard => new ParameterProtocol.Pull(shard, worker, 0, -1, RowKeys.Rent(0), RowKeys.Rent(0)), retrySeconds,
        () => agent.Tell(NodeAgent.ShardsFound.Instance), recovered => agent.Tell(recovered));

    /// <summary>Props of the contact of somebody who asks shards now and then, and is told of each that begins anew.</summary>
    /// <param name="shards">The way to every shard.</param>
    /// <param name="retrySeconds">Seconds after which those that have not answered are asked again.</param>
    /// <param name="anew">Called with the shard.</param>
    public static Props Of(IReadOnlyList<IActorRef> shards, double retrySeconds, Action<ShardId> anew) =>
        Props(shards, shard => new StateProtocol.Inquire(shard, 0, 0), retrySeconds, () => { }, recovered => anew(recovered.Shard));

    private static Props Props(IReadOnlyList<IActorRef> shards, Func<ShardId, object> question, double retrySeconds, Action found,
        Action<StateProtocol.Recovered> anew) =>
            Akka.Actor.Props.Create(() => new ShardContactActor(shards, question, retrySeconds, found, anew));

    /// <inheritdoc />
    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Ask), Ask.Instance, TimeSpan.FromSeconds(_retrySeconds));
        AskMissing();
    }

    private void OnAnswer(ShardId shard, Action found)
    {
        _hosts[shard.Value] = Sender;
        Context.Watch(Sender);
        if (!_saidSo && !_hosts.Contains(null))
        {
            _saidSo = true;
            found();
        }
    }

    private void AskMissing()
    {
        for (var shard = 0; shard < _shards.Count; shard++)
        {
            if (_hosts[shard] is null)
            {
                _asked[shard]++;
                _shards[shard].Tell(_question(new ShardId(shard)));
            }
        }
    }

    private sealed class Ask : INoSerializationVerificationNeeded
    {
        public static readonly Ask Instance = new();
    }
}
