using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Reports;
using static TwoTower.Actors.Protocol.StateProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The state conversation on the wire.</summary>
internal static class StateFormat
{
    private const int MostSlots = 8;

    public static void Write<T>(ref T sink, Standing standing)
        where T : IWireSink, allows ref struct
    {
        sink.Group(4);
        sink.Int(standing.Shard.Value);
        sink.Long(standing.Completed);
        sink.Long(standing.Applied);
        sink.Flag(standing.Lacks);
    }

    public static void Write<T>(ref T sink, Inquire inquire)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(inquire.Shard.Value);
        sink.Long(inquire.Completed);
        sink.Int(inquire.Beyond);
    }

    public static Inquire ReadInquire(ref WireReader reader)
    {
        reader.Group(3);
        return new Inquire(new ShardId(reader.Int()), reader.Long(), reader.Int());
    }

    public static Standing ReadStanding(ref WireReader reader)
    {
        reader.Group(4);
        return new Standing(new ShardId(reader.Int()), reader.Long(), reader.Long(), reader.Flag());
    }

    public static void Write<T>(ref T sink, Recovered recovered)
        where T : IWireSink, allows ref struct
    {
        sink.Group(4);
        sink.Int(recovered.Shard.Value);
        sink.Long(recovered.Frontier);
        sink.Int(recovered.Above.Length);
        sink.Block((long)recovered.Above.Length * sizeof(long));
        sink.Array(recovered.Above, recovered.Above.Length);
    }

    public static Recovered ReadRecovered(ref WireReader reader)
    {
        reader.Group(4);
        var (shard, frontier, above) = (new ShardId(reader.Int()), reader.Long(), reader.Count());
        reader.Block((long)above * sizeof(long));
        return new Recovered(shard, frontier, reader.Array<long>(above));
    }

    public static void Write<T>(ref T sink, Count count)
        where T : IWireSink, allows ref struct
    {
        sink.Group(1);
        sink.Int(count.Shard.Value);
    }

    public static Count ReadCount(ref WireReader reader)
    {
        reader.Group(1);
        return new Count(new ShardId(reader.Int()));
    }

    public static void Write<T>(ref T sink, Counted counted)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(counted.Shard.Value);
        Write(ref sink, counted.Counters);
        Header(ref sink, counted.Staleness);
        sink.Block(Bytes(counted.Staleness));
        Arrays(ref sink, counted.Staleness);
    }

    public static Counted ReadCounted(ref WireReader reader)
    {
        reader.Group(3);
        var (shard, counters, staleness) = (new ShardId(reader.Int()), ReadCounters(ref reader), ReadStalenessHeader(ref reader));
        reader.Block(staleness.Bytes);
        return new Counted(shard, counters, ReadArrays(ref reader, staleness));
    }

    public static void Write<T>(ref T sink, Image image)
        where T : IWireSink, allows ref struct
    {
        sink.Group(9);
        sink.Int(image.Shard.Value);
        sink.Long(image.Step);
        sink.Long(image.Applied);
        sink.Flag(image.InFlight);
        Header(ref sink, image.Users);
        Header(ref sink, image.Items);
        Write(ref sink, image.Counters);
        Header(ref sink, image.Staleness);
        sink.Block(image.Users.Bytes - image.Users.Absent + image.Items.Bytes - image.Items.Absent + Bytes(image.Staleness),
            image.Users.Absent + image.Items.Absent);
        Arrays(ref sink, image.Users);
        Arrays(ref sink, image.Items);
        Arrays(ref sink, image.Staleness);
    }

    public static Image ReadImage(ref WireReader reader)
    {
        reader.Group(9);
        var (shard, step, applied, inFlight) = (new ShardId(reader.Int()), reader.Long(), reader.Long(), reader.Flag());
        var (users, items) = (ReadHeader(ref reader), ReadHeader(ref reader));
        var counters = ReadCounters(ref reader);
        var staleness = ReadStalenessHeader(ref reader);
        reader.Block(users.Bytes + items.Bytes + staleness.Bytes);
        return new Image(shard, step, applied, inFlight, ReadArrays(ref reader, users), ReadArrays(ref reader, items), counters,
            ReadArrays(ref reader, staleness));
    }

    public static void Write<T>(ref T sink, in ShardCounters counters)
        where T : IWireSink, allows ref struct
    {
        sink.Group(6);
        sink.Long(counters.Rows);
        sink.Long(counters.Pulls);
        sink.Long(counters.Pushes);
        sink.Long(counters.Bytes);
        sink.Long(counters.PullTicks);
        sink.Long(counters.ApplyTicks);
    }

    public static ShardCounters ReadCounters(ref WireReader reader)
    {
        reader.Group(6);
        return new ShardCounters(reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long());
    }

    public static void Header<T>(ref T sink, StalenessCounts staleness)
        where T : IWireSink, allows ref struct
    {
        var histograms = HistogramsOf(staleness);
        sink.Group(8 + histograms.Length);
        sink.Long(staleness.Sum);
        sink.Long(staleness.Rows);
        sink.Long(staleness.Max);
        sink.Long(staleness.Pushes);
        sink.Long(staleness.VersionSum);
        sink.Long(staleness.MaxClocks);
        sink.Long(staleness.BoundViolations);
        sink.Long(staleness.Dropped);
        foreach (var histogram in histograms)
        {
            sink.Int(Used(histogram));
        }
    }

    public static long Bytes(StalenessCounts staleness) => HistogramsOf(staleness).Sum(histogram => (long)Used(histogram)) * sizeof(long);

    public static void Arrays<T>(ref T sink, StalenessCounts staleness)
        where T : IWireSink, allows ref struct
    {
        foreach (var histogram in HistogramsOf(staleness))
        {
            sink.Array(histogram, Used(histogram));
        }
    }

    public static StalenessHeader ReadStalenessHeader(ref WireReader reader)
    {
        var staleness = new StalenessCounts();
        var histograms = HistogramsOf(staleness);
        reader.Group(8 + histograms.Length);
        staleness.Sum = reader.Long();
        staleness.Rows = reader.Long();
        staleness.Max = reader.Long();
        staleness.Pushes = reader.Long();
        staleness.VersionSum = reader.Long();
        staleness.MaxClocks = reader.Long();
        staleness.BoundViolations = reader.Long();
        staleness.Dropped = reader.Long();
        var used = new int[histograms.Length];
        for (var n = 0; n < used.Length; n++)
        {
            used[n] = reader.Count();
            if (used[n] > histograms[n].Length)
            {
                throw new WireException($"A histogram of {used[n]} counts is longer than the {histograms[n].Length} there may be.");
            }
        }

        return new StalenessHeader(staleness, used);
    }

    public static StalenessCounts ReadArrays(ref WireReader reader, StalenessHeader header)
    {
        var histograms = HistogramsOf(header.Counts);
        for (var n = 0; n < histograms.Length; n++)
        {
            reader.Fill(histograms[n], header.Used[n]);
        }

        return header.Counts;
    }

    private static long[][] HistogramsOf(StalenessCounts staleness) =>
        [.. staleness.Histograms.SelectMany(table => table), staleness.Versions];

    /// <summary>Entries up to the last that is not 0.</summary>
    private static int Used(long[] histogram) => Array.FindLastIndex(histogram, count => count != 0) + 1;

    public static void Header<T>(ref T sink, TableImage table)
        where T : IWireSink, allows ref struct
    {
        if (table.Slots.Length > MostSlots)
        {
            throw new WireException($"{table.Slots.Length} optimizer slots are more than the {MostSlots} there may be.");
        }

        sink.Group(3);
        sink.Int(table.Values.Length);
        sink.Int(table.RowSteps.Length);
        sink.Group(table.Slots.Length);
        foreach (var slot in table.Slots)
        {
            sink.Int(slot.Length);
        }
    }

    public static void Arrays<T>(ref T sink, TableImage table)
        where T : IWireSink, allows ref struct
    {
        sink.Array(table.Values, table.Values.Length);
        foreach (var slot in table.Slots)
        {
            sink.Array(slot, slot.Length);
        }

        sink.Array(table.RowSteps, table.RowSteps.Length);
    }

    public static TableHeader ReadHeader(ref WireReader reader)
    {
        reader.Group(3);
        var (values, rows) = (reader.Count(), reader.Count());
        var slots = new int[reader.GroupUpTo(MostSlots)];
        for (var slot = 0; slot < slots.Length; slot++)
        {
            slots[slot] = reader.Count();
        }

        return new TableHeader(values, rows, slots);
    }

    public static TableImage ReadArrays(ref WireReader reader, TableHeader header)
    {
        var values = reader.Array<float>(header.Values);
        var slots = new float[header.Slots.Length][];
        for (var slot = 0; slot < slots.Length; slot++)
        {
            slots[slot] = reader.Array<float>(header.Slots[slot]);
        }

        return new TableImage(values, slots, reader.Array<int>(header.Rows));
    }

    public sealed record TableHeader(int Values, int Rows, int[] Slots)
    {
        public long Bytes => sizeof(float) * (Values + (long)Rows + Slots.Sum(slot => (long)slot));
    }

    public sealed record StalenessHeader(StalenessCounts Counts, int[] Used)
    {
        public long Bytes => Used.Sum(count => (long)count) * sizeof(long);
    }
}
