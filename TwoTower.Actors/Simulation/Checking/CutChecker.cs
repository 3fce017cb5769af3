using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 7: snapshots are cuts. What an evaluator says it has taken at step s, and what a trainer is given of the shards at s,
/// was read on every shard when the batches it had acknowledged were exactly 0 … s − 1.</summary>
/// <remarks>A part that answers a late repetition of a request is no cut and need not be one: nobody uses it. So a part is held against the
/// evaluator's word that it has all of them, and an image against the trainer's asking for that step with no batch leased since.</remarks>
internal sealed class CutChecker : InvariantChecker
{
    /// <summary>The invariant, as it is named when it is violated.</summary>
    public const string Name = "snapshots are cuts";

    private readonly AcknowledgedBatches _acknowledged;
    private Dictionary<long, string?> _flaws = [];
    private Dictionary<long, string?> _flawsBefore = [];
    private long _newest = -1;
    private readonly Dictionary<(long Step, int Shard), string?> _parts = [];
    private long _taken = -1;
    private long _exporting = -1;

    internal CutChecker(AcknowledgedBatches acknowledged, long seed)
        : base(Name, seed) => _acknowledged = acknowledged;

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case SnapshotProtocol.Part part:
                Note(crossing.Number, part.Step, FlawOf(part.Shard, part.Step, part.Applied));
                break;
            case StateProtocol.Image image:
                Note(crossing.Number, image.Step, FlawOf(image.Shard, image.Step, image.Applied));
                break;
            // where a shard has moved, its earlier node passes on what comes late
            case StateProtocol.Export export when crossing.From == NodeId.Trainer:
                _exporting = export.Step;
                break;
            case LeaseProtocol.LeaseGranted granted when granted.Lease.Batch.Number >= _exporting:
                _exporting = -1;
                break;
            case SnapshotProtocol.Taken taken when taken.Step != _taken:
                OnTaken(now, crossing, taken.Step);
                break;
        }
    }

    /// <inheritdoc />
    public override void Delivered(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case SnapshotProtocol.Part part when IsKnown(crossing.Number, out var flaw):
                _parts[(part.Step, part.Shard.Value)] = flaw; // a later one replaces it, as it does for the evaluator
                break;
            case StateProtocol.Image image when image.Step == _exporting && IsKnown(crossing.Number, out var flaw) && flaw is not null:
                throw Violation(now, crossing, flaw, $"a state of {image.Shard} with batches 0 to {image.Step - 1} and no other");
        }
    }

    /// <inheritdoc />
    public override void Fault(double now, NodeId? node, string what)
    {
        if (node is { Role: NodeRole.Evaluator } && what == "crash")
        {
            _parts.Clear();
            _taken = -1;
        }
    }

    /// <summary>What was sent before a later step was read may still be on its way then; not when one later still is.</summary>
    private void Note(long number, long step, string? flaw)
    {
        if (step > _newest)
        {
            _newest = step;
            (_flawsBefore, _flaws) = (_flaws, []);
        }

        _flaws[number] = flaw;
    }

    private bool IsKnown(long number, out string? flaw) => _flaws.TryGetValue(number, out flaw)
        || _flawsBefore.TryGetValue(number, out flaw);

    private void OnTaken(double now, in Crossing crossing, long step)
    {
        for (var shard = 0; shard < _acknowledged.Shards; shard++)
        {
            if (!_parts.TryGetValue((step, shard), out var flaw))
            {
                throw Violation(now, crossing, $"the evaluator has taken step {step} without a part of {new ShardId(shard)}",
                    "a part of every shard");
            }

            if (flaw is not null)
            {
                throw Violation(now, crossing, flaw, $"a part of {new ShardId(shard)} with batches 0 to {step - 1} and no other");
            }
        }

        _taken = step;
        _parts.Clear();
        _flaws.Clear();
        _flawsBefore.Clear();
    }

    private string? FlawOf(ShardId shard, long step, long applied)
    {
        var acknowledged = _acknowledged.Of(shard);
        return !acknowledged.IsExactly(step) ? $"{shard} was read for step {step} when it had acknowledged {acknowledged}"
            : applied != step ? $"{shard} says it was read for step {step} at batch {applied}"
            : null;
    }
}
