using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// Under bsp with backup workers: gradients that the trainer has to be asked about before they are pushed.
public sealed partial class WorkerActor
{
    private readonly List<WorkerSlot> _offered = [];

    private void Offer(WorkerSlot slot)
    {
        _offered.Add(slot);
        SendOffer(slot);
    }

    private void SendOffer(WorkerSlot slot)
    {
        slot.SentAt = Now;
        _blueprint.Trainer.Tell(new LeaseProtocol.Offer(_id, _birth, slot.Ordinal));
    }

    private void OnAccepted(LeaseProtocol.OfferAccepted accepted)
    {
        if (Decided(accepted.Birth, accepted.Ordinal) is { } slot)
        {
            slot.Place(accepted.Lease);
            Push(slot);
        }
    }

    private void OnDeclined(LeaseProtocol.OfferDeclined declined)
    {
        if (Decided(declined.Birth, declined.Ordinal) is { } slot)
        {
            _probe.Reached(ProtocolState.GradientDeclined);
            _free.Push(slot);
            AskForWork();
        }
    }

    /// <summary>The slot whose offer is answered, or null when the answer is late.</summary>
    private WorkerSlot? Decided(long birth, long ordinal)
    {
        var slot = birth == _birth ? _offered.Find(offered => offered.Ordinal == ordinal) : null;
        if (slot is not null)
        {
            _offered.Remove(slot);
        }

        return slot;
    }
}
