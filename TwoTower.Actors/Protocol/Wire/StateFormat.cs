using TwoTower.Actors.ParameterServer;
using static TwoTower.Actors.Protocol.StateProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The state conversation on the wire.</summary>
internal static class StateFormat
{
    private const int MostSlots = 8;

    public static void Write<T>(ref T sink, Standing standing)
        where T : IWireSink, allows ref struct
    {
        sink.Group(3);
        sink.Int(standing.Shard.Value);
        sink.Long(standing.Completed);
        sink.Long(standing.Applied);
    }

    public static Standing ReadStanding(ref WireReader reader)
    {
        reader.Group(3);
        return new Standing(new ShardId(reader.Int()), reader.Long(), reader.Long());
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

    public static void Write<T>(ref T sink, Image image)
        where T : IWireSink, allows ref struct
    {
        var (counters, staleness) = (image.Counters, image.Staleness);
        sink.Group(9);
        sink.Int(image.Shard.Value);
        sink.Long(image.Step);
        sink.Long(image.Applied);
        sink.Flag(image.InFlight);
        Header(ref sink, image.Users);
        Header(ref sink, image.Items);
        sink.Group(6);
        sink.Long(counters.Rows);
        sink.Long(counters.Pulls);
        sink.Long(counters.Pushes);
        sink.Long(counters.Bytes);
        sink.Long(counters.PullTicks);
        sink.Long(counters.ApplyTicks);
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

        sink.Block(image.Users.Bytes - image.Users.Absent + image.Items.Bytes - image.Items.Absent + (histograms.Sum(histogram => (long)Used(histogram)) * sizeof(long)), image.Users.Absent + image.Items.Absent);
        Arrays(ref sink, image.Users);
        Arrays(ref sink, image.Items);
        foreach (var histogram in histograms)
        {
            sink.Array(histogram, Used(histogram));
        }
    }

    public static Image ReadImage(ref WireReader reader)
    {
        reader.Group(9);
        var (shard, step, applied, inFlight) = (new ShardId(reader.Int()), reader.Long(), reader.Long(), reader.Flag());
        var (users, items) = (ReadHeader(ref reader), ReadHeader(ref reader));
        reader.Group(6);
        var counters = new ShardCounters(reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long(), reader.Long());
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

        reader.Block(users.Bytes + items.Bytes + (used.Sum(count => (long)count) * sizeof(long)));
        var (userTable, itemTable) = (ReadArrays(ref reader, users), ReadArrays(ref reader, items));
        for (var n = 0; n < used.Length; n++)
        {
            reader.Fill(histograms[n], used[n]);
        }

        return new Image(shard, step, applied, inFlight, userTable, itemTable, counters, staleness);
    }

    private static long[][] HistogramsOf(StalenessCounts staleness) => [.. staleness.Histograms.SelectMany(table => table), staleness.Versions];

    /// <summary>Entries up to the last that is not 0.</summary>
    private static int Used(long[] histogram) => Array.FindLastIndex(histogram, count => count != 0) + 1;

    private static void Header<T>(ref T sink, TableImage table)
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

    private static void Arrays<T>(ref T sink, TableImage table)
        where T : IWireSink, allows ref struct
    {
        sink.Array(table.Values, table.Values.Length);
        foreach (var slot in table.Slots)
        {
            sink.Array(slot, slot.Length);
        }

        sink.Array(table.RowSteps, table.RowSteps.Length);
    }

    private static TableHeader ReadHeader(ref WireReader reader)
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

    private static TableImage ReadArrays(ref WireReader reader, TableHeader header)
    {
        var values = reader.Array<float>(header.Values);
        var slots = new float[header.Slots.Length][];
        for (var slot = 0; slot < slots.Length; slot++)
        {
            slots[slot] = reader.Array<float>(header.Slots[slot]);
        }

        return new TableImage(values, slots, reader.Array<int>(header.Rows));
    }

    private sealed record TableHeader(int Values, int Rows, int[] Slots)
    {
        public long Bytes => sizeof(float) * (Values + (long)Rows + Slots.Sum(slot => (long)slot));
    }
}
