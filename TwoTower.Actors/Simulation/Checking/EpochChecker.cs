using System.Collections;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 6: an epoch is conserved. The leases that were completed cover every position of an epoch's order once, before
/// anything is evaluated that claims it. (Epochs with nothing due between them may overlap.)</summary>
internal sealed class EpochChecker : InvariantChecker
{
    private readonly int _examples;
    private readonly Dictionary<int, Epoch> _epochs = [];
    private readonly Dictionary<long, Lease> _leases = [];
    private readonly Dictionary<(WorkerId Worker, long Birth, long Ordinal), BatchReport> _reported = [];
    private readonly SortedDictionary<long, BatchReport> _perhaps = [];
    private readonly HashSet<(WorkerId Worker, long Birth, long Ordinal)> _granted = [];
    private readonly NumberSet _recorded;
    private int _whole;

    /// <summary>A checker of a run.</summary>
    /// <param name="examples">Examples per epoch.</param>
    /// <param name="firstBatch">Batches done before the run began.</param>
    /// <param name="firstEpoch">The epoch it begins in.</param>
    /// <param name="firstPosition">Positions of that epoch's order done before.</param>
    /// <param name="seed">The world's seed.</param>
    public EpochChecker(int examples, long firstBatch, int firstEpoch, int firstPosition, long seed)
        : base("every example is leased to completion once per epoch", seed)
    {
        _examples = examples;
        _recorded = new NumberSet(firstBatch);
        _whole = firstEpoch;
        if (firstPosition > 0)
        {
            var begun = At(firstEpoch);
            for (var position = 0; position < firstPosition; position++)
            {
                begun.Cover(position);
            }
        }
    }

    /// <inheritdoc />
    public override void Delivered(double now, in Crossing crossing)
    {
        if (crossing.Message is LeaseProtocol.Completed completed)
        {
            _reported[(completed.Worker, completed.Birth, completed.Ordinal)] = completed.Report;
            _granted.Remove((completed.Worker, completed.Birth, completed.Ordinal));
        }
    }

    /// <summary>A trainer that dies may have written down what was reported to it and told nobody. It has
    /// when it does not lease that again.</summary>
    public override void Fault(double now, NodeId? node, string what)
    {
        if (node == NodeId.Trainer && what == "crash")
        {
            foreach (var report in _reported.Values.Where(report => !_recorded.Contains(report.Batch.Number)))
            {
                _perhaps[report.Batch.Number] = report;
            }

            _reported.Clear();
            _granted.Clear();
        }
    }

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case LeaseProtocol.LeaseGranted granted:
                OnGranted(now, crossing, granted);
                break;
            case LeaseProtocol.CompletionRecorded recorded
                when _reported.Remove((recorded.Worker, recorded.Birth, recorded.Ordinal), out var report):
                OnRecorded(now, crossing, report);
                break;
            case SnapshotProtocol.Evaluate evaluate when evaluate.Epoch == Math.Floor(evaluate.Epoch):
                RequireWhole(now, crossing, (int)evaluate.Epoch);
                break;
        }
    }

    /// <inheritdoc />
    public override void Ended(double now, TrainingOutcome outcome)
    {
        TakeWritten(now, default, outcome.LossByEpoch.Count);
        if (outcome.LossByEpoch.Count > _whole)
        {
            throw Violation(now,
                $"training has ended after {outcome.LossByEpoch.Count} epochs, and "
                + $"epoch {_whole} has {(_epochs.TryGetValue(_whole, out var epoch) ? epoch.Covered : 0)} of {_examples} examples completed", "all of them, each once");
        }
    }

    private void OnGranted(double now, in Crossing crossing, LeaseProtocol.LeaseGranted granted)
    {
        var (lease, request) = (granted.Lease, (granted.Worker, granted.Birth, granted.Ordinal));
        if (_recorded.Contains(lease.Batch.Number))
        {
            if (!_granted.Contains(request))
            {
                throw Violation(now, crossing,
                    $"batch {lease.Batch.Number} is leased to {granted.Worker}, and had been recorded as complete",
                    "no lease of what is complete, but for one that was granted before and is told again");
            }

            return; // granted again to one who has not heard that it is complete
        }

        _granted.Add(request);

        if (_leases.TryGetValue(lease.Batch.Number, out var before) && (before.Epoch, before.First, before.Count) != (lease.Epoch,
            lease.First, lease.Count))
        {
            throw Violation(now, crossing,
                $"batch {lease.Batch.Number} is leased with {Range(lease)}", $"the {Range(before)} that it was leased with before");
        }

        if (lease.First < 0 || lease.Count < 1 || lease.First + lease.Count > _examples)
        {
            throw Violation(now, crossing, $"batch {lease.Batch.Number} is leased with {Range(lease)}",
                $"examples of the {_examples} there are");
        }

        _leases[lease.Batch.Number] = lease;
        _perhaps.Remove(lease.Batch.Number);
    }

    private void OnRecorded(double now, in Crossing crossing, BatchReport report)
    {
        var batch = report.Batch.Number;
        if (!_recorded.Add(batch))
        {
            return;
        }

        if (!_leases.Remove(batch, out var lease))
        {
            throw Violation(now, crossing, $"batch {batch} is recorded as complete", "only batches that have been leased");
        }

        if (report.Examples != lease.Count)
        {
            throw Violation(now, crossing, $"batch {batch} is complete with {report.Examples} examples", $"the {lease.Count} of its lease");
        }

        var epoch = lease.Epoch < _whole ? null : At(lease.Epoch);
        for (var position = lease.First; position < lease.First + lease.Count; position++)
        {
            if (epoch is null || !epoch.Cover(position))
            {
                throw Violation(now, crossing, $"position {position} of epoch {lease.Epoch} is completed a second time, by batch {batch}",
                    "every position once");
            }
        }

        while (_epochs.TryGetValue(_whole, out var first) && first.Covered == _examples)
        {
            _epochs.Remove(_whole++);
        }
    }

    private void RequireWhole(double now, in Crossing crossing, int epochs)
    {
        TakeWritten(now, crossing, epochs);
        if (_whole < epochs)
        {
            var covered = _epochs.TryGetValue(_whole, out var epoch) ? epoch.Covered : 0;
            throw Violation(now, crossing, $"epoch {_whole} is evaluated with {covered} of {_examples} examples completed",
                "all of them, each once");
        }
    }

    /// <summary>Epochs are claimed to be complete: what a trainer may have written down before it died, and
    /// nobody has been given since, it has.</summary>
    private void TakeWritten(double now, in Crossing crossing, int epochs)
    {
        foreach (var (batch, report) in _perhaps.Where(report => _leases.TryGetValue(report.Key, out var lease) && lease.Epoch < epochs)
            .ToArray())
        {
            _perhaps.Remove(batch);
            OnRecorded(now, crossing, report);
        }
    }

    private Epoch At(int epoch)
    {
        if (!_epochs.TryGetValue(epoch, out var state))
        {
            _epochs.Add(epoch, state = new Epoch(_examples));
        }

        return state;
    }

    private static string Range(Lease lease) => $"positions {lease.First} to {lease.First + lease.Count - 1} of epoch {lease.Epoch}";

    private sealed class Epoch(int examples)
    {
        private readonly BitArray _seen = new(examples);

        public int Covered { get; private set; }

        public bool Cover(int position)
        {
            var first = !_seen[position];
            _seen[position] = true;
            Covered += first ? 1 : 0;
            return first;
        }
    }
}
