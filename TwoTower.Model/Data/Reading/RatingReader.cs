namespace TwoTower.Model.Data.Reading;

/// <summary>Reads one file of ratings into a table, and finds the line of what cannot be used.</summary>
/// <param name="file">The file.</param>
/// <param name="layout">How it lies.</param>
/// <param name="columns">Where its columns stand.</param>
/// <param name="scratch">Where a copy goes if one is needed.</param>
/// <param name="format">How times are written, if that was said.</param>
/// <param name="table">Where rows go.</param>
internal sealed class RatingReader(SourceFile file, FileTableLayout layout, RatingColumns columns, ScratchFolder scratch,
    TimeFormat? format, RatingTableBuilder table)
{
    private const int NamedRows = 3;
    private static readonly HashSet<string> s_nobody =
        new(["NULL", "NaN", "\\N", "<NA>", "None", "NA", "N/A", "#N/A", "undefined", "(null)", "-"], StringComparer.OrdinalIgnoreCase);
    private readonly TimeReader _times = new(format);
    private readonly List<(long Ordinal, string Expected, string Found)> _bad = [];
    private long _badCount;
    private long _ordinal;

    /// <summary>Name of a row's place in this file: a line of a text, a row of parquet.</summary>
    public string Place(long ordinal) => layout.IsText ? $"line {LineOf(ordinal)}" : FormattableString.Invariant($"row {ordinal}");

    /// <summary>Whether its rows have times.</summary>
    public bool HasTimes => columns.Timestamp >= 0;

    /// <summary>The file's name for messages.</summary>
    public string Name => file.Name;

    /// <summary>A row as it stands in a text; null for parquet.</summary>
    public string? Text(long ordinal) => layout.IsText ? Record(ordinal) is { } record
        ? TextDialect.Shown(string.Join(layout.Dialect!.Separator, record.Fields)) : null : null;

    /// <summary>Reads all rows.</summary>
    /// <exception cref="DataException">The file, or a row under strict reading, cannot be used.</exception>
    public void Read()
    {
        table.Begin(this);
        IReadOnlyList<RejectedRecord> rejected;
        try
        {
            rejected = DuckTable.Read(file, layout, columns.All, scratch, Add);
        }
        catch (TimeException failure)
        {
            throw new DataException(
                $"{file.Name} {string.Format(System.Globalization.CultureInfo.InvariantCulture, failure.Message, Place(_ordinal))}",
                failure);
        }

        if (rejected.FirstOrDefault(record => record.Quote) is { } quoted)
        {
            throw new DataException(
                $"{file.Name}, line {file.LineAt(quoted.Byte)}: expected every quote to be closed, with a separator after it, "
                    + $"found {TextDialect.Shown(quoted.Text)}. Where such a field ends nobody can tell, so no row after it is sure; mend "
                    + $"the line, or write quotes inside of quotes twice.");
        }

        var sentences = _bad.Select(row => (Line: layout.IsText ? LineOf(row.Ordinal) : row.Ordinal, row.Expected, Found: layout.IsJson
            ? Text(row.Ordinal) ?? row.Found : row.Found))
            .Concat(rejected.Take(NamedRows)
            .Select(record => (Line: file.LineAt(record.Byte), layout.Expected, Found: TextDialect.Shown(record.Text.TrimEnd('\r', '\n')))))
            .OrderBy(row => row.Line).Take(NamedRows)
            .Select(row =>
                FormattableString.Invariant(
                $"{file.Name}, {(layout.IsText ? "line" : "row")} {row.Line}: expected {row.Expected}, found {row.Found}")).ToArray();
        table.End(_badCount + rejected.Count, sentences, _times.Note is { } note ? $"Timestamps of {file.Name} {note}." : null);
    }

    private void Add(DuckCells cells)
    {
        for (var row = 0; row < cells.Count; row++)
        {
            _ordinal++;
            var user = cells.Trimmed(0, row);
            var item = cells.Trimmed(1, row);
            if (IsNobody(user) || IsNobody(item))
            {
                Reject("a user id and an item id", cells, row);
                continue;
            }

            var (kind, rating) = (RatingKind.Yes, 0f);
            if (columns.Rating >= 0)
            {
                kind = RatingText.Read(cells.Trimmed(2, row), out rating);
            }

            if (kind == RatingKind.Bad)
            {
                Reject("a rating that is a finite number, or true or false", cells[2, row]);
                continue;
            }

            long seconds = 0;
            if (columns.Timestamp >= 0 && !_times.TryRead(cells.Trimmed(3, row), out seconds))
            {
                Reject(format is null ? TimeReader.Expected : "a time as data.timeFormat says", cells[3, row]);
                continue;
            }

            table.Add(table.Users.Intern(file.BytesOf(user)), table.Items.Intern(file.BytesOf(item)), kind, rating, seconds, _ordinal);
        }
    }

    /// <summary>Whether a field holds no id: nothing, or a word that programs write for it, which would make one
    /// user of everybody who has none.</summary>
    private static bool IsNobody(ReadOnlySpan<byte> id) =>
        id.IsEmpty || (id.Length <= 9 && "nNuU(#-<\\"u8.Contains(id[0]) && s_nobody.Contains(TextDialect.TextOf(id)));

    private void Reject(string expected, DuckCells cells, int row)
    {
        var texts = new List<(int Column, string Text)>();
        for (var role = 0; role < columns.All.Count; role++)
        {
            if (columns.All[role] >= 0 && layout.KeyOf(columns.All[role]) is null)
            {
                texts.Add((columns.All[role], TextDialect.TextOf(cells[role, row])));
            }
        }

        Reject(expected,
            System.Text.Encoding.UTF8.GetBytes(string.Join(layout.IsJson ? ", " : layout.Dialect?.Separator ?? ", ", texts.Order()
            .Select(text => text.Text))));
    }

    private void Reject(string expected, ReadOnlySpan<byte> found)
    {
        if (_badCount++ < NamedRows)
        {
            _bad.Add((_ordinal, expected, found.IsEmpty ? "nothing" : TextDialect.Shown(TextDialect.TextOf(found))));
        }
    }

    private long LineOf(long ordinal) => Record(ordinal)?.Line ?? ordinal;

    /// <summary>The record that became a row: the database takes those with all fields, and one separator more at the end.</summary>
    private TextRecord? Record(long ordinal)
    {
        using var scanner = new RecordScanner(file.OpenText(), layout.Dialect!);
        for (var line = 0; line < layout.LinesBefore; line++)
        {
            scanner.Next();
        }

        var header = layout.HasHeaderLine;
        for (long taken = 0; scanner.Next() is { } record;)
        {
            if (header)
            {
                header = false;
            }
            else if (record.IsRow(layout.FieldCount))
            {
                if (++taken == ordinal)
                {
                    return record;
                }
            }
        }

        return null;
    }
}
