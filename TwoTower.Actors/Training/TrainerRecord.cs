using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

/// <summary>All that a trainer must still know after a crash: the entries of its journal, applied in order. There is no other way to change
/// it, so a trainer that reads its journal again has the same.</summary>
internal sealed class TrainerRecord
{
    private readonly EpochPlan _epochs;
    private readonly TrainingOptions _options;
    private readonly SortedDictionary<int, long> _births = [];
    private readonly List<Lease> _accepted = [];
    private readonly List<EvaluationReport> _reports = [];
    private readonly List<(long Step, double Value)> _evaluations = [];
    private double _bestValue = double.NegativeInfinity;

    /// <summary>A run of which nothing has been written down: a fresh one, or one that goes on from a checkpoint.</summary>
    /// <param name="epochs">How the run is cut into batches.</param>
    /// <param name="options">The settings.</param>
    /// <param name="resume">The checkpoint, or null.</param>
    /// <param name="restoredBest">Report of the checkpoint's best snapshot, or null.</param>
    public TrainerRecord(EpochPlan epochs, TrainingOptions options, TrainingCheckpoint? resume = null,
        EvaluationReport? restoredBest = null)
    {
        (_epochs, _options) = (epochs, options);
        Run = new RunState(epochs, resume);
        Completed = new BatchSet(resume?.Step ?? 0);
        Until = TakenAt = resume?.Step ?? 0;
        if (resume is null)
        {
            return;
        }

        _evaluations.AddRange(resume.Evaluations);
        _bestValue = _evaluations.Select(evaluation => evaluation.Value).Append(_bestValue).Max();
        if (resume.BestTensors is { } best)
        {
            BestSnapshot = new ModelSnapshot(restoredBest?.Step ?? 0, best["user"], best["item"]);
            BestReport = restoredBest;
        }

        Ranking = resume.Ranking;
    }

    /// <summary>Whether nothing has been written down.</summary>
    public bool IsNew { get; private set; } = true;

    /// <summary>The last life of every worker that has ever joined.</summary>
    public IReadOnlyDictionary<int, long> Births => _births;

    /// <summary>When all workers had joined (seconds); null before that.</summary>
    public double? StartedAt { get; private set; }

    /// <summary>Whether a clean stop has been asked for.</summary>
    public bool StopAsked { get; private set; }

    /// <summary>Batches that every shard has applied.</summary>
    public BatchSet Completed { get; private set; }

    /// <summary>With backup workers: the leases accepted into the open round, in order.</summary>
    public IReadOnlyList<Lease> Accepted => _accepted;

    /// <summary>The step at which training pauses; null when it does not.</summary>
    public long? Boundary { get; private set; }

    /// <summary>No batch from this one on has been leased.</summary>
    public long Until { get; private set; }

    /// <summary>Step at which training last went on; −1 before it began.</summary>
    public long LeftAt { get; private set; } = -1;

    /// <summary>Step of the last snapshot that was read whole.</summary>
    public long TakenAt { get; private set; }

    /// <summary>A snapshot that has been read whole and whose metrics are to come.</summary>
    public SnapshotProtocol.Evaluate? Scoring { get; private set; }

    /// <summary>Step of a checkpoint that was to be written when training went on; null when there is none.</summary>
    public long? Unsaved { get; private set; }

    /// <summary>Step of the last checkpoint that was written; −1 when there is none.</summary>
    public long SavedAt { get; private set; } = -1;

    /// <summary>Losses and sums.</summary>
    public RunState Run { get; private set; }

    /// <summary>The last snapshot's ranking; null where none is drawn from.</summary>
    public RankedNegatives? Ranking { get; private set; }

    /// <summary>Evaluations since the run began or was resumed, in order.</summary>
    public IReadOnlyList<EvaluationReport> Reports => _reports;

    /// <summary>Step and deciding value of every evaluation, those before a resumption too.</summary>
    public IReadOnlyList<(long Step, double Value)> Evaluations => _evaluations;

    /// <summary>The best evaluation; null before the first.</summary>
    public EvaluationReport? BestReport { get; private set; }

    /// <summary>Its raw parameters.</summary>
    public ModelSnapshot? BestSnapshot { get; private set; }

    /// <summary>The first worker id that no worker of a journal had.</summary>
    public static int FirstWorker(IEnumerable<JournalEntry> journal) => 1 + journal.SelectMany(entry => entry switch
    {
        JournalEntry.Joined joined => [joined.Worker.Value],
        JournalEntry.Condensed condensed => condensed.Totals.Births.Select(birth => birth.Worker),
        _ => (IEnumerable<int>)[],
    }).DefaultIfEmpty(-1).Max();

    /// <summary>Whether an evaluation would be the best so far.</summary>
    public bool IsBest(EvaluationReport report) => report.ValueFor(_options) > _bestValue;

    /// <summary>Whether patience has run out at a boundary. Only evaluations of earlier ones count: whether this one's has arrived depends
    /// on how fast the evaluator is.</summary>
    public bool StopsEarlyAt(long step)
    {
        var stopping = new EarlyStopping(_options.Patience, _options.MinDelta);
        foreach (var (at, value) in _evaluations)
        {
            if (at < step)
            {
                stopping.Observe(value);
            }
        }

        return stopping.ShouldStop;
    }

    /// <summary>Something has happened.</summary>
    public void Apply(JournalEntry entry)
    {
        IsNew = false;
        switch (entry)
        {
            case JournalEntry.Joined joined:
                _births[joined.Worker.Value] = joined.Birth;
                break;
            case JournalEntry.Started started:
                StartedAt = started.At;
                break;
            case JournalEntry.Accepted accepted:
                _accepted.Add(accepted.Lease);
                break;
            case JournalEntry.Completed completed when Completed.Add(completed.Report.Batch.Number):
                Run.Record(completed.Report);
                CloseRound();
                break;
            case JournalEntry.Reached reached:
                Boundary = reached.Step;
                break;
            case JournalEntry.Taken taken:
                (Scoring, TakenAt) = (taken.Request, taken.Request.Step);
                break;
            case JournalEntry.EvaluationLost:
                Scoring = null;
                break;
            case JournalEntry.Ranked ranked:
                Ranking = ranked.Ranking;
                break;
            case JournalEntry.Evaluated evaluated:
                Take(evaluated);
                break;
            case JournalEntry.Left left:
                (Boundary, LeftAt, Until, Unsaved) = (null, left.Step, left.Until, left.Unsaved ? left.Step : Unsaved);
                break;
            case JournalEntry.Saved saved:
                SavedAt = saved.Step;
                Unsaved = Unsaved == saved.Step ? null : Unsaved;
                break;
            case JournalEntry.StopAsked:
                StopAsked = true;
                break;
            case JournalEntry.Condensed condensed:
                Take(condensed.Totals);
                break;
        }
    }

    /// <summary>Fewer entries that come to the same, in arrays of their own where the record's may change.</summary>
    public IReadOnlyList<JournalEntry> Condense() =>
    [
        new JournalEntry.Condensed(new TrainerTotals(
            [.. _births.Select(birth => (birth.Key, birth.Value))], StartedAt, StopAsked, Completed.Frontier, Completed.Above,
            [.. _accepted], Boundary, LeftAt, Until, TakenAt, Unsaved, SavedAt, Run.Totals)),
        .. Ranking is null ? (JournalEntry[])[] : [new JournalEntry.Ranked(Ranking)],
        .. _reports.Select(report => new JournalEntry.Evaluated(report, report == BestReport ? BestSnapshot : null)),
        .. Scoring is null ? (JournalEntry[])[] : [new JournalEntry.Taken(Scoring)],
    ];

    private void Take(JournalEntry.Evaluated evaluated)
    {
        Scoring = null;
        var value = evaluated.Report.ValueFor(_options);
        if (value > _bestValue)
        {
            (_bestValue, BestReport, BestSnapshot) = (value, evaluated.Report, evaluated.Best);
        }

        _reports.Add(evaluated.Report);
        _evaluations.Add((evaluated.Report.Step, value));
    }

    private void Take(TrainerTotals totals)
    {
        _births.Clear();
        foreach (var (worker, birth) in totals.Births)
        {
            _births[worker] = birth;
        }

        _accepted.Clear();
        _accepted.AddRange(totals.Accepted);
        Completed = new BatchSet(totals.Frontier, totals.Above);
        Run = new RunState(_epochs, totals.Run);
        (StartedAt, StopAsked, Boundary, LeftAt, Until, TakenAt, Unsaved, SavedAt) =
            (totals.StartedAt, totals.StopAsked, totals.Boundary, totals.LeftAt, totals.Until, totals.TakenAt, totals.Unsaved,
                totals.SavedAt);
    }

    /// <summary>A round is over when every shard has applied all of it.</summary>
    private void CloseRound()
    {
        if (_accepted.Count > 0 && _accepted.Count == _accepted[0].RoundSize
            && _accepted.TrueForAll(lease => Completed.Contains(lease.Batch.Number)))
        {
            _accepted.Clear();
        }
    }
}
