using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>Losses and times of a run as the trainer adds them up. Losses are summed in batch order, so they
/// do not depend on who was first.</summary>
internal sealed class RunState
{
    private readonly EpochPlan _plan;
    private readonly SortedDictionary<int, EpochLosses> _open = [];
    private readonly List<double> _lossByEpoch = [];

    /// <summary>A fresh run, or one that goes on from a checkpoint.</summary>
    public RunState(EpochPlan plan, TrainingCheckpoint? resume)
    {
        _plan = plan;
        if (resume is not null)
        {
            _lossByEpoch.AddRange(resume.LossByEpoch);
            for (var batch = 0; batch < resume.BatchLosses.Count; batch++)
            {
                Open(_lossByEpoch.Count).Add(batch, resume.BatchLosses[batch]);
            }
        }
    }

    /// <summary>A run that goes on from what another had added up.</summary>
    public RunState(EpochPlan plan, RunTotals totals)
    {
        _plan = plan;
        _lossByEpoch.AddRange(totals.LossByEpoch);
        foreach (var (epoch, count, losses) in totals.Open)
        {
            _open.Add(epoch, new EpochLosses((double[])losses.Clone(), count));
        }

        (Examples, MaskedPairs, Pairs, StaleRows, StalenessSum, LatestLoss, Times) =
            (totals.Examples, totals.MaskedPairs, totals.Pairs, totals.StaleRows, totals.StalenessSum, totals.LatestLoss, totals.Times);
    }

    /// <summary>Mean loss of finished epochs.</summary>
    public IReadOnlyList<double> LossByEpoch => _lossByEpoch;

    /// <summary>Worker ticks so far.</summary>
    public WorkerTimes Times { get; private set; }

    /// <summary>Examples applied since the run began or was resumed.</summary>
    public long Examples { get; private set; }

    /// <summary>Masked (example, negative) pairs.</summary>
    public long MaskedPairs { get; private set; }

    /// <summary>All (example, negative) pairs.</summary>
    public long Pairs { get; private set; }

    /// <summary>Rows pushed.</summary>
    public long StaleRows { get; private set; }

    /// <summary>Σ τ over them.</summary>
    public long StalenessSum { get; private set; }

    /// <summary>Mean loss per example of the last batch reported.</summary>
    public double LatestLoss { get; private set; }

    /// <summary>Everything, in arrays of its own.</summary>
    public RunTotals Totals => new(
        [.. _lossByEpoch], [.. _open.Select(epoch => (epoch.Key, epoch.Value.Count, (double[])epoch.Value.Losses.Clone()))], Examples,
        MaskedPairs, Pairs, StaleRows, StalenessSum, LatestLoss, Times);

    /// <summary>Takes the report of a batch in, once, and closes every epoch whose batches are all in; epochs
    /// may overlap, but close in order.</summary>
    public void Record(BatchReport report)
    {
        Open(_plan.EpochOf(report.Batch.Number)).Add(report.Batch.Number % _plan.BatchesPerEpoch, report.Loss.LossSum);
        LatestLoss = report.Loss.LossSum / report.Examples;
        Examples += report.Examples;
        MaskedPairs += report.Loss.MaskedPairs;
        Pairs += report.Loss.Pairs;
        StaleRows += report.StaleRows;
        StalenessSum += report.StalenessSum;
        var (a, b) = (Times, report.Times);
        Times = new WorkerTimes(a.Pull + b.Pull, a.Gather + b.Gather, a.Gemm + b.Gemm, a.Softmax + b.Softmax, a.Gradient + b.Gradient,
            a.Push + b.Push);
        while (_open.TryGetValue(_lossByEpoch.Count, out var epoch) && epoch.Count == _plan.BatchesPerEpoch)
        {
            Close(epoch);
        }
    }

    /// <summary>Losses of the unfinished epoch's batches up to a step at which no batch is in flight.</summary>
    public double[] BatchLossesAt(long step) =>
        step % _plan.BatchesPerEpoch == 0 ? [] : Open(_plan.EpochOf(step)).Losses.AsSpan(0, (int)(step % _plan.BatchesPerEpoch)).ToArray();

    private void Close(EpochLosses epoch)
    {
        _open.Remove(_lossByEpoch.Count);
        var loss = 0.0;
        foreach (var batch in epoch.Losses)
        {
            loss += batch;
        }

        _lossByEpoch.Add(loss / _plan.Examples);
    }

    private EpochLosses Open(int epoch)
    {
        if (!_open.TryGetValue(epoch, out var losses))
        {
            _open.Add(epoch, losses = new EpochLosses(new double[_plan.BatchesPerEpoch], 0));
        }

        return losses;
    }

    /// <summary>Loss sums of an epoch's batches, by their place in it.</summary>
    private sealed class EpochLosses(double[] losses, long count)
    {
        public double[] Losses => losses;

        public long Count { get; private set; } = count;

        public void Add(long place, double loss)
        {
            losses[place] = loss;
            Count++;
        }
    }
}
