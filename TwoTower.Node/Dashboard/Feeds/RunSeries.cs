using TwoTower.Node.Telemetry;

namespace TwoTower.Node.Dashboard.Feeds;

/// <summary>What the events of a run add up to, as columns. Not safe for several threads.</summary>
internal sealed class RunSeries
{
    /// <summary>Buckets that a long run is cut into for a page: a chart has hardly more pixels.</summary>
    public const int Buckets = 400;

    /// <summary>Notices that a page is sent; the latest ones count.</summary>
    private const int MostNotices = 500;

    private readonly List<long> _batches = [], _examples = [];
    private readonly List<double> _wall = [];
    private readonly List<double?> _virtual = [], _loss = [], _rate = [], _staleness = [];
    private readonly WorkerLanes _lanes = new();
    private readonly List<EpochPoint> _epochs = [];
    private readonly List<EvaluationPoint> _evaluations = [];
    private readonly List<NoticePoint> _notices = [];
    private (double Wall, double? Virtual) _before;
    private int _takenBack;
    private RunEvent.Begin? _begin;
    private RunEvent.Progress? _latest;
    private RunEvent.Staleness? _histograms;
    private RunEvent.Members? _members;

    /// <summary>How much there is so far, for <see cref="Since"/>.</summary>
    public Mark End => new(_takenBack, _batches.Count, _epochs.Count, _evaluations.Count, _notices.Count, _begin, _histograms, _members);

    /// <summary>How much of a series somebody has.</summary>
    public readonly record struct Mark(int TakenBack, int Progress, int Epochs, int Evaluations, int Notices, RunEvent? Begin,
        RunEvent? Histograms, RunEvent? Members);

    /// <summary>Takes an event in.</summary>
    public void Add(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Begin begin:
                TakeBack(begin.FromBatch ?? long.MaxValue);
                // Seconds begin anew with every process; the axis of a chart does not.
                _before = (_wall.LastOrDefault(), _virtual.LastOrDefault());
                _begin = begin;
                (_latest, _histograms, _members) = (null, null, null);
                break;
            case RunEvent.Progress progress:
                var at = PlaceOf(progress) with { Examples = progress.Examples };
                _batches.Add(at.Batches);
                _examples.Add(at.Examples);
                _wall.Add(at.Wall);
                _virtual.Add(at.Virtual);
                _loss.Add(progress.Loss);
                // an epoch whose first batch is not done has no rate yet
                _rate.Add(progress.ExamplesPerSecond is 0 ? null : progress.ExamplesPerSecond);
                _staleness.Add(progress.MeanStaleness);
                _lanes.Add(progress.Workers);
                _latest = progress;
                break;
            case RunEvent.Staleness staleness:
                _histograms = staleness;
                break;
            case RunEvent.Epoch epoch:
                _epochs.Add(new EpochPoint(PlaceOf(epoch), epoch.Number, epoch.Loss, epoch.ExamplesPerSecond, epoch.MeanStaleness));
                break;
            case RunEvent.Evaluation evaluation:
                _evaluations.Add(new EvaluationPoint(
                    PlaceOf(evaluation), evaluation.AfterEpochs, evaluation.Best, Finite(evaluation.Metrics),
                    evaluation.Interval.Where(pair => pair.Value.All(double.IsFinite)).ToDictionary()));
                break;
            case RunEvent.Notice notice:
                _notices.Add(new NoticePoint(PlaceOf(notice), notice.Kind, notice.Text));
                break;
            case RunEvent.Members members:
                _members = members;
                break;
        }
    }

    /// <summary>All of it, in few points.</summary>
    /// <param name="status">What has become of the run.</param>
    public RunView Whole(string status)
    {
        var kept = Downsampling.Rows(_batches.Count, Buckets, _loss, _rate, _staleness);
        var thinned = kept.Count < _batches.Count;
        return View(status, true, new Mark()) with
        {
            Progress = Columns(kept) with
            {
                LossMeans = thinned ? Downsampling.Means(_loss, kept, Buckets) : null,
                RateMeans = thinned ? Downsampling.Means(_rate, kept, Buckets) : null,
            },
            Lanes = Lanes(0, Buckets),
            Evaluations = FewEvaluations(),
        };
    }

    /// <summary>All of it with every line of progress and every evaluation, for a file.</summary>
    /// <param name="status">What has become of the run.</param>
    public RunView Everything(string status) => View(status, true, new Mark()) with { Progress = AllProgress(), Lanes = Lanes(0, Buckets) };

    /// <summary>What has come since a mark, every point of it; null when nothing has. All of it where a resume has
    /// taken back some of what was there.</summary>
    public RunView? Since(Mark mark, string status)
    {
        if (mark == End)
        {
            return null;
        }

        if (mark.TakenBack != _takenBack)
        {
            return Whole(status);
        }

        var more = _batches.Count > mark.Progress;
        return View(status, false, mark) with
        {
            Progress = more ? Columns([.. Enumerable.Range(mark.Progress, _batches.Count - mark.Progress)]) : null,
            Lanes = more ? Lanes(mark.Progress, int.MaxValue) : null,
        };
    }

    /// <summary>Every progress line, for a file.</summary>
    public ProgressColumns AllProgress() => Columns([.. Enumerable.Range(0, _batches.Count)]);

    /// <summary>A run that goes on from its checkpoint does again what it had done after it.</summary>
    private void TakeBack(long batch)
    {
        var (points, row) = (Points, _batches.FindIndex(batches => batches > batch));
        if (row >= 0)
        {
            _batches.RemoveRange(row, _batches.Count - row);
            _examples.RemoveRange(row, _examples.Count - row);
            _wall.RemoveRange(row, _wall.Count - row);
            foreach (var column in new[] { _virtual, _loss, _rate, _staleness })
            {
                column.RemoveRange(row, column.Count - row);
            }

            _lanes.TakeBack(row);
        }

        _epochs.RemoveAll(epoch => epoch.At.Batches > batch);
        _evaluations.RemoveAll(evaluation => evaluation.At.Batches > batch);
        _notices.RemoveAll(notice => notice.At.Batches > batch);
        _takenBack += Points < points ? 1 : 0;
    }

    /// <summary>Of very many the extremes of the deciding metric, and the best, which a page names.</summary>
    private IReadOnlyList<EvaluationPoint> FewEvaluations()
    {
        var metric = _begin?.Metric is { } deciding && _evaluations.Any(evaluation => evaluation.Metrics.ContainsKey(deciding))
            ? deciding : _evaluations.SelectMany(evaluation => evaluation.Metrics.Keys).FirstOrDefault(string.Empty);
        double?[] values =
            [.. _evaluations.Select(evaluation => evaluation.Metrics.TryGetValue(metric, out var value) ? value : (double?)null)];
        var best = _evaluations.FindLastIndex(evaluation => evaluation.Best);
        return [.. Downsampling.Rows(values.Length, Buckets, values).Append(best).Where(row => row >= 0).Distinct().Order()
            .Select(row => _evaluations[row])];
    }

    private int Points => _batches.Count + _epochs.Count + _evaluations.Count + _notices.Count;

    private RunView View(string status, bool whole, Mark mark) => new()
    {
        Whole = whole,
        Status = status,
        Begin = whole || _begin != mark.Begin ? _begin : null,
        Epochs = _epochs[mark.Epochs..],
        Evaluations = _evaluations[mark.Evaluations..],
        Notices = [.. _notices.Skip(Math.Max(mark.Notices, _notices.Count - MostNotices))],
        NoticeCount = _notices.Count,
        Time = _latest?.Time,
        Workers = _latest?.Workers,
        Shards = _latest?.Shards,
        Histograms = whole || _histograms != mark.Histograms ? _histograms?.Histograms : null,
        Members = whole || _members != mark.Members ? _members : null,
    };

    private ProgressColumns Columns(IReadOnlyList<int> rows)
    {
        T[] Of<T>(List<T> column) => [.. rows.Select(row => column[row])];
        return new ProgressColumns(Of(_batches), Of(_examples), Of(_wall), Virtual(rows), Of(_loss), Of(_rate), Of(_staleness));
    }

    private LaneColumns? Lanes(int from, int most)
    {
        if (_lanes.IsEmpty)
        {
            return null;
        }

        var rows = _batches.Count - from;
        var buckets = Math.Min(most, rows);
        var starts = Enumerable.Range(0, buckets).Select(bucket => from + Downsampling.Bounds(rows, buckets, bucket).From).ToArray();
        return new LaneColumns(
            [.. starts.Select(row => _batches[row])], [.. starts.Select(row => _examples[row])], [.. starts.Select(row => _wall[row])],
            Virtual(starts), _lanes.Cells(from, rows, buckets));
    }

    private double[]? Virtual(IReadOnlyList<int> rows) => rows.Count > 0 && rows.All(row => _virtual[row] is not null)
        ? [.. rows.Select(row => _virtual[row]!.Value)] : null;

    private Place PlaceOf(RunEvent happened)
    {
        var batches = happened.Batches ?? _batches.LastOrDefault();
        var examples = _begin is { BatchesPerEpoch: > 0 } begin
            ? (long)Math.Round((double)batches * begin.TrainPositives / begin.BatchesPerEpoch) : 0;
        return new Place(batches, examples, Math.Round(_before.Wall + (happened.Wall ?? 0), 3), happened.Virtual is { } seconds
            ? seconds + (_before.Virtual ?? 0) : null);
    }

    private static Dictionary<string, double> Finite(IReadOnlyDictionary<string, double> values) =>
        values.Where(pair => double.IsFinite(pair.Value)).ToDictionary();
}
