using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Training;

// What a trainer that is started again does before anything else.
public sealed partial class TrainerActor
{
    private void Journal(JournalEntry entry) => _blueprint.Journal?.Append(entry);

    /// <summary>Reads the journal: which batches are complete, what they lost, what was evaluated, and whose lives have to be fenced off because their leases are forgotten.
    /// Early stopping hears of every evaluation again at the next boundary, in the same order, and comes to the same verdict.</summary>
    private void Recover()
    {
        var boundary = _lastBoundary;
        foreach (var entry in _blueprint.Journal?.Read() ?? [])
        {
            switch (entry)
            {
                case JournalEntry.Joined joined:
                    _fences[joined.Worker.Value] = Fencing(joined.Birth);
                    break;
                case JournalEntry.Started started:
                    _started = true;
                    _startedAt = _epochStartedAt = Math.Min(started.At, Now); // another machine's clock begins elsewhere
                    break;
                case JournalEntry.Accepted accepted:
                    _ledger.RecoverAccepted(accepted.Lease);
                    break;
                case JournalEntry.Completed completed:
                    _ledger.Recover(completed.Report.Batch);
                    _run.Record(completed.Report);
                    while (_run.TryEndEpoch(out _))
                    {
                    }

                    break;
                case JournalEntry.Boundary reached:
                    boundary = reached.Step;
                    break;
                case JournalEntry.Taken taken:
                    _lastBoundary = taken.Request.Step;
                    _scoring = taken.Request;
                    break;
                case JournalEntry.Ranked ranked:
                    _ranking = ranked.Ranking;
                    break;
                case JournalEntry.Evaluated evaluated:
                    _scoring = null;
                    Note(evaluated.Report, evaluated.Snapshot);
                    break;
            }
        }

        if (!_started)
        {
            return;
        }

        _epochStartedAt = Now; // examples are counted from here, and so is the time for a rate
        _ledger.RecoverReturned();
        if (_ledger.Completed > boundary)
        {
            _lastBoundary = boundary;
            _ledger.OpenUntil(NextBoundary(boundary));
            if (_ledger.Drained)
            {
                ReachBoundary();
            }
        }
        else
        {
            _atBoundary = true;
            ContinueBoundary();
        }
    }

    /// <summary>A shard that stands behind what is complete has lost pushes that it had acknowledged.</summary>
    private void OnStanding(StateProtocol.Standing standing)
    {
        if (standing.Applied < standing.Completed)
        {
            Fail($"{standing.Shard} was started again and has lost pushes that it had acknowledged (it stands at batch {standing.Applied}, {standing.Completed} are complete); train.durability is {_options.Durability}.");
        }
    }

    private void InquireShards()
    {
        if (!_blueprint.LostReturn)
        {
            return;
        }

        for (var shard = 0; shard < _blueprint.Shards.Count; shard++)
        {
            _blueprint.Shards[shard].Tell(new StateProtocol.Inquire(new ShardId(shard), _ledger.Completed), Self);
        }
    }
}
