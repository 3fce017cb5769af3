using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>Losses, evaluations and times of a run as the trainer adds them up. Sums go in batch order, so they do not depend on who was first.</summary>
public sealed class RunState
{
    private readonly EpochPlan _plan;
    private readonly double[] _batchLoss;
    private readonly List<double> _lossByEpoch = [];

    /// <summary>A fresh run, or one that goes on from a checkpoint.</summary>
    public RunState(EpochPlan plan, TrainingCheckpoint? resume)
    {
        _plan = plan;
        _batchLoss = new double[plan.BatchesPerEpoch];
        if (resume is not null)
        {
            _lossByEpoch.AddRange(resume.LossByEpoch);
            resume.BatchLosses.ToArray().CopyTo(_batchLoss, 0);
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
        _batchLoss[report.Batch.Number % _plan.BatchesPerEpoch] = report.Loss.LossSum;
        LatestLoss = report.Loss.LossSum / report.Examples;
        Examples += report.Examples;
        MaskedPairs += report.Loss.MaskedPairs;
        Pairs += report.Loss.Pairs;
        StaleRows += report.StaleRows;
        StalenessSum += report.StalenessSum;
        var (a, b) = (Times, report.Times);
        Times = new WorkerTimes(a.Pull + b.Pull, a.Gather + b.Gather, a.Gemm + b.Gemm, a.Softmax + b.Softmax, a.Gradient + b.Gradient, a.Push + b.Push);
    }

    /// <summary>Closes the epoch and returns its mean loss.</summary>
    public double EndEpoch()
    {
        var sum = 0.0;
        foreach (var loss in _batchLoss)
        {
            sum += loss;
        }

        _lossByEpoch.Add(sum / _plan.Examples);
        return _lossByEpoch[^1];
    }

    /// <summary>Losses of the unfinished epoch's batches up to a step.</summary>
    public double[] BatchLossesAt(long step) => _batchLoss.AsSpan(0, (int)(step % _plan.BatchesPerEpoch)).ToArray();
}
