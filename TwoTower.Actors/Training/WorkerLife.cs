using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>One life of a worker: its number, and what is told under it. An answer that names another life's number is late.</summary>
/// <param name="worker">The worker.</param>
/// <param name="birth">The life's number.</param>
/// <param name="trainer">Gives leases.</param>
/// <param name="shards">Hold the rows.</param>
internal sealed class WorkerLife(WorkerId worker, long birth, IActorRef trainer, IReadOnlyList<IActorRef> shards)
{
    private long _ordinal;
    private long _ticket = ParameterProtocol.Pull.FirstTicket(birth);

    /// <summary>Its number.</summary>
    public long Birth => birth;

    /// <summary>Whether the trainer has welcomed it.</summary>
    public bool Welcomed { get; set; }

    /// <summary>Names the pulls of the next batch.</summary>
    public long NextTicket() => ++_ticket;

    /// <summary>Asks to be welcomed.</summary>
    public void Join() => trainer.Tell(new LeaseProtocol.Join(worker, birth));

    /// <summary>Asks for one more lease.</summary>
    /// <returns>The life's count of leases asked for.</returns>
    public long Ask()
    {
        AskAgain(++_ordinal);
        return _ordinal;
    }

    /// <summary>Asks for a lease again.</summary>
    public void AskAgain(long ordinal) => trainer.Tell(new LeaseProtocol.LeaseRequest(worker, birth, ordinal));

    /// <summary>Asks for the ranking to draw negatives from.</summary>
    /// <param name="known">The step of the ranking that is here; −1 for none.</param>
    public void AskForRanking(long known) => trainer.Tell(new LeaseProtocol.RankingRequest(worker, birth, known));

    /// <summary>Pulls a batch's rows from all shards that have not answered.</summary>
    public void Pull(WorkerSlot slot, double now)
    {
        slot.SentAt = now;
        for (var shard = 0; shard < shards.Count; shard++)
        {
            if (slot.Awaits(shard))
            {
                PullFrom(shard, slot);
            }
        }
    }

    /// <summary>Pulls a batch's rows from one shard.</summary>
    public void PullFrom(int shard, WorkerSlot slot) => shards[shard].Tell(slot.PullFrom(shard, worker));

    /// <summary>Asks whether a gradient is wanted before it is pushed.</summary>
    public void Offer(WorkerSlot slot, double now)
    {
        slot.SentAt = now;
        trainer.Tell(new LeaseProtocol.Offer(worker, birth, slot.Ordinal));
    }

    /// <summary>Pushes a gradient to all shards that have not acknowledged it.</summary>
    public void Push(WorkerSlot slot, double now)
    {
        slot.SentAt = now;
        for (var shard = 0; shard < shards.Count; shard++)
        {
            if (slot.Awaits(shard))
            {
                PushTo(shard, slot);
            }
        }
    }

    /// <summary>Pushes a gradient to one shard.</summary>
    public void PushTo(int shard, WorkerSlot slot) => shards[shard].Tell(slot.PushTo(shard, worker, birth));

    /// <summary>Reports a batch that all shards have acknowledged.</summary>
    public void Report(long ordinal, BatchReport report) => trainer.Tell(new LeaseProtocol.Completed(worker, birth, ordinal, report));

    /// <summary>Says that the worker leaves with nothing undone.</summary>
    public void Leave() => trainer.Tell(new LeaseProtocol.Leave(worker, birth));
}
