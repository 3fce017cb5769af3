using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Declarations;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Rows and their keys in pooled arrays: counts, and one binary block of keys, versions and values.</summary>
internal static class RowForm
{
    private const int Fields = 4;

    public static void Write(ref WireWriter writer, RowKeys keys)
    {
        writer.Block(keys.Count * (long)sizeof(int));
        writer.Array(keys.Array, keys.Count);
    }

    public static RowKeys ReadKeys(ref WireReader reader)
    {
        var bytes = reader.Block();
        return bytes % sizeof(int) == 0 && bytes <= int.MaxValue
            ? Keys(ref reader, (int)(bytes / sizeof(int)))
            : throw new WireException($"A block of {bytes} bytes holds no keys.");
    }

    public static void Write(ref WireWriter writer, RowBlock block)
    {
        writer.Group(Fields);
        writer.Int(block.Count);
        writer.Int(block.Width);
        writer.Int((int)block.Precision);
        writer.Block(block.Bytes);
        writer.Array(block.Keys.Array, block.Count);
        writer.Array(block.Versions, block.Count);
        if (block.Precision == RowPrecision.Float32)
        {
            writer.Array(block.Values, block.Count * block.Width);
        }
        else
        {
            writer.Packed(block);
        }
    }

    public static RowBlock ReadBlock(ref WireReader reader)
    {
        reader.Group(Fields);
        var (count, width, precision) = (reader.Count(), reader.Count(), (RowPrecision)reader.Int());
        if (!Enum.IsDefined(precision))
        {
            throw new WireException($"There is no precision {(int)precision}.");
        }

        // Counts of 31 bits can overflow 64 bits, and must not come to a small block that way.
        reader.Block((Int128)count * (RowRounding.BytesOf(precision, width) + (2 * sizeof(int))));
        var block = RowBlock.Rent(Keys(ref reader, count), width) with { Precision = precision };
        reader.Fill(block.Versions, count);
        if (precision == RowPrecision.Float32)
        {
            reader.Fill(block.Values, count * width);
        }
        else
        {
            reader.Unpack(block);
        }

        return block;
    }

    private static RowKeys Keys(ref WireReader reader, int count)
    {
        var keys = RowKeys.Rent(count);
        reader.Fill(keys.Array, count);
        return keys;
    }
}

/// <summary>Staleness as it travels: every histogram up to its last entry that is not 0.</summary>
internal sealed record StalenessForm(
    long Sum, long Rows, long Max, long Pushes, long VersionSum, long MaxClocks, long BoundViolations, long Dropped, long[][] Histograms)
    : IWireChecked
{
    private static readonly int s_histograms = HistogramsOf(new StalenessCounts()).Length;

    string? IWireChecked.Fault =>
        Histograms.Length == s_histograms && Histograms.All(histogram => histogram.Length <= StalenessCounts.Cap + 1)
            ? null
            : $"Staleness has {s_histograms} histograms of up to {StalenessCounts.Cap + 1} counts.";

    public static StalenessForm Of(StalenessCounts counts) => new(
        counts.Sum, counts.Rows, counts.Max, counts.Pushes, counts.VersionSum, counts.MaxClocks, counts.BoundViolations, counts.Dropped,
        [.. HistogramsOf(counts).Select(histogram => histogram[..(Array.FindLastIndex(histogram, count => count != 0) + 1)])]);

    public StalenessCounts Counts()
    {
        var counts = new StalenessCounts
        {
            Sum = Sum,
            Rows = Rows,
            Max = Max,
            Pushes = Pushes,
            VersionSum = VersionSum,
            MaxClocks = MaxClocks,
            BoundViolations = BoundViolations,
            Dropped = Dropped,
        };
        foreach (var (from, into) in Histograms.Zip(HistogramsOf(counts)))
        {
            from.CopyTo(into, 0);
        }

        return counts;
    }

    private static long[][] HistogramsOf(StalenessCounts counts) => [.. counts.Histograms.SelectMany(table => table), counts.Versions];
}

/// <summary>A ranking's metrics as they travel: columns by metric, and what is known by cut-off in its order.</summary>
internal sealed record RankingForm(
    RankingProtocol Protocol, int[] Users, IReadOnlyList<(string Metric, double[] PerUser)> Columns,
    IReadOnlyList<(int K, double Share)> Coverage, IReadOnlyList<(int K, int Users)> Tied) : IWireChecked
{
    string? IWireChecked.Fault =>
        Columns.DistinctBy(column => column.Metric, StringComparer.Ordinal).Count() != Columns.Count ? "A metric comes twice."
        : Columns.Any(column => column.PerUser.Length != Users.Length) ? "A metric has not one value for each user."
        : Coverage.DistinctBy(at => at.K).Count() != Coverage.Count || Tied.DistinctBy(at => at.K).Count() != Tied.Count
            ? "A cut-off comes twice."
        : null;

    public static RankingForm Of(RankingResult result) => new(
        result.Protocol, result.Users, [.. result.Metrics.Select(metric => (metric, result.PerUser(metric)))],
        [.. result.Coverage.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))],
        [.. result.TiedUsers.OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value))]);

    public RankingResult Result() => new(
        Protocol, Users, Columns.ToDictionary(column => column.Metric, column => column.PerUser, StringComparer.Ordinal),
        new SortedDictionary<int, double>(Coverage.ToDictionary(at => at.K, at => at.Share)),
        new SortedDictionary<int, int>(Tied.ToDictionary(at => at.K, at => at.Users)));
}
