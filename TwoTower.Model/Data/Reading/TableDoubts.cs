using System.Globalization;

namespace TwoTower.Model.Data.Reading;

/// <summary>When the rows of a source are, by which it is doubted that they are what they are taken for.</summary>
internal sealed class TimeCensus
{
    private static readonly long s_earliest = new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long s_latest = new DateTimeOffset(2040, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long s_never = new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private long _count;
    private (long Time, RatingReader? Reader, long Ordinal) _least = (long.MaxValue, null, 0);
    private (long Time, RatingReader? Reader, long Ordinal) _greatest = (0, null, 0);

    /// <summary>Counts a row.</summary>
    public void Count(long timestamp, RatingReader reader, long ordinal)
    {
        if (timestamp != 0)
        {
            _count++;
            if (timestamp > _greatest.Time)
            {
                _greatest = (timestamp, reader, ordinal);
            }

            if (timestamp < _least.Time)
            {
                _least = (timestamp, reader, ordinal);
            }
        }
    }

    /// <exception cref="DataException">A time is before 1990 or after 2040 and nobody said how times are written, or it is
    /// after 2200 whatever was said.</exception>
    public void RefuseDoubtful(DataOptions options)
    {
        var isSaid = options.TimeFormat is not null;
        if (_greatest.Time >= s_never || (!isSaid && _count >= TableDoubts.FewestRows && _greatest.Time >= s_latest))
        {
            throw Doubt(_greatest,
                $"has a time in the year {DateTimeOffset.FromUnixTimeSeconds(Math.Min(_greatest.Time, 253_402_300_799)).Year}{(isSaid ? $" by data.timeFormat={options.TimeFormat}" : string.Empty)}");
        }

        if (!isSaid && _count >= TableDoubts.FewestRows && _least.Time < s_earliest)
        {
            throw Doubt(_least,
                $"has a time in {DateTimeOffset.FromUnixTimeSeconds(_least.Time).ToString("MMMM yyyy", CultureInfo.InvariantCulture)}: "
                + $"something else may be taken for seconds (days, minutes, row numbers, a date without separators)");
        }
    }

    private static DataException Doubt((long Time, RatingReader? Reader, long Ordinal) row, string what) =>
        new(string.Create(CultureInfo.InvariantCulture,
            $"{row.Reader!.Name}, {row.Reader.Place(row.Ordinal)} {what}: {row.Reader.Text(row.Ordinal) ?? $"{row.Time} seconds"}. Say how times are written with --set data.timeFormat=… ({TimeFormat.Known}), or which column has them with --set data.timestampColumn=…."));
}

/// <summary>What cannot be what it is taken for.</summary>
internal static class TableDoubts
{
    /// <summary>Fewer rows say nothing.</summary>
    public const int FewestRows = 20;

    /// <exception cref="DataException">Every row has a user, or an item, of its own, and nobody named the column.</exception>
    public static void RefuseDistinct(int rows, int users, int items, ColumnNames names, RatingReader? reader)
    {
        if (rows < FewestRows || reader is null)
        {
            return;
        }

        foreach (var (what, distinct, named) in (ReadOnlySpan<(string, int, string?)>)[("user", users, names.User),
            ("item", items, names.Item)])
        {
            if (distinct == rows && named is null)
            {
                throw new DataException(FormattableString.Invariant(
                    $"Every one of the {rows} rows of {reader.Name} has {(what == "user" ? "a user" : "an item")} of its own, as a column ")
                        + FormattableString.Invariant(
                        $"of row numbers would have: {reader.Text(1) ?? "see its rows"}. Say which column has the {what}s with --set ")
                        + FormattableString.Invariant($"data.{what}Column=…; the same one settles that it is right."));
            }
        }
    }

    /// <exception cref="DataException">A number stands for an id in two ways, as 3 and as 3.0.</exception>
    public static void RefuseTwins(string what, IReadOnlyList<string> ids, RatingReader? reader)
    {
        if (reader is not null && ids.FirstOrDefault(id => id.EndsWith(".0", StringComparison.Ordinal)) is not null)
        {
            var known = ids.ToHashSet(StringComparer.Ordinal);
            if (ids.FirstOrDefault(id => id.EndsWith(".0", StringComparison.Ordinal) && known.Contains(id[..^2])) is { } twin)
            {
                throw new DataException(
                    $"{reader.Name}: the {what} '{twin}' stands beside the {what} '{twin[..^2]}', and they would be two. Write ids in one "
                    + $"way, without '.0'.");
            }
        }
    }
}
