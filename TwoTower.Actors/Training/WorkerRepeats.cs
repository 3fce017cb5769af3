using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

/// <summary>What a worker sends again, and when: whatever is not answered, because every message may be lost.</summary>
/// <param name="batches">The worker's batches.</param>
/// <param name="retrySeconds">How long an answer is waited for.</param>
/// <param name="probe">What the protocols show of themselves.</param>
internal sealed class WorkerRepeats(WorkerBatches batches, double retrySeconds, ProtocolProbe probe)
{
    /// <summary>A shard was started again: what it had not acknowledged when it crashed it has forgotten.</summary>
    public void After(StateProtocol.Recovered recovered, WorkerLife life)
    {
        var shard = recovered.Shard.Value;
        var again = recovered.Frontier > 0 || recovered.Above.Length > 0; // one that has nothing yet says so too
        foreach (var slot in batches.Pulling.Where(slot => slot.Awaits(shard)))
        {
            probe.ReachedIf(again, ProtocolState.PulledAgainAfterRecovery);
            life.PullFrom(shard, slot);
        }

        foreach (var slot in batches.Pushing.Where(slot => slot.Awaits(shard)))
        {
            probe.ReachedIf(again, ProtocolState.PushedAgainAfterRecovery);
            life.PushTo(shard, slot);
        }
    }

    /// <summary>Sends again what has been waited for long enough.</summary>
    public void Overdue(WorkerLife life, double now)
    {
        if (!life.Welcomed)
        {
            life.Join();
            return;
        }

        var due = now - retrySeconds;
        foreach (var slot in batches.Pulling.Where(slot => slot.SentAt <= due))
        {
            life.Pull(slot, now);
        }

        foreach (var slot in batches.Offered.Where(slot => slot.SentAt <= due))
        {
            life.Offer(slot, now);
        }

        foreach (var slot in batches.Pushing.Where(slot => slot.SentAt <= due && !probe.Plants(PlantedFault.PushNotRepeated)))
        {
            life.Push(slot, now);
        }

        foreach (var ordinal in batches.Requested.Where(_ => !probe.Plants(PlantedFault.LeaseNotAskedForAgain)))
        {
            life.AskAgain(ordinal); // also the sign of life of a worker that waits
        }

        foreach (var (ordinal, (report, sentAt)) in batches.Reported)
        {
            if (sentAt <= due)
            {
                life.Report(ordinal, report);
            }
        }
    }
}
