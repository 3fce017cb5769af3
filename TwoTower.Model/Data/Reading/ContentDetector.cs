using System.Globalization;
using System.Text;

namespace TwoTower.Model.Data.Reading;

/// <summary>Recognises a file by its first bytes. Names play no part: files are often renamed, and many end in .csv.</summary>
internal static class ContentDetector
{
    private const int HeadBytes = 1 << 16;
    private const int RecordsLookedAt = 100;
    private const double FewestAlike = 0.5;
    private static readonly TextDialect[] s_dialects = [new("::", false), new("\t", true), new(",", true), new(";", true), new("|", true),
        new(" ", false)];

    private static readonly (byte[] Start, string What)[] s_foreign =
    [
        ("version https://git-lfs"u8.ToArray(), "a pointer of Git LFS, not the file itself: fetch it with 'git lfs pull'"),
        ([0x1F, 0x8B], "packed twice with gzip"),
        ("BZh"u8.ToArray(), "packed with bzip2: unpack it, or pack it with gzip or zstd"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z'], "packed with xz: unpack it, or pack it with gzip or zstd"),
        ([(byte)'7', (byte)'z', 0xBC, 0xAF], "a 7z archive: unpack it"),
        ("Rar!"u8.ToArray(), "a RAR archive: unpack it"),
        ("SQLite format 3"u8.ToArray(), "an SQLite database: export the table as CSV"),
        ("ARROW1"u8.ToArray(), "an Arrow or Feather file: save it as parquet"),
        ("FEA1"u8.ToArray(), "a Feather file: save it as parquet"),
        ("ORC"u8.ToArray(), "an ORC file: save it as parquet"),
        ([(byte)'O', (byte)'b', (byte)'j', 1], "an Avro file: save it as parquet"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file: save it as parquet or CSV"),
        ([0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'], "a NumPy array: save it as CSV or parquet"),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook: save its sheet as CSV"),
        ("%PDF"u8.ToArray(), "a PDF"),
        ([0x80, 2], "a Python pickle: save it as CSV or parquet"),
        ([0x80, 3], "a Python pickle: save it as CSV or parquet"),
        ([0x80, 4], "a Python pickle: save it as CSV or parquet"),
        ([0x80, 5], "a Python pickle: save it as CSV or parquet"),
    ];

    /// <summary>Recognises a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="names">Column names.</param>
    /// <param name="scratch">Where a copy goes if one is needed.</param>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static FileContent Detect(SourceFile file, ColumnNames names, ScratchFolder scratch)
    {
        byte[] head;
        try
        {
            head = file.ReadHead(HeadBytes);
        }
        catch (InvalidDataException failure)
        {
            throw new DataException($"{file.Name} is damaged: expected a whole file.", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"{file.Name} cannot be read: {PlainReason.Of(failure)}.", failure);
        }

        return head.AsSpan().Trim("\uFEFF \t\r\n"u8).IsEmpty ? new FileContent.Empty()
            : head.AsSpan().StartsWith("PAR1"u8) ? new FileContent.Table(DuckTable.ParquetLayout(file, scratch))
            : JsonLines.Detect(head, head.Length == HeadBytes, names) is { } lines ? new FileContent.Table(lines)
            : Foreign(head) is { } what ? new FileContent.Foreign(what)
            : Table(head, names);
    }

    private static string? Foreign(byte[] head)
    {
        if (Array.Find(s_foreign, known => head.AsSpan().StartsWith(known.Start)).What is { } known)
        {
            return known;
        }

        if (Utf16(head) is { } utf16)
        {
            return $"UTF-16 text beginning with {Shown(utf16)}: save it as UTF-8";
        }

        if (head.Length > 262 && head.AsSpan(257, 5).SequenceEqual("ustar"u8))
        {
            return "a tar archive: unpack it";
        }

        if (head.AsSpan().Contains((byte)0))
        {
            return "a binary file of no known kind";
        }

        var text = TextDialect.TextOf(head).TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.StartsWith("{'", StringComparison.Ordinal))
        {
            return $"Python's text of dictionaries, not JSON, beginning with {Shown(text)}: write each with json.dumps on a line of its own";
        }

        return text.StartsWith('<')
            ? $"{(text.Contains("<html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase) ? "a web page" : "XML")}, not a table, beginning with {Shown(text)}, as when a login page was saved in its place"
            : text.StartsWith('{') || text.StartsWith("[{", StringComparison.Ordinal) || text.StartsWith("[[", StringComparison.Ordinal)
            || text == "[]" || text.StartsWith("[\n", StringComparison.Ordinal)
            ? $"JSON beginning with {Shown(text)}: save it as CSV, parquet, or JSON lines (an object on each line)"
            : null;
    }

    private static string Shown(string text) => TextDialect.Shown(text.Split('\n')[0].TrimEnd('\r'));

    /// <summary>The text if it is UTF-16, with a mark or without: then every second byte of plain text is 0.</summary>
    private static string? Utf16(byte[] head)
    {
        var even = head.Length / 2;
        var zeros = (First: head.Where((value, n) => n % 2 == 0 && value == 0).Count(),
            Second: head.Where((value, n) => n % 2 == 1 && value == 0).Count());
        return head is [0xFF, 0xFE, ..] || (even > 2 && zeros.Second > 0.7 * even && zeros.First == 0) ? Encoding.Unicode.GetString(head)
            .TrimStart('\uFEFF')
            : head is [0xFE, 0xFF, ..] || (even > 2 && zeros.First > 0.7 * even && zeros.Second == 0)
            ? Encoding.BigEndianUnicode.GetString(head).TrimStart('\uFEFF')
            : null;
    }

    private static FileContent Table(byte[] head, ColumnNames names)
    {
        var (said, before) = SaidSeparator(head);
        var dialects = said is null ? s_dialects : [new TextDialect(said, true)];
        var best = dialects.Select(dialect => Layout(head[before..], dialect, names)).OfType<(FileTableLayout Layout, double Alike)>()
            .OrderByDescending(candidate => candidate.Alike >= FewestAlike && candidate.Layout.Header is { } header && names.Knows(header))
            .ThenByDescending(candidate => candidate.Alike).ThenByDescending(candidate => candidate.Layout.FieldCount).FirstOrDefault();
        return best.Layout is null || best.Alike < FewestAlike
            ? new FileContent.Foreign(
                $"no table of two columns or more, beginning "
                + $"with {Shown(TextDialect.TextOf(head).TrimStart('\uFEFF', '\r', '\n').Split('\n')[0])}", IsKnown: false)
            : best.Layout.HeaderLine is { } line
            ? new FileContent.Foreign(
            $"a table whose header stands on line {line}, "
            + $"after {Shown(string.Join(best.Layout.Dialect!.Separator, best.Layout.Sample[0].Fields))}: take away what stands before it")
            : new FileContent.Table(best.Layout with { LinesBefore = said is null ? 0 : 1 });
    }

    /// <summary>The separator that the first line of a spreadsheet's export names (<c>sep=;</c>) and the bytes of that line;
    /// null and 0 when it names none.</summary>
    private static (string? Separator, int Bytes) SaidSeparator(byte[] head)
    {
        var end = head.AsSpan().IndexOf((byte)'\n') + 1;
        var line = TextDialect.TextOf(head.AsSpan(0, end)).TrimEnd('\r', '\n');

        // Of a mark and a quote before what is skipped the database (1.5.6) loses its way.
        line = line.StartsWith('"') ? line.Trim('"') : line.TrimStart('\uFEFF');
        return line.Length == 5 && line.StartsWith("sep=", StringComparison.OrdinalIgnoreCase) ? (line[4..], end) : (null, 0);
    }

    /// <summary>How the text lies with this dialect, and the share of its records that have as many fields as most.</summary>
    private static (FileTableLayout Layout, double Alike)? Layout(byte[] head, TextDialect dialect, ColumnNames names)
    {
        var records = new List<TextRecord>();
        using (var scanner = new RecordScanner(new MemoryStream(head), dialect))
        {
            while (records.Count < RecordsLookedAt && scanner.Next() is { } record)
            {
                records.Add(record);
            }
        }

        // The last one may have been cut off where the head ends.
        if (records.Count is > 1 and < RecordsLookedAt && head.Length == HeadBytes)
        {
            records.RemoveAt(records.Count - 1);
        }

        var columns = records.GroupBy(record => record.Fields.Length).OrderByDescending(group => group.Count())
            .ThenByDescending(group => group.Key).First().Key;
        if (columns < 2)
        {
            return null;
        }

        if (records.FindIndex(record => record.Fields.Length == columns && !record.Fields.Any(IsValue) && names.Knows(record.Fields)) is > 0
            and var late && records.Take(late).All(record => record.Fields.Length != columns))
        {
            return (new FileTableLayout(dialect, null, columns, records) { HeaderLine = records[late].Line }, 1);
        }

        // A record of another length cannot be the header, but one that has a separator more at its end is meant to be.
        var header = records[0].Fields.Length == columns && IsHeader(records, columns, names) ? Names(records[0].Fields) : null;
        return (new FileTableLayout(dialect, header, columns, records),
            (double)records.Count(record => record.Fields.Length == columns) / records.Count);
    }

    /// <summary>Whether the first record names the columns: none of it is a value, and it has a known name, or something that rows have
    /// numbers in place of. pandas numbers columns that have no names from 0 on.</summary>
    private static bool IsHeader(List<TextRecord> records, int columns, ColumnNames names)
    {
        var first = records[0].Fields;
        if (IsNumbered(first))
        {
            return true;
        }

        var rows = records.Skip(1).Where(record => record.Fields.Length == columns).ToArray();
        return !first.Any(IsValue)
            && (names.Knows(first) || Enumerable.Range(0, columns)
            .Any(column => rows.Length > 0 && first[column].Trim().Length > 0 && rows.All(row => IsValue(row.Fields[column]))));
    }

    /// <summary>pandas numbers columns that have no names from 0 on, after one without a name where it writes its index.</summary>
    private static bool IsNumbered(string[] fields)
    {
        var numbered = fields[0].Trim().Length == 0 ? fields[1..] : fields;
        return numbered.Length > 1 && numbered.Select(field => field.Trim())
            .SequenceEqual(Enumerable.Range(0, numbered.Length).Select(column => column.ToString(CultureInfo.InvariantCulture)));
    }

    // Numbers that are no names give way to places, so that "2" means one column.
    private static string[] Names(string[] fields) =>
        IsNumbered(fields) ? [.. Enumerable.Range(1, fields.Length).Select(place => place.ToString(CultureInfo.InvariantCulture))]
            : [.. fields.Select(field => field.Trim())];

    private static bool IsValue(string field) => double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
        || (field.AsSpan().IndexOfAnyInRange('0', '9') >= 0 && DateTime.TryParse(field, CultureInfo.InvariantCulture,
        DateTimeStyles.None, out _));
}
