using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>The batches of a worker by how far they are. A lease that is asked for has no slot yet; a batch that
/// is reported has none any more.</summary>
/// <param name="free">Takes the slots that are dropped.</param>
internal sealed class WorkerBatches(Stack<WorkerSlot> free)
{
    /// <summary>Ordinals of the leases that are asked for.</summary>
    public SortedSet<long> Requested { get; } = [];

    /// <summary>Batches whose rows are being pulled, in the order of their leases.</summary>
    public List<WorkerSlot> Pulling { get; } = [];

    /// <summary>The batch whose gradient is being computed.</summary>
    public WorkerSlot? Computing { get; set; }

    /// <summary>With backup workers: batches whose gradients the trainer has been asked about.</summary>
    public List<WorkerSlot> Offered { get; } = [];

    /// <summary>Batches whose gradients are being pushed.</summary>
    public List<WorkerSlot> Pushing { get; } = [];

    /// <summary>By ordinal, what the trainer has not recorded, and when it was first told (scheduler seconds).</summary>
    public SortedDictionary<long, (BatchReport Report, double SentAt)> Reported { get; } = [];

    /// <summary>How many have no gradient yet.</summary>
    public int WithoutGradient => Requested.Count + Pulling.Count + (Computing is null ? 0 : 1);

    /// <summary>How many are asked for or have a slot.</summary>
    public int OnTheWay => WithoutGradient + Offered.Count + Pushing.Count;

    /// <summary>Whether all that was granted is done and recorded. Requests that nothing was given for are not waited for.</summary>
    public bool AreAllRecorded => Pulling.Count + Offered.Count + Pushing.Count + Reported.Count == 0 && Computing is null;

    /// <summary>The batch to compute next, when all of its rows are here. Batches are computed in the order of their leases, so another one
    /// that is whole waits for it.</summary>
    public WorkerSlot? FirstPulled => Pulling.Count > 0 && Pulling[0].Missing == 0 ? Pulling[0] : null;

    /// <summary>The batch whose offer is answered, which is offered no more; null when the answer is late.</summary>
    public WorkerSlot? TakeOffered(long ordinal)
    {
        var slot = Offered.Find(offered => offered.Ordinal == ordinal);
        if (slot is not null)
        {
            Offered.Remove(slot);
        }

        return slot;
    }

    /// <summary>Forgets all of them.</summary>
    public void Drop()
    {
        foreach (var slot in Pulling.Concat(Offered).Concat(Pushing))
        {
            free.Push(slot);
        }

        if (Computing is not null)
        {
            free.Push(Computing);
            Computing = null;
        }

        Pulling.Clear();
        Offered.Clear();
        Pushing.Clear();
        Requested.Clear();
        Reported.Clear();
    }
}
