using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Everything that a shard has to know to go on, on the wire and on disk.</summary>
internal static class RecordFormat
{
    private const int MostPushes = 1 << 16;

    public static void Write<T>(ref T sink, ShardRecord record)
        where T : IWireSink, allows ref struct
    {
        var (workers, births, above) = (record.Fences.Select(fence => fence.Worker).ToArray(), record.Fences.Select(fence => fence.Birth)
            .ToArray(), record.Above.ToArray());
        sink.Group(14);
        sink.Int(record.Shard.Value);
        sink.Long(record.Version);
        sink.Long(record.Frontier);
        sink.Long(record.AppliedRound);
        sink.Long(record.FurthestClock);
        sink.Int(above.Length);
        sink.Int(workers.Length);
        Header(ref sink, record.Users);
        Header(ref sink, record.Items);
        StateFormat.Write(ref sink, record.Counters);
        StateFormat.Header(ref sink, record.Staleness);
        Headers(ref sink, record.Waiting);
        Headers(ref sink, record.Round);
        var absent = record.Users.State.Absent + record.Items.State.Absent;
        sink.Block(record.Bytes - absent + StateFormat.Bytes(record.Staleness) + (sizeof(long) * (long)(above.Length + births.Length))
            + (sizeof(int) * (long)workers.Length), absent);
        sink.Array(above, above.Length);
        sink.Array(workers, workers.Length);
        sink.Array(births, births.Length);
        Arrays(ref sink, record.Users);
        Arrays(ref sink, record.Items);
        StateFormat.Arrays(ref sink, record.Staleness);
        foreach (var push in record.Waiting)
        {
            ParameterFormat.Arrays(ref sink, push);
        }

        foreach (var push in record.Round)
        {
            ParameterFormat.Arrays(ref sink, push);
        }
    }

    public static ShardRecord Read(ref WireReader reader)
    {
        reader.Group(14);
        var (shard, version, frontier, round, furthest) = (new ShardId(reader.Int()), reader.Long(), reader.Long(), reader.Long(),
            reader.Long());
        var (aboves, fences) = (reader.Count(), reader.Count());
        var (users, items) = (ReadHeader(ref reader), ReadHeader(ref reader));
        var counters = StateFormat.ReadCounters(ref reader);
        var staleness = StateFormat.ReadStalenessHeader(ref reader);
        var (waiting, waitingBytes) = ReadHeaders(ref reader);
        var (inRound, roundBytes) = ReadHeaders(ref reader);
        reader.Block((sizeof(long) * ((Int128)aboves + fences)) + (sizeof(int) * (Int128)fences) + users.Bytes + items.Bytes
            + staleness.Bytes + waitingBytes + roundBytes);
        var above = reader.Array<long>(aboves);
        var (workers, births) = (reader.Array<int>(fences), reader.Array<long>(fences));
        var (userTable, itemTable) = (ReadArrays(ref reader, users), ReadArrays(ref reader, items));
        var counts = StateFormat.ReadArrays(ref reader, staleness);
        return new ShardRecord(shard, userTable, itemTable, version, frontier, above, round, [.. workers.Zip(births)], furthest,
            counters, counts)
        {
            Waiting = ReadArrays(ref reader, shard, waiting),
            Round = ReadArrays(ref reader, shard, inRound),
        };
    }

    private static void Header<T>(ref T sink, TableRecord table)
        where T : IWireSink, allows ref struct
    {
        sink.Group(4);
        StateFormat.Header(ref sink, table.State);
        sink.Int(table.Versions.Length);
        sink.Int(table.BeforeRows.Length);
        sink.Int(table.BeforeValues.Length);
    }

    private static void Arrays<T>(ref T sink, TableRecord table)
        where T : IWireSink, allows ref struct
    {
        StateFormat.Arrays(ref sink, table.State);
        sink.Array(table.Versions, table.Versions.Length);
        sink.Array(table.BeforeRows, table.BeforeRows.Length);
        sink.Array(table.BeforeValues, table.BeforeValues.Length);
    }

    private static TableHeader ReadHeader(ref WireReader reader)
    {
        reader.Group(4);
        return new TableHeader(StateFormat.ReadHeader(ref reader), reader.Count(), reader.Count(), reader.Count());
    }

    private static TableRecord ReadArrays(ref WireReader reader, TableHeader header) => new(
        StateFormat.ReadArrays(ref reader, header.State), reader.Array<int>(header.Versions), reader.Array<int>(header.BeforeRows),
        reader.Array<float>(header.BeforeValues));

    private static void Headers<T>(ref T sink, IReadOnlyList<ParameterProtocol.Push> pushes)
        where T : IWireSink, allows ref struct
    {
        if (pushes.Count > MostPushes)
        {
            throw new WireException($"{pushes.Count} pushes that wait are more than the {MostPushes} there may be.");
        }

        sink.Group(pushes.Count);
        foreach (var push in pushes)
        {
            ParameterFormat.Header(ref sink, push);
        }
    }

    private static (List<ParameterFormat.PushHeader> Pushes, Int128 Bytes) ReadHeaders(ref WireReader reader)
    {
        var (pushes, bytes) = (new List<ParameterFormat.PushHeader>(), (Int128)0);
        for (var left = reader.GroupUpTo(MostPushes); left > 0; left--)
        {
            pushes.Add(ParameterFormat.ReadPushHeader(ref reader));
            bytes += pushes[^1].Length;
        }

        return (pushes, bytes);
    }

    private static ParameterProtocol.Push[] ReadArrays(ref WireReader reader, ShardId shard, List<ParameterFormat.PushHeader> headers)
    {
        var pushes = new ParameterProtocol.Push[headers.Count];
        for (var n = 0; n < pushes.Length; n++)
        {
            pushes[n] = ParameterFormat.ReadPush(ref reader, shard, headers[n]);
        }

        return pushes;
    }

    private sealed record TableHeader(StateFormat.TableHeader State, int Versions, int BeforeRows, int BeforeValues)
    {
        public Int128 Bytes => State.Bytes + (sizeof(int) * ((Int128)Versions + BeforeRows + BeforeValues));
    }
}
