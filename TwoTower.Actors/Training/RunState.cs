using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>Losses, evaluations and times of a run as the trainer adds them up. Sums go in batch order, so they do not depend on who was first.</summary>
public sealed class RunState
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

            Evaluations.AddRange(resume.Evaluations);
        }
    }

    /// <summary>Mean loss of finished epochs.</summary>
    public IReadOnlyList<double> LossByEpoch => _lossByEpoch;

    /// <summary>Every evaluation's step and value of the deciding metric.</summary>
    public List<(long Step, double Value)> Evaluations { get; } = [];

    /// <summary>Worker ticks so far.</summary>
    public WorkerTimes Times { get; private set; }

    /// <summary>Examples applied in this process.</summary>
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

    /// <summary>Takes the report of a batch in, once.</summary>
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
        Times = new WorkerTimes(a.Pull + b.Pull, a.Gather + b.Gather, a.Gemm + b.Gemm, a.Softmax + b.Softmax, a.Gradient + b.Gradient, a.Push + b.Push);
    }

    /// <summary>Closes the first open epoch when all of its batches are in; epochs may overlap, but close in order.</summary>
    /// <param name="loss">Its mean loss.</param>
    public bool TryEndEpoch(out double loss)
    {
        loss = 0;
        if (!_open.TryGetValue(_lossByEpoch.Count, out var epoch) || epoch.Count < _plan.BatchesPerEpoch)
        {
            return false;
        }

        _open.Remove(_lossByEpoch.Count);
        foreach (var batch in epoch.Losses)
        {
            loss += batch;
        }

        loss /= _plan.Examples;
        _lossByEpoch.Add(loss);
        return true;
    }

    /// <summary>Losses of the unfinished epoch's batches up to a step at which no batch is in flight.</summary>
    public double[] BatchLossesAt(long step) =>
        step % _plan.BatchesPerEpoch == 0 ? [] : Open(_plan.EpochOf(step)).Losses.AsSpan(0, (int)(step % _plan.BatchesPerEpoch)).ToArray();

    private EpochLosses Open(int epoch)
    {
        if (!_open.TryGetValue(epoch, out var losses))
        {
            _open.Add(epoch, losses = new EpochLosses(_plan.BatchesPerEpoch));
        }

        return losses;
    }

    /// <summary>Loss sums of an epoch's batches, by their place in it.</summary>
    private sealed class EpochLosses(long batches)
    {
        public double[] Losses { get; } = new double[batches];

        public long Count { get; private set; }

        public void Add(long place, double loss)
        {
            Losses[place] = loss;
            Count++;
        }
    }
}
