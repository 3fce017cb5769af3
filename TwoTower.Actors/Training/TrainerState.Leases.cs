using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// Who asks for a batch, who is given one, and what comes of it.
internal sealed partial class TrainerState
{
    private readonly Dictionary<(WorkerId Worker, long Ordinal), Lease> _granted = [];
    private readonly ParkedRequests _parked = new();
    private long _servedOpenings = -1;
    private double _servedAt;

    private void OnLeaseRequest(LeaseProtocol.LeaseRequest request)
    {
        if (!Answers(request.Worker, request.Birth))
        {
            return;
        }

        var key = (request.Worker, request.Ordinal);
        if (_granted.TryGetValue(key, out var lease))
        {
            Do(new TrainerEffect.Reply(new LeaseProtocol.LeaseGranted(request.Worker, request.Birth, request.Ordinal, lease)));
        }
        else if (!_members.AnsweredOf(request.Worker).Contains(request.Ordinal) && !_parked.Contains(key) && !TryGrant(key))
        {
            _parked.Add(key); // one that was answered and is not granted is a late repetition: its batch is complete
        }
    }

    /// <summary>Whether a request is of a life that takes part; one of another is told so.</summary>
    private bool Answers(WorkerId worker, long birth)
    {
        if (_members.Knows(worker, birth))
        {
            _ledger.Seen(worker, _now);
            return true;
        }

        Do(new TrainerEffect.Reply(new LeaseProtocol.Unknown(worker, birth)));
        return false;
    }

    private bool TryGrant((WorkerId Worker, long Ordinal) key)
    {
        if (Ended || !Started || Record.Boundary is not null || _ledger.TryLease(key.Worker, _now) is not { } lease)
        {
            return false;
        }

        _granted.Add(key, lease);
        _members.AnsweredOf(key.Worker).Add(key.Ordinal);
        Do(new TrainerEffect.ToWorker(key.Worker, new LeaseProtocol.LeaseGranted(key.Worker, _members.BirthOf(key.Worker)!.Value,
            key.Ordinal, lease)));
        return true;
    }

    private void ServeParked()
    {
        if (Ended || !Started || Record.Boundary is not null)
        {
            return;
        }

        _servedAt = _now;
        if (_servedOpenings != _ledger.Openings)
        {
            _parked.Serve(TryGrant);
            _servedOpenings = _ledger.Openings;
        }
    }

    /// <summary>Whoever waits is here, however long it has to: it counts as seen whenever leases were given out.</summary>
    private void SeeWhoWaits()
    {
        foreach (var worker in _parked.Workers)
        {
            _ledger.Seen(worker, _servedAt);
        }
    }

    private void OnOffer(LeaseProtocol.Offer offer)
    {
        if (!Answers(offer.Worker, offer.Birth))
        {
            return;
        }

        var key = (offer.Worker, offer.Ordinal);
        if (_granted.TryGetValue(key, out var held) && _ledger.Offer(offer.Worker, held.Batch, held.Clock) is { } lease)
        {
            if (held.RoundSize == 0)
            {
                Keep(new JournalEntry.Accepted(lease));
            }

            _granted[key] = lease;
            Do(new TrainerEffect.Reply(new LeaseProtocol.OfferAccepted(offer.Worker, offer.Birth, offer.Ordinal, lease)));
        }
        else
        {
            _granted.Remove(key);
            Do(new TrainerEffect.Reply(new LeaseProtocol.OfferDeclined(offer.Worker, offer.Birth, offer.Ordinal)));
        }

        _serve = true;
    }

    private void OnCompleted(LeaseProtocol.Completed completed)
    {
        _ledger.Seen(completed.Worker, _now);
        if (_members.Knows(completed.Worker, completed.Birth))
        {
            // Only the holder's own word ends a grant: when another has completed the batch, the
            // holder may not even have received its lease.
            _granted.Remove((completed.Worker, completed.Ordinal));
        }
        else
        {
            Reach(!Record.Completed.Contains(completed.Report.Batch.Number), ProtocolState.CompletedByEndedLife);
        }

        // Even from a worker that is no longer known: every shard has applied the batch.
        if (_ledger.Complete(completed.Report.Batch))
        {
            Keep(new JournalEntry.Completed(completed.Report));
            _serve = true;
        }

        Do(new TrainerEffect.Reply(new LeaseProtocol.CompletionRecorded(completed.Worker, completed.Birth, completed.Ordinal)));
    }

    private void OnRankingRequest(LeaseProtocol.RankingRequest request)
    {
        if (!Answers(request.Worker, request.Birth) || Record.Boundary is not null)
        {
            return; // at a boundary another ranking may be about to come
        }

        var ranking = Record.Ranking;
        var step = ranking?.Step ?? -1;
        Do(new TrainerEffect.Reply(new LeaseProtocol.RankingGiven(
            request.Worker, request.Birth, step, _ledger.Limit, ranking?.Depth ?? 0, step == request.Known ? [] : ranking?.Items ?? [])));
    }
}
