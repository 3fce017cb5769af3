using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Entries of a trainer's journal as bytes: their kind, and what they say.</summary>
internal static class JournalFormat
{
    private const int TotalsFields = 29, MostLeases = 1 << 20, MostEpochs = 1 << 20;

    public static void Write(ref WireWriter writer, JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.Joined joined:
                writer.Int((int)Kind.Joined);
                LeaseFormat.Life(ref writer, joined.Worker, joined.Birth);
                break;
            case JournalEntry.Started started:
                writer.Int((int)Kind.Started);
                writer.Real(started.At);
                break;
            case JournalEntry.Accepted accepted:
                writer.Int((int)Kind.Accepted);
                LeaseFormat.Write(ref writer, accepted.Lease);
                break;
            case JournalEntry.Completed completed:
                writer.Int((int)Kind.Completed);
                LeaseFormat.Write(ref writer, new LeaseProtocol.Completed(default, 0, 0, completed.Report));
                break;
            case JournalEntry.Reached reached:
                writer.Int((int)Kind.Reached);
                writer.Long(reached.Step);
                break;
            case JournalEntry.Taken taken:
                writer.Int((int)Kind.Taken);
                writer.Group(2);
                writer.Real(taken.Request.TrainSeconds);
                SnapshotFormat.Write(ref writer, taken.Request);
                break;
            case JournalEntry.Evaluated evaluated:
                writer.Int((int)Kind.Evaluated);
                writer.Group(4);
                writer.Flag(evaluated.Best is not null);
                Optional(ref writer, evaluated.Report.TrainSeconds);
                SnapshotFormat.Write(ref writer,
                    new SnapshotProtocol.Evaluated(evaluated.Report, evaluated.Best ?? new ModelSnapshot(0, [], [])));
                break;
            case JournalEntry.Ranked ranked:
                writer.Int((int)Kind.Ranked);
                LeaseFormat.Write(ref writer, new LeaseProtocol.RankingGiven(default, 0, ranked.Ranking.Step, 0, ranked.Ranking.Depth,
                    ranked.Ranking.Items));
                break;
            case JournalEntry.EvaluationLost lost:
                writer.Int((int)Kind.EvaluationLost);
                writer.Long(lost.Step);
                break;
            case JournalEntry.Left left:
                writer.Int((int)Kind.Left);
                writer.Group(3);
                writer.Long(left.Step);
                writer.Long(left.Until);
                writer.Flag(left.Unsaved);
                break;
            case JournalEntry.Saved saved:
                writer.Int((int)Kind.Saved);
                writer.Long(saved.Step);
                break;
            case JournalEntry.StopAsked:
                writer.Int((int)Kind.StopAsked);
                writer.Long(0);
                break;
            case JournalEntry.Condensed condensed:
                writer.Int((int)Kind.Condensed);
                Write(ref writer, condensed.Totals);
                break;
            default:
                throw new WireException($"{entry.GetType().Name} has no form in a journal.");
        }
    }

    public static JournalEntry Read(ref WireReader reader)
    {
        var kind = (Kind)reader.Int();
        switch (kind)
        {
            case Kind.Joined:
                var (worker, birth) = LeaseFormat.ReadLife(ref reader);
                return new JournalEntry.Joined(worker, birth);
            case Kind.Started:
                return new JournalEntry.Started(reader.Real());
            case Kind.Accepted:
                return new JournalEntry.Accepted(LeaseFormat.ReadLease(ref reader));
            case Kind.Completed:
                return new JournalEntry.Completed(LeaseFormat.ReadCompleted(ref reader).Report);
            case Kind.Reached:
                return new JournalEntry.Reached(reader.Long());
            case Kind.Taken:
                reader.Group(2);
                var seconds = reader.Real();
                return new JournalEntry.Taken(SnapshotFormat.ReadEvaluate(ref reader) with { TrainSeconds = seconds });
            case Kind.Evaluated:
                reader.Group(4);
                var (isBest, trained) = (reader.Flag(), ReadOptional(ref reader));
                var evaluated = SnapshotFormat.ReadEvaluated(ref reader);
                return new JournalEntry.Evaluated(evaluated.Report with { TrainSeconds = trained }, isBest ? evaluated.Snapshot : null);
            case Kind.Ranked:
                var given = LeaseFormat.ReadRankingGiven(ref reader);
                return new JournalEntry.Ranked(new RankedNegatives(given.Step, given.Depth, given.Items));
            case Kind.EvaluationLost:
                return new JournalEntry.EvaluationLost(reader.Long());
            case Kind.Left:
                reader.Group(3);
                return new JournalEntry.Left(reader.Long(), reader.Long(), reader.Flag());
            case Kind.Saved:
                return new JournalEntry.Saved(reader.Long());
            case Kind.StopAsked:
                reader.Long();
                return new JournalEntry.StopAsked();
            case Kind.Condensed:
                return new JournalEntry.Condensed(ReadTotals(ref reader));
            default:
                throw new WireException($"There is no journal entry of kind {(int)kind}.");
        }
    }

    private static void Write(ref WireWriter writer, TrainerTotals totals)
    {
        var run = totals.Run;
        writer.Group(TotalsFields);
        Optional(ref writer, totals.StartedAt);
        writer.Flag(totals.StopAsked);
        writer.Long(totals.Frontier);
        writer.Long(totals.Boundary ?? -1);
        writer.Long(totals.LeftAt);
        writer.Long(totals.Until);
        writer.Long(totals.TakenAt);
        writer.Long(totals.Unsaved ?? -1);
        writer.Long(totals.SavedAt);
        writer.Long(run.Examples);
        writer.Long(run.MaskedPairs);
        writer.Long(run.Pairs);
        writer.Long(run.StaleRows);
        writer.Long(run.StalenessSum);
        writer.Real(run.LatestLoss);
        LeaseFormat.Write(ref writer, run.Times);
        writer.Group(totals.Accepted.Count);
        foreach (var lease in totals.Accepted)
        {
            LeaseFormat.Write(ref writer, lease);
        }

        writer.Group(2 * run.Open.Count);
        foreach (var (epoch, count, _) in run.Open)
        {
            writer.Int(epoch);
            writer.Long(count);
        }

        var batches = run.Open.Count == 0 ? 0 : run.Open[0].Losses.Length;
        writer.Int(totals.Births.Count);
        writer.Int(totals.Above.Length);
        writer.Int(run.LossByEpoch.Length);
        writer.Int(batches);
        writer.Block(Bytes(totals.Births.Count, totals.Above.Length, run.LossByEpoch.Length, (long)batches * run.Open.Count));
        writer.Array(totals.Births.Select(life => life.Worker).ToArray(), totals.Births.Count);
        writer.Array(totals.Births.Select(life => life.Birth).ToArray(), totals.Births.Count);
        writer.Array(totals.Above, totals.Above.Length);
        writer.Array(run.LossByEpoch, run.LossByEpoch.Length);
        foreach (var (_, _, losses) in run.Open)
        {
            writer.Array(losses, batches);
        }
    }

    private static TrainerTotals ReadTotals(ref WireReader reader)
    {
        reader.Group(TotalsFields);
        var (startedAt, stopAsked, frontier) = (ReadOptional(ref reader), reader.Flag(), reader.Long());
        var (boundary, leftAt, until, takenAt, unsaved, savedAt) = (reader.Long(), reader.Long(), reader.Long(), reader.Long(),
            reader.Long(), reader.Long());
        var (examples, masked, pairs, stale, staleness, latest) = (reader.Long(), reader.Long(), reader.Long(), reader.Long(),
            reader.Long(), reader.Real());
        var times = LeaseFormat.ReadTimes(ref reader);
        var accepted = new Lease[reader.GroupUpTo(MostLeases)];
        for (var n = 0; n < accepted.Length; n++)
        {
            accepted[n] = LeaseFormat.ReadLease(ref reader);
        }

        var open = new (int Epoch, long Count)[reader.GroupUpTo(2 * MostEpochs) / 2];
        for (var n = 0; n < open.Length; n++)
        {
            open[n] = (reader.Int(), reader.Long());
        }

        var (lives, above, epochs, batches) = (reader.Count(), reader.Count(), reader.Count(), reader.Count());
        reader.Block(Bytes(lives, above, epochs, (long)batches * open.Length));
        var (workers, births, beyond, losses) = (reader.Array<int>(lives), reader.Array<long>(lives), reader.Array<long>(above),
            reader.Array<double>(epochs));
        var openLosses = new (int, long, double[])[open.Length];
        for (var n = 0; n < open.Length; n++)
        {
            openLosses[n] = (open[n].Epoch, open[n].Count, reader.Array<double>(batches));
        }

        return new TrainerTotals(
            [.. workers.Zip(births)], startedAt, stopAsked, frontier, beyond, accepted, boundary < 0 ? null : boundary, leftAt, until,
            takenAt, unsaved < 0 ? null : unsaved, savedAt,
            new RunTotals(losses, openLosses, examples, masked, pairs, stale, staleness, latest, times));
    }

    private static long Bytes(long lives, long above, long epochs, long losses) => (lives * (sizeof(int) + sizeof(long)))
        + (above * sizeof(long)) + ((epochs + losses) * sizeof(double));

    private static void Optional(ref WireWriter writer, double? value)
    {
        writer.Flag(value is not null);
        writer.Real(value ?? 0);
    }

    private static double? ReadOptional(ref WireReader reader)
    {
        var (known, value) = (reader.Flag(), reader.Real());
        return known ? value : null;
    }

    /// <summary>What an entry is. The numbers stand in files.</summary>
    private enum Kind
    {
        Joined = 0,
        Started = 1,
        Accepted = 2,
        Completed = 3,
        Reached = 4,
        Taken = 5,
        Evaluated = 6,
        Ranked = 7,
        EvaluationLost = 8,
        Left = 9,
        Saved = 10,
        StopAsked = 11,
        Condensed = 12,
    }
}
