using Akka.Actor;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Training;

/// <summary>Which actor each worker is at present, and whom the trainer watches.</summary>
/// <param name="trainer">The trainer, whose thread this is used on.</param>
internal sealed class TrainerPeers(IActorContext trainer)
{
    private readonly Dictionary<int, IActorRef> _workers = [];

    /// <summary>Whom an effect concerns, as far as it is known now: a worker's next life must not get what its last was told.</summary>
    /// <param name="effect">What was decided.</param>
    /// <param name="sender">Who sent what it was decided on.</param>
    public IActorRef? AddresseeOf(TrainerEffect effect, IActorRef sender)
    {
        switch (effect)
        {
            case TrainerEffect.Reply:
                return sender;
            case TrainerEffect.ToWorker told:
                return _workers[told.Worker.Value];
            case TrainerEffect.Meet meet:
                trainer.Watch(sender);
                _workers[meet.Worker.Value] = sender;
                break;
            case TrainerEffect.Part part when _workers.Remove(part.Worker.Value, out var gone):
                trainer.Unwatch(gone);
                break;
        }

        return null;
    }

    /// <summary>What it means that somebody who was watched has ended.</summary>
    public TrainerInput Lost(IActorRef ended)
    {
        foreach (var (worker, reference) in _workers)
        {
            if (reference.Equals(ended))
            {
                return new TrainerInput.WorkerLost(new WorkerId(worker));
            }
        }

        return new TrainerInput.PeerLost(ended.Path.Name);
    }
}
