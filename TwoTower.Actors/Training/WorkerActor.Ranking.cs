using Akka.Actor;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

// Negatives from the last snapshot's ranking: a batch is begun only with the ranking that holds for it.
public sealed partial class WorkerActor
{
    private RankedNegatives? _ranking;
    private long _rankedUntil;
    private double _rankingAskedAt = double.NegativeInfinity;

    /// <summary>Whether the ranking for a batch is here; asks for it when it is not. The lease is then asked for again when it comes.</summary>
    private bool HasRankingFor(Lease lease)
    {
        if (_builder is null || !_options.Loss.RanksSnapshots || !_options.Loss.IsHardIn(lease.Epoch))
        {
            return true;
        }

        if (lease.Batch.Number < _rankedUntil)
        {
            _builder.Ranked = _ranking;
            return true;
        }

        _probe.Reached(ProtocolState.LeaseWaitedForRanking);
        if (Now - _rankingAskedAt >= _options.RetrySeconds)
        {
            _rankingAskedAt = Now;
            _blueprint.Trainer.Tell(new LeaseProtocol.RankingRequest(_id, _birth, _ranking?.Step ?? -1));
        }

        return false;
    }

    private void OnRanking(LeaseProtocol.RankingGiven given)
    {
        if (given.Birth != _birth || given.Until <= _rankedUntil || (given.Items.Length == 0 && given.Step != (_ranking?.Step ?? -1)))
        {
            return; // late
        }

        if (given.Items.Length > 0)
        {
            _ranking = new RankedNegatives(given.Step, given.Depth, given.Items);
        }

        _rankedUntil = given.Until;
        _rankingAskedAt = double.NegativeInfinity;
        foreach (var ordinal in _requests.Keys)
        {
            _blueprint.Trainer.Tell(new LeaseProtocol.LeaseRequest(_id, _birth, ordinal));
        }
    }
}
