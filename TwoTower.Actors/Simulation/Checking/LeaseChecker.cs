using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>A batch goes to another life only when nothing that the first has pushed can be applied any more: every shard has called that
/// life fenced off before. With backup workers a batch is a life's from the moment at which its gradient is accepted;
/// before that nothing of it is pushed.</summary>
internal sealed class LeaseChecker : InvariantChecker
{
    private readonly int _shards;
    private readonly Dictionary<long, (WorkerId Worker, long Birth)> _holders = [];
    private readonly FencedLives _fenced = new();

    internal LeaseChecker(int shards, long seed)
        : base("a batch goes to another only when the life that had it is fenced off", seed) => _shards = shards;

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        switch (crossing.Message)
        {
            case ParameterProtocol.Fenced fenced:
                _fenced.Take(fenced);
                break;
            case LeaseProtocol.LeaseGranted { Lease.RoundSize: > 0 } granted:
                OnHeld(now, crossing, granted.Lease.Batch.Number, granted.Worker, granted.Birth);
                break;
            case LeaseProtocol.Completed completed:
                // every shard has applied it, so nothing of it is applied again, whoever has it
                _holders.Remove(completed.Report.Batch.Number);
                break;
            case LeaseProtocol.OfferAccepted accepted:
                OnHeld(now, crossing, accepted.Lease.Batch.Number, accepted.Worker, accepted.Birth);
                break;
        }
    }

    private void OnHeld(double now, in Crossing crossing, long batch, WorkerId worker, long birth)
    {
        if (_holders.TryGetValue(batch, out var holder) && holder != (worker, birth))
        {
            for (var shard = 0; shard < _shards; shard++)
            {
                if (!_fenced.Has(new ShardId(shard), holder.Worker, holder.Birth))
                {
                    throw Violation(now, crossing,
                        $"batch {batch} goes to life {birth} of {worker}, and {new ShardId(shard)} has not called "
                            + $"life {holder.Birth} of {holder.Worker} fenced off, which had it", "that every shard has");
                }
            }
        }

        _holders[batch] = (worker, birth);
    }
}
