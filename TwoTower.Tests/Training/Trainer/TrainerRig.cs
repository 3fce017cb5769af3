using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Sampling;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Training.Trainer;

/// <summary>How often what goes wrong around a trainer.</summary>
internal sealed record Trouble
{
    public double Loss { get; init; }

    public double Duplication { get; init; }

    public double TrainerCrash { get; init; }

    public double WorkerCrash { get; init; }

    public double EvaluatorCrash { get; init; }

    /// <summary>Deliveries after which nothing goes wrong any more.</summary>
    public int Until { get; init; } = 2000;
}

/// <summary>A trainer's state with workers, shards and an evaluator that are a few lines each, on one thread. Messages lie in a bag and are
/// taken from it at random: late, doubled, lost and overtaken.</summary>
internal sealed class TrainerRig
{
    private readonly Random _random;
    private readonly Trouble _trouble;
    private readonly TrainerSettings _settings;
    private readonly List<(string To, string From, object Message)> _bag = [];
    private readonly RigWorker[] _workers;
    private readonly RigShard[] _shards;
    private readonly Dictionary<int, string> _met = [];
    private readonly Dictionary<long, HashSet<(WorkerId Worker, long Birth)>> _holders = [];
    private SnapshotProtocol.Evaluate? _evaluating;
    private TrainerState _state;
    private long _births;
    private double _now;

    public TrainerRig(TrainerSettings settings, int seed, Trouble trouble)
    {
        (_settings, _random, _trouble) = (settings, new Random(seed), trouble);
        _workers = [.. Enumerable.Range(0, settings.Options.Workers)
            .Select(worker => new RigWorker(new WorkerId(worker), settings.Shards))];
        _shards = [.. Enumerable.Range(0, settings.Shards).Select(shard => new RigShard(new ShardId(shard)))];
        _state = new TrainerState(settings, []);
        Feed(TrainerInput.Tick.Instance, string.Empty);
        foreach (var worker in _workers)
        {
            worker.Join(++_births, Send);
        }
    }

    public List<JournalEntry> Journal { get; private set; } = [];

    public int Crashes { get; private set; }

    public int Delivered { get; private set; }

    public TrainerRecord Record => _state.Record;

    public ShardImages? Finished { get; private set; }

    public List<string> Notices { get; } = [];

    private bool Calm => Delivered > _trouble.Until;

    /// <summary>Until the run is over.</summary>
    public TrainerRig Run()
    {
        while (Finished is null)
        {
            if (++Delivered > _trouble.Until + 300_000)
            {
                throw new InvalidOperationException(
                    $"Nothing goes on: {_state.Phase} at batch {_state.Completed}, limit {Record.Until}, {Record}.");
            }

            _now += 0.01;
            if (_bag.Count == 0 || _random.Next(40) == 0)
            {
                Feed(TrainerInput.Tick.Instance, string.Empty);
                Array.ForEach(_workers, worker => worker.Retry(Send));
            }
            else
            {
                Deliver();
            }

            if (!Calm && _random.NextDouble() < _trouble.TrainerCrash)
            {
                CrashTrainer(written: true);
            }

            if (!Calm && _random.NextDouble() < _trouble.WorkerCrash)
            {
                var worker = _workers[_random.Next(_workers.Length)];
                worker.Join(++_births, Send);
                Feed(new TrainerInput.WorkerLost(worker.Id), string.Empty);
            }

            if (!Calm && _random.NextDouble() < _trouble.EvaluatorCrash)
            {
                _evaluating = null;
                _bag.RemoveAll(message => message.From == "evaluator");
            }
        }

        return this;
    }

    private void Deliver()
    {
        var at = _random.Next(_bag.Count);
        var (to, from, message) = _bag[at];
        (_bag[at], _bag[^1]) = (_bag[^1], _bag[at]);
        if (Calm || _random.NextDouble() >= _trouble.Duplication)
        {
            _bag.RemoveAt(_bag.Count - 1);
        }

        if (!Calm && from != "disk" && _random.NextDouble() < _trouble.Loss)
        {
            return;
        }

        switch (to[0])
        {
            case 't': Feed(message, from); break;
            case 'w': _workers[int.Parse(to[1..], null)].Receive(message, Send, () => ++_births); break;
            case 's': _shards[int.Parse(to[1..], null)].Receive(message, from, Send); break;
            default: Evaluate((SnapshotProtocol.Evaluate)message); break;
        }
    }

    private void Send(string to, string from, object message) => _bag.Add((to, from, message));

    private void Feed(object input, string from)
    {
        var decision = _state.Decide(input, _now);
        var (entries, effects) = (decision.Entries.ToArray(), decision.Effects.ToArray());
        if (!Calm && entries.Length > 0 && _random.NextDouble() < _trouble.TrainerCrash)
        {
            // The trainer dies with some of what it decided written down, and nothing of it told.
            Journal.AddRange(entries[.._random.Next(entries.Length + 1)]);
            CrashTrainer(written: false);
            return;
        }

        Journal.AddRange(entries);
        foreach (var effect in effects)
        {
            CarryOut(effect, from);
        }
    }

    private void CarryOut(TrainerEffect effect, string from)
    {
        switch (effect)
        {
            case TrainerEffect.Reply reply: Tell(from, reply.Message); break;
            case TrainerEffect.Meet meet: _met[meet.Worker.Value] = from; break;
            case TrainerEffect.Part part: _met.Remove(part.Worker.Value); break;
            case TrainerEffect.ToWorker told: Tell(_met[told.Worker.Value], told.Message); break;
            case TrainerEffect.ToShard told: Tell($"s{told.Message.Shard.Value}", told.Message); break;
            case TrainerEffect.ToEvaluator told: Tell("evaluator", told.Message); break;
            case TrainerEffect.Rank rank:
                Send("trainer", "disk",
                new TrainerInput.SnapshotRanked(rank.Evaluated, new RankedNegatives(rank.Evaluated.Report.Step, 1, [0]))); break;
            case TrainerEffect.Save save: Send("trainer", "disk", new TrainerInput.CheckpointSaved(save.Content.Images.Step)); break;
            case TrainerEffect.Show { Event: TrainingEvent.Notice notice }: Notices.Add(notice.Text); break;
            case TrainerEffect.Finish finish: Finished = finish.Images; break;
            case TrainerEffect.Fail fail: throw new InvalidOperationException($"The run has failed: {fail.Reason}");
        }
    }

    private void Tell(string to, object message)
    {
        if (message is LeaseProtocol.LeaseGranted { Lease.RoundSize: > 0 } granted)
        {
            CheckThatNobodyElseMayPush(granted.Lease.Batch.Number, granted.Worker, granted.Birth);
        }
        else if (message is LeaseProtocol.OfferAccepted accepted)
        {
            CheckThatNobodyElseMayPush(accepted.Lease.Batch.Number, accepted.Worker, accepted.Birth);
        }

        Send(to, "trainer", message);
    }

    /// <summary>A batch is a worker's to push only when every shard refuses those whose it was before.</summary>
    private void CheckThatNobodyElseMayPush(long batch, WorkerId to, long life)
    {
        var holders = _holders.TryGetValue(batch, out var known) ? known : _holders[batch] = [];
        foreach (var (worker, birth) in holders.Where(holder => holder != (to, life)))
        {
            Assert.All(_shards, shard => Assert.True(
                shard.Refuses(worker, birth) || Record.Completed.Contains(batch),
                $"{to} is given batch {batch}, and {shard.Id} would take it from {worker} of life {birth} as well"));
        }

        holders.Add((to, life));
    }

    private void CrashTrainer(bool written)
    {
        Crashes++;
        var before = WireMessages.Describe(Record.Condense());
        _bag.RemoveAll(message => message.From == "disk");
        if (_random.Next(4) == 0)
        {
            Journal = [.. Fold(_settings, Journal).Condense()];
        }

        _met.Clear();
        _state = new TrainerState(_settings, Journal);
        if (written)
        {
            Assert.Equal(before, WireMessages.Describe(Record.Condense()));
        }

        Feed(TrainerInput.Tick.Instance, string.Empty);
    }

    public static TrainerRecord Fold(TrainerSettings settings, IEnumerable<JournalEntry> journal)
    {
        var record = new TrainerRecord(settings.Epochs, settings.Options);
        foreach (var entry in journal)
        {
            record.Apply(entry);
        }

        return record;
    }

    private void Evaluate(SnapshotProtocol.Evaluate request)
    {
        var answered = _evaluating?.Step >= request.Step;
        if (!answered && !_shards.All(shard => shard.IsAt(request.Step)))
        {
            Send("trainer", "evaluator", new SnapshotProtocol.Failed(request.Step, "the snapshot is not a cut"));
            return;
        }

        _evaluating = _evaluating?.Step > request.Step ? _evaluating : request;
        if (_evaluating.Step == request.Step)
        {
            Send("trainer", "evaluator", new SnapshotProtocol.Taken(request.Step));
            Send("trainer", "evaluator", new SnapshotProtocol.Evaluated(ReportAt(request.Step, request.Epoch),
                new ModelSnapshot(request.Step, [request.Step], [2])));
        }
    }

    /// <summary>Metrics that are a function of the step, up and down.</summary>
    private static EvaluationReport ReportAt(long step, double epoch)
    {
        var value = 0.5 + (0.4 * Math.Sin(step * 1.7));
        RankingResult Result(RankingProtocol protocol) => new(protocol, [1], new Dictionary<string, double[]> { ["recall@10"] = [value] },
            new Dictionary<int, double> { [10] = 0.5 });
        return new EvaluationReport(epoch, step, Result(RankingProtocol.Masked), Result(RankingProtocol.Raw), 0.5);
    }
}
