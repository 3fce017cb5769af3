using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using static TwoTower.Actors.Protocol.SnapshotProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The snapshot conversation on the wire.</summary>
internal static class SnapshotFormat
{
    private const int MostMetrics = 1024;

    public static void Write<T>(ref T sink, Evaluate evaluate)
        where T : IWireSink, allows ref struct
    {
        sink.Group(2);
        sink.Long(evaluate.Step);
        sink.Real(evaluate.Epoch);
    }

    public static void Write<T>(ref T sink, Read read)
        where T : IWireSink, allows ref struct => ShardAndStep(ref sink, read.Shard, read.Step);

    public static void Write<T>(ref T sink, Part part)
        where T : IWireSink, allows ref struct
    {
        sink.Group(7);
        sink.Int(part.Shard.Value);
        sink.Long(part.Step);
        sink.Long(part.Applied);
        sink.Flag(part.InFlight);
        sink.Int(part.Users.Length);
        sink.Int(part.Items.Length);
        sink.Block(((long)part.Users.Length + part.Items.Length) * sizeof(float), part.Absent);
        sink.Array(part.Users, part.Users.Length);
        sink.Array(part.Items, part.Items.Length);
    }

    public static void Write<T>(ref T sink, Taken taken)
        where T : IWireSink, allows ref struct
    {
        sink.Group(1);
        sink.Long(taken.Step);
    }

    public static void Write<T>(ref T sink, Failed failed)
        where T : IWireSink, allows ref struct
    {
        sink.Group(2);
        sink.Long(failed.Step);
        sink.Text(failed.Reason);
    }

    public static void Write<T>(ref T sink, Evaluated evaluated)
        where T : IWireSink, allows ref struct
    {
        var (report, snapshot) = (evaluated.Report, evaluated.Snapshot);
        sink.Group(9);
        sink.Real(report.Epoch);
        sink.Long(report.Step);
        sink.Real(report.Seconds);
        Header(ref sink, report.Masked);
        Header(ref sink, report.Raw);
        sink.Long(snapshot.Step);
        sink.Int(snapshot.Users.Length);
        sink.Int(snapshot.Items.Length);
        sink.Block(Bytes(report.Masked) + Bytes(report.Raw) + (((long)snapshot.Users.Length + snapshot.Items.Length) * sizeof(float)));
        Columns(ref sink, report.Masked);
        Columns(ref sink, report.Raw);
        sink.Array(snapshot.Users, snapshot.Users.Length);
        sink.Array(snapshot.Items, snapshot.Items.Length);
    }

    public static void ShardAndStep<T>(ref T sink, ShardId shard, long step)
        where T : IWireSink, allows ref struct
    {
        sink.Group(2);
        sink.Int(shard.Value);
        sink.Long(step);
    }

    public static Evaluate ReadEvaluate(ref WireReader reader)
    {
        reader.Group(2);
        return new Evaluate(reader.Long(), reader.Real());
    }

    public static (ShardId Shard, long Step) ReadShardAndStep(ref WireReader reader)
    {
        reader.Group(2);
        return (new ShardId(reader.Int()), reader.Long());
    }

    public static Part ReadPart(ref WireReader reader)
    {
        reader.Group(7);
        var (shard, step, applied, inFlight) = (new ShardId(reader.Int()), reader.Long(), reader.Long(), reader.Flag());
        var (users, items) = (reader.Count(), reader.Count());
        reader.Block(((long)users + items) * sizeof(float));
        return new Part(shard, step, applied, inFlight, reader.Array<float>(users), reader.Array<float>(items));
    }

    public static Taken ReadTaken(ref WireReader reader)
    {
        reader.Group(1);
        return new Taken(reader.Long());
    }

    public static Failed ReadFailed(ref WireReader reader)
    {
        reader.Group(2);
        return new Failed(reader.Long(), reader.Text());
    }

    public static Evaluated ReadEvaluated(ref WireReader reader)
    {
        reader.Group(9);
        var (epoch, step, seconds) = (reader.Real(), reader.Long(), reader.Real());
        var (masked, raw) = (ReadHeader(ref reader), ReadHeader(ref reader));
        var (at, users, items) = (reader.Long(), reader.Count(), reader.Count());
        reader.Block(masked.Bytes + raw.Bytes + (((Int128)users + items) * sizeof(float)));
        return new Evaluated(
            new EvaluationReport(epoch, step, ReadColumns(ref reader, masked), ReadColumns(ref reader, raw), seconds),
            new ModelSnapshot(at, reader.Array<float>(users), reader.Array<float>(items)));
    }

    private static void Header<T>(ref T sink, RankingResult result)
        where T : IWireSink, allows ref struct
    {
        sink.Group(5);
        sink.Int((int)result.Protocol);
        sink.Int(result.Users.Length);
        sink.Group(result.Metrics.Count());
        foreach (var metric in result.Metrics)
        {
            sink.Text(metric);
        }

        sink.Group(2 * result.Coverage.Count);
        foreach (var (k, share) in result.Coverage.OrderBy(pair => pair.Key))
        {
            sink.Int(k);
            sink.Real(share);
        }

        sink.Group(2 * result.TiedUsers.Count);
        foreach (var (k, users) in result.TiedUsers.OrderBy(pair => pair.Key))
        {
            sink.Int(k);
            sink.Int(users);
        }
    }

    private static long Bytes(RankingResult result) =>
        (long)result.Users.Length * (sizeof(int) + (sizeof(double) * result.Metrics.Count()));

    private static void Columns<T>(ref T sink, RankingResult result)
        where T : IWireSink, allows ref struct
    {
        sink.Array(result.Users, result.Users.Length);
        foreach (var metric in result.Metrics)
        {
            sink.Array(result.PerUser(metric), result.Users.Length);
        }
    }

    private static ResultHeader ReadHeader(ref WireReader reader)
    {
        reader.Group(5);
        var (protocol, users) = ((RankingProtocol)reader.Int(), reader.Count());
        if (!Enum.IsDefined(protocol))
        {
            throw new WireException($"There is no ranking protocol {(int)protocol}.");
        }

        var metrics = new List<string>();
        for (var left = reader.GroupUpTo(MostMetrics); left > 0; left--)
        {
            metrics.Add(reader.Text());
        }

        if (metrics.Distinct(StringComparer.Ordinal).Count() != metrics.Count)
        {
            throw new WireException("A metric comes twice.");
        }

        var coverage = new SortedDictionary<int, double>();
        for (var left = reader.GroupUpTo(MostMetrics); left > 0; left -= 2)
        {
            coverage[reader.Int()] = reader.Real();
        }

        var tied = new SortedDictionary<int, int>();
        for (var left = reader.GroupUpTo(MostMetrics); left > 0; left -= 2)
        {
            tied[reader.Int()] = reader.Int();
        }

        return new ResultHeader(protocol, users, metrics, coverage, tied);
    }

    private static RankingResult ReadColumns(ref WireReader reader, ResultHeader header)
    {
        var users = reader.Array<int>(header.Users);
        var columns = new Dictionary<string, double[]>(StringComparer.Ordinal);
        foreach (var metric in header.Metrics)
        {
            columns.Add(metric, reader.Array<double>(header.Users));
        }

        return new RankingResult(header.Protocol, users, columns, header.Coverage, header.TiedUsers);
    }

    private sealed record ResultHeader(RankingProtocol Protocol, int Users, List<string> Metrics, SortedDictionary<int, double> Coverage,
        SortedDictionary<int, int> TiedUsers)
    {
        public Int128 Bytes => (Int128)Users * (sizeof(int) + (sizeof(double) * Metrics.Count));
    }
}
