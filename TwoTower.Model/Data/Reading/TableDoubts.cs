using System.Globalization;

namespace TwoTower.Model.Data;

/// <summary>When the rows of a source are, by which it is doubted that they are what they are taken for.</summary>
internal sealed class TimeCensus
{
    private const long EndOfJanuary1970 = 31 * 86_400;
    private static readonly long s_latest = new DateTimeOffset(2100, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private long _count;
    private long _greatest;
    private RatingReader? _reader;
    private long _ordinal;

    /// <summary>Counts a row.</summary>
    public void Count(long timestamp, RatingReader reader, long ordinal)
    {
        if (timestamp != 0)
        {
            _count++;
            if (timestamp > _greatest)
            {
                (_greatest, _reader, _ordinal) = (timestamp, reader, ordinal);
            }
        }
    }

    /// <exception cref="DataException">All times are of January 1970, or one is after 2100, and nobody said how times are written.</exception>
    public void RefuseDoubtful(DataOptions options)
    {
        if (options.TimeFormat is not null || _count < TableDoubts.FewestRows || (_greatest >= EndOfJanuary1970 && _greatest < s_latest))
        {
            return;
        }

        var when = _greatest >= s_latest
            ? $"has a time in the year {DateTimeOffset.FromUnixTimeSeconds(Math.Min(_greatest, 253_402_300_799)).Year}"
            : "has the latest time of all, and it is in January 1970: days, row numbers or something else are taken for seconds";
        throw new DataException(string.Create(CultureInfo.InvariantCulture,
            $"{_reader!.Name}, {_reader.Place(_ordinal)} {when}: {_reader.Text(_ordinal) ?? $"{_greatest} seconds"}. Say how times are written with --set data.timeFormat=… ({TimeFormat.Known}), or which column has them with --set data.timestampColumn=…."));
    }
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

        foreach (var (what, distinct, named) in (ReadOnlySpan<(string, int, string?)>)[("user", users, names.User), ("item", items, names.Item)])
        {
            if (distinct == rows && named is null)
            {
                throw new DataException(FormattableString.Invariant(
                    $"Every one of the {rows} rows of {reader.Name} has {(what == "user" ? "a user" : "an item")} of its own, as a column of row numbers would have: {reader.Text(1) ?? "see its rows"}. Say which column has the {what}s with --set data.{what}Column=…; the same one settles that it is right."));
            }
        }
    }
}
