using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Work;
using TwoTower.Model.Options;

namespace TwoTower.Actors.Evaluation;

/// <summary>What an evaluator needs.</summary>
/// <param name="Model">The model, for row widths.</param>
/// <param name="Layout">Which rows lie on which shard.</param>
/// <param name="ScoredUsers">How many users a scoring ranks for.</param>
/// <param name="Score">Scores a snapshot: (snapshot, epoch) → report.</param>
/// <param name="Work">Runs the scoring.</param>
/// <param name="Shards">The shards.</param>
/// <param name="RetrySeconds">Seconds after which an unanswered read is sent again.</param>
internal sealed record EvaluatorBlueprint(
    ModelOptions Model, ParameterLayout Layout, int ScoredUsers, Func<ModelSnapshot, double, EvaluationReport> Score, ITimedWork Work,
    IReadOnlyList<IActorRef> Shards, double RetrySeconds)
{
    /// <summary>What the protocols show of themselves.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;

    /// <summary>Props of an actor that tells the evaluator <see cref="EvaluatorActor.ShardBegan"/>; null where nobody can know. It is
    /// started with the first request: before that, shards may have no home yet.</summary>
    public Func<IActorRef, Props>? Contact { get; init; }
}

/// <summary>Reads all shards at one step, lets training go on, and scores what it read.</summary>
internal sealed class EvaluatorActor : ReceiveActor, IWithTimers
{
    private readonly EvaluatorBlueprint _blueprint;
    private readonly SnapshotProtocol.Part?[] _parts;
    private SnapshotProtocol.Evaluate? _request;
    private IActorRef _trainer = ActorRefs.Nobody;
    private bool _taken;
    private object? _answer;
    private bool _watching;

    /// <summary>An evaluator that waits for requests.</summary>
    public EvaluatorActor(EvaluatorBlueprint blueprint)
    {
        _blueprint = blueprint;
        _parts = new SnapshotProtocol.Part?[blueprint.Shards.Count];
        Receive<SnapshotProtocol.Evaluate>(OnEvaluate);
        Receive<SnapshotProtocol.Part>(OnPart);
        Receive<SnapshotProtocol.Evaluated>(OnScored);
        Receive<Status.Failure>(failure =>
            Answer(new SnapshotProtocol.Failed(_request?.Step ?? 0, $"the snapshot cannot be scored: {failure.Cause.Message}")));
        Receive<Retry>(_ => ReadMissing());
        Receive<ShardBegan>(began => Read(began.Shard.Value));
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Props of the actor.</summary>
    public static Props Props(EvaluatorBlueprint blueprint) => Akka.Actor.Props.Create(() => new EvaluatorActor(blueprint));

    /// <inheritdoc />
    protected override void PreStart() =>
        Timers.StartPeriodicTimer(nameof(Retry), Retry.Instance, TimeSpan.FromSeconds(_blueprint.RetrySeconds));

    private void OnEvaluate(SnapshotProtocol.Evaluate evaluate)
    {
        if (evaluate.Step < _request?.Step)
        {
            return; // late: a newer snapshot has been asked for since
        }

        _trainer = Sender;
        WatchShards();
        if (_request == evaluate)
        {
            // Asked again: an answer was lost, or is still to come.
            if (_taken)
            {
                _blueprint.Probe.Reached(ProtocolState.SnapshotAskedForAgain);
                _trainer.Tell(new SnapshotProtocol.Taken(evaluate.Step));
            }

            // Whichever it was: metrics, or that there will be none.
            if (_answer is not null)
            {
                _trainer.Tell(_answer);
            }

            return;
        }

        _request = evaluate;
        _answer = null;
        _taken = false;
        Array.Clear(_parts);
        ReadMissing();
    }

    private void ReadMissing()
    {
        for (var shard = 0; shard < _parts.Length; shard++)
        {
            Read(shard);
        }
    }

    private void Read(int shard)
    {
        if (_request is not null && !_taken && _parts[shard] is null)
        {
            _blueprint.Shards[shard].Tell(new SnapshotProtocol.Read(new ShardId(shard), _request.Step));
        }
    }

    private void WatchShards()
    {
        if (!_watching && _blueprint.Contact is { } contact)
        {
            _watching = true;
            Context.ActorOf(contact(Self), "shard-contact");
        }
    }

    private void OnPart(SnapshotProtocol.Part part)
    {
        if (_request is null || _taken || part.Step != _request.Step || (uint)part.Shard.Value >= (uint)_parts.Length)
        {
            return;
        }

        _parts[part.Shard.Value] = part;
        if (_parts.Any(read => read is null))
        {
            return;
        }

        if (_parts.FirstOrDefault(read => read!.Applied != _request.Step || read.InFlight) is { } uneven)
        {
            _blueprint.Probe.Reached(ProtocolState.SnapshotLeftBehind);
            _trainer.Tell(new SnapshotProtocol.Failed(_request.Step,
                $"{uneven.Shard} was read at batch {uneven.Applied} instead "
                + $"of {_request.Step}{(uneven.InFlight ? " with others beyond it" : string.Empty)}: the snapshot is not a cut"));
            _request = null;
            Array.Clear(_parts);
            return;
        }

        _taken = true;
        _trainer.Tell(new SnapshotProtocol.Taken(_request.Step));
        _blueprint.Work.Run(Self, WorkKind.Evaluation, _blueprint.ScoredUsers, Score);
    }

    private SnapshotProtocol.Evaluated Score()
    {
        var snapshot = new ModelSnapshot(
            _request!.Step,
            RowOrder.Assemble(_blueprint.Layout.Users, _blueprint.Model.UserWidth, shard => _parts[shard]!.Users),
            RowOrder.Assemble(_blueprint.Layout.Items, _blueprint.Model.ItemWidth, shard => _parts[shard]!.Items));
        Array.Clear(_parts);
        return new SnapshotProtocol.Evaluated(_blueprint.Score(snapshot, _request.Epoch), snapshot);
    }

    private void OnScored(SnapshotProtocol.Evaluated evaluated)
    {
        if (evaluated.Report.Step == _request?.Step)
        {
            Answer(evaluated);
        }
    }

    /// <summary>Kept until the next request: what is told once may be lost.</summary>
    private void Answer(object answer)
    {
        _answer = answer;
        _trainer.Tell(answer);
    }

    /// <summary>A shard begins anew: what was asked of it before has not been heard, and is asked at once.</summary>
    /// <param name="Shard">Which shard.</param>
    public sealed record ShardBegan(ShardId Shard) : INoSerializationVerificationNeeded;

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }
}
