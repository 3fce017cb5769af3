using TwoTower.Actors.Ids;
using TwoTower.Model.Losses;
using static TwoTower.Actors.Protocol.LeaseProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The lease conversation on the wire.</summary>
internal static class LeaseFormat
{
    private const int LeaseFields = 8;
    private const int ReportFields = 13;

    public static void Write<T>(ref T sink, Join join)
        where T : IWireSink, allows ref struct => Life(ref sink, join.Worker, join.Birth);

    public static void Write<T>(ref T sink, Welcome welcome)
        where T : IWireSink, allows ref struct => Life(ref sink, welcome.Worker, welcome.Birth);

    public static void Write<T>(ref T sink, Unknown unknown)
        where T : IWireSink, allows ref struct => Life(ref sink, unknown.Worker, unknown.Birth);

    public static void Write<T>(ref T sink, LeaseRequest request)
        where T : IWireSink, allows ref struct => Turn(ref sink, 3, request.Worker, request.Birth, request.Ordinal);

    public static void Write<T>(ref T sink, CompletionRecorded recorded)
        where T : IWireSink, allows ref struct => Turn(ref sink, 3, recorded.Worker, recorded.Birth, recorded.Ordinal);

    public static void Write<T>(ref T sink, LeaseGranted granted)
        where T : IWireSink, allows ref struct
    {
        Turn(ref sink, 4, granted.Worker, granted.Birth, granted.Ordinal);
        Write(ref sink, granted.Lease);
    }

    public static void Write<T>(ref T sink, Offer offer)
        where T : IWireSink, allows ref struct => Turn(ref sink, 3, offer.Worker, offer.Birth, offer.Ordinal);

    public static void Write<T>(ref T sink, OfferDeclined declined)
        where T : IWireSink, allows ref struct => Turn(ref sink, 3, declined.Worker, declined.Birth, declined.Ordinal);

    public static void Write<T>(ref T sink, OfferAccepted accepted)
        where T : IWireSink, allows ref struct
    {
        Turn(ref sink, 4, accepted.Worker, accepted.Birth, accepted.Ordinal);
        Write(ref sink, accepted.Lease);
    }

    public static void Write<T>(ref T sink, Completed completed)
        where T : IWireSink, allows ref struct
    {
        Turn(ref sink, 4, completed.Worker, completed.Birth, completed.Ordinal);
        var report = completed.Report;
        sink.Group(ReportFields);
        sink.Long(report.Batch.Number);
        sink.Real(report.Loss.LossSum);
        sink.Long(report.Loss.MaskedPairs);
        sink.Long(report.Loss.Pairs);
        sink.Int(report.Examples);
        sink.Long(report.StaleRows);
        sink.Long(report.StalenessSum);
        Write(ref sink, report.Times);
    }

    public static void Write<T>(ref T sink, in WorkerTimes times)
        where T : IWireSink, allows ref struct
    {
        sink.Long(times.Pull);
        sink.Long(times.Gather);
        sink.Long(times.Gemm);
        sink.Long(times.Softmax);
        sink.Long(times.Gradient);
        sink.Long(times.Push);
    }

    public static WorkerTimes ReadTimes(ref WireReader reader) =>
        new(reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long());

    public static void Write<T>(ref T sink, RankingRequest request)
        where T : IWireSink, allows ref struct => Turn(ref sink, 3, request.Worker, request.Birth, request.Known);

    public static void Write<T>(ref T sink, RankingGiven given)
        where T : IWireSink, allows ref struct
    {
        sink.Group(7);
        sink.Int(given.Worker.Value);
        sink.Long(given.Birth);
        sink.Long(given.Step);
        sink.Long(given.Until);
        sink.Int(given.Depth);
        sink.Int(given.Items.Length);
        sink.Block(sizeof(int) * (long)given.Items.Length);
        sink.Array(given.Items, given.Items.Length);
    }

    public static RankingGiven ReadRankingGiven(ref WireReader reader)
    {
        reader.Group(7);
        var (worker, birth, step, until, depth, items) = (new WorkerId(reader.Int()), reader.Long(), reader.Long(), reader.Long(),
            reader.Count(), reader.Count());
        if (depth == 0 ? items > 0 : items % depth != 0)
        {
            throw new WireException($"{items} ranked items are not rows of {depth}.");
        }

        reader.Block(sizeof(int) * (Int128)items);
        return new RankingGiven(worker, birth, step, until, depth, reader.Array<int>(items));
    }

    public static void Write<T>(ref T sink, Failed failed)
        where T : IWireSink, allows ref struct
    {
        sink.Group(4);
        sink.Int(failed.Worker.Value);
        sink.Long(failed.Birth);
        sink.Int((int)failed.Kind);
        sink.Text(failed.Reason);
    }

    public static void Write<T>(ref T sink, Lease lease)
        where T : IWireSink, allows ref struct
    {
        sink.Group(LeaseFields);
        sink.Long(lease.Batch.Number);
        sink.Int(lease.Epoch);
        sink.Int(lease.First);
        sink.Int(lease.Count);
        sink.Long(lease.Clock);
        sink.Long(lease.Step);
        sink.Int(lease.Rank);
        sink.Int(lease.RoundSize);
    }

    public static (WorkerId Worker, long Birth) ReadLife(ref WireReader reader)
    {
        reader.Group(2);
        return (new WorkerId(reader.Int()), reader.Long());
    }

    public static (WorkerId Worker, long Birth, long Ordinal) ReadTurn(ref WireReader reader, int fields = 3)
    {
        reader.Group(fields);
        return (new WorkerId(reader.Int()), reader.Long(), reader.Long());
    }

    public static LeaseGranted ReadLeaseGranted(ref WireReader reader)
    {
        var (worker, birth, ordinal) = ReadTurn(ref reader, 4);
        return new LeaseGranted(worker, birth, ordinal, ReadLease(ref reader));
    }

    public static OfferAccepted ReadOfferAccepted(ref WireReader reader)
    {
        var (worker, birth, ordinal) = ReadTurn(ref reader, 4);
        return new OfferAccepted(worker, birth, ordinal, ReadLease(ref reader));
    }

    public static Completed ReadCompleted(ref WireReader reader)
    {
        var (worker, birth, ordinal) = ReadTurn(ref reader, 4);
        reader.Group(ReportFields);
        return new Completed(worker, birth, ordinal, new BatchReport(
            new BatchId(reader.Long()), new BatchLoss(reader.Real(), reader.Long(), reader.Long()), reader.Int(), reader.Long(),
            reader.Long(),
            ReadTimes(ref reader)));
    }

    public static Failed ReadFailed(ref WireReader reader)
    {
        reader.Group(4);
        var (worker, birth, kind) = (new WorkerId(reader.Int()), reader.Long(), reader.Int());
        return kind is (int)WorkerFailure.CannotCompute or (int)WorkerFailure.LossNotFinite
            ? new Failed(worker, birth, (WorkerFailure)kind, reader.Text())
            : throw new WireException($"There is no failure of kind {kind}.");
    }

    public static Lease ReadLease(ref WireReader reader)
    {
        reader.Group(LeaseFields);
        return new Lease(new BatchId(reader.Long()), reader.Int(), reader.Int(), reader.Int(), reader.Long(), reader.Long(), reader.Int(),
            reader.Int());
    }

    public static void Life<T>(ref T sink, WorkerId worker, long birth)
        where T : IWireSink, allows ref struct
    {
        sink.Group(2);
        sink.Int(worker.Value);
        sink.Long(birth);
    }

    private static void Turn<T>(ref T sink, int fields, WorkerId worker, long birth, long ordinal)
        where T : IWireSink, allows ref struct
    {
        sink.Group(fields);
        sink.Int(worker.Value);
        sink.Long(birth);
        sink.Long(ordinal);
    }
}
