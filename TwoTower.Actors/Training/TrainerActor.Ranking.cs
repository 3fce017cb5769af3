using Akka.Actor;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Training;

// Negatives from the last snapshot's ranking: who makes it, and who is told. Training goes on only when the snapshot of the boundary has been ranked, so every batch between two evaluations
// is drawn from the same ranking, whoever computes it and however long the ranking took.
public sealed partial class TrainerActor
{
    private RankedNegatives? _ranking;
    private long _rankingAt = -1;

    private bool Ranks => _blueprint.Rank is not null;

    /// <summary>Has a snapshot ranked before its verdict counts; false when none has to be.</summary>
    private bool RankFirst(SnapshotProtocol.Evaluated evaluated)
    {
        if (_blueprint.Rank is not { } rank)
        {
            return false;
        }

        if (_rankingAt != evaluated.Report.Step)
        {
            _rankingAt = evaluated.Report.Step; // an answer that comes again ranks nothing again
            _blueprint.Work.Run(Self, WorkKind.Evaluation, _blueprint.Plan.Data.Users.Count, () =>
            {
                try
                {
                    return new Ranked(evaluated, rank(evaluated.Snapshot), string.Empty);
                }
                catch (ArithmeticException diverged)
                {
                    return new Ranked(evaluated, null, diverged.Message);
                }
            });
        }

        return true;
    }

    private void OnRanked(Ranked ranked)
    {
        if (ranked.Ranking is null)
        {
            Fail($"The snapshot at batch {ranked.Evaluated.Report.Step} cannot be ranked: {ranked.Failure}");
            return;
        }

        // The ranking goes into the journal first: one whose evaluation is not there is made again, the same.
        Journal(new JournalEntry.Ranked(ranked.Ranking));
        _ranking = ranked.Ranking;
        Take(ranked.Evaluated);
    }

    private void OnRankingRequest(LeaseProtocol.RankingRequest request)
    {
        if (!Knows(request.Worker, request.Birth))
        {
            Sender.Tell(new LeaseProtocol.Unknown(request.Worker, request.Birth));
            return;
        }

        _ledger.Seen(request.Worker, Now);
        if (!AtBoundary)
        {
            var step = _ranking?.Step ?? -1;
            Sender.Tell(new LeaseProtocol.RankingGiven(request.Worker, request.Birth, step, _ledger.Limit, _ranking?.Depth ?? 0, step == request.Known ? [] : _ranking?.Items ?? []));
        }
    }

    private sealed record Ranked(SnapshotProtocol.Evaluated Evaluated, RankedNegatives? Ranking, string Failure) : INoSerializationVerificationNeeded;
}
