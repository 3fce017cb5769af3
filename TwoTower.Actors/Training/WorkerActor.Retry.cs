using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// What a worker sends again, and when.
public sealed partial class WorkerActor
{
    /// <summary>What a shard had not acknowledged when it crashed it has forgotten.</summary>
    private void OnRecovered(StateProtocol.Recovered recovered)
    {
        var shard = recovered.Shard.Value;
        var again = recovered.Frontier > 0 || recovered.Above.Length > 0; // one that has nothing yet says so too
        foreach (var slot in _pulling.Where(slot => slot.Awaits(shard)))
        {
            Show(again, ProtocolState.PulledAgainAfterRecovery);
            _blueprint.Shards[shard].Tell(slot.PullFrom(shard, _id));
        }

        foreach (var slot in _pushing.Where(slot => slot.Awaits(shard)))
        {
            Show(again, ProtocolState.PushedAgainAfterRecovery);
            _blueprint.Shards[shard].Tell(slot.PushTo(shard, _id, _birth));
        }
    }

    private void OnRetry()
    {
        if (_failure is not null)
        {
            _blueprint.Trainer.Tell(_failure);
            return;
        }

        LeaveIfDone();
        if (!_welcomed)
        {
            _blueprint.Trainer.Tell(new LeaseProtocol.Join(_id, _birth));
            return;
        }

        var due = Now - _options.RetrySeconds;
        foreach (var slot in _pulling.Where(slot => slot.SentAt <= due))
        {
            SendPulls(slot);
        }

        foreach (var slot in _offered.Where(slot => slot.SentAt <= due))
        {
            SendOffer(slot);
        }

        foreach (var slot in _pushing.Where(slot => slot.SentAt <= due && !_probe.Plants(PlantedFault.PushNotRepeated)))
        {
            SendPushes(slot);
        }

        foreach (var ordinal in _requests.Keys.Where(_ => !_probe.Plants(PlantedFault.LeaseNotAskedForAgain)).ToArray())
        {
            // Also the sign of life of a worker that waits.
            _blueprint.Trainer.Tell(new LeaseProtocol.LeaseRequest(_id, _birth, ordinal));
        }

        foreach (var (ordinal, (report, sentAt)) in _reports)
        {
            if (sentAt <= due)
            {
                _blueprint.Trainer.Tell(new LeaseProtocol.Completed(_id, _birth, ordinal, report));
            }
        }
    }
}
