using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Reading;
using Xunit.Abstractions;

namespace TwoTower.Tests.Data;

/// <summary>Two readers that share no code agree on what a text's records are: the database that reads all rows,
/// and the scanner that finds lines.</summary>
public sealed class TextTableSpecs(ITestOutputHelper output) : IDisposable
{
    private const int Columns = 3;
    private static readonly TextDialect[] s_dialects = [new(",", true), new("\t", true), new(";", true), new("::", false), new("|", true)];

    // The last two are no fields by RFC 4180.
    private static readonly string[] s_fields = ["a", "12", "", "\"q\"", "\"a\"\"b\"", "\"l1\nl2\"", "\"x,y;z\"", "5\" disk", " b ", "é",
        "\"\"", "\"bad\"x", "\"open"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_record_of_a_text_is_a_row_or_is_rejected_and_none_is_made_up()
    {
        var (compared, refused) = (0, 0);
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new SeededRandom(seed);
            var dialect = s_dialects[random.NextInt(s_dialects.Length)];
            var content = Text(ref random, dialect);
            var file = SourceFile.OnDisk(_folder.Write("table", content));
            var (expected, scanned) = Scan(file, dialect);
            var (rows, rejected) = Read(file, dialect);
            if (rejected.Any(record => record.Quote))
            {
                refused++; // the whole file is
                continue;
            }

            compared++;
            Assert.True(expected.SequenceEqual(rows) && scanned == rows.Count + rejected.Count,
                $"{seed}: {content}\nscanner "
                + $"({scanned}): {string.Join(" / ", expected)}\ndatabase: {string.Join(" / ", rows)} and {rejected.Count} rejected");
        }

        output.WriteLine($"{compared} texts compared, {refused} refused.");
        Assert.True(compared > 200 && refused > 20);
    }

    [Fact]
    public void No_row_is_made_of_the_inside_of_quoted_texts_however_long_the_file()
    {
        // Read from several places on, DuckDB 1.5.6 makes hundreds of thousands of rows of this file.
        string[] lines = ["he said \"\"x\"\",\n", "999999,888888,5\n", "\"\",\"\"\n", "a \"\"b,c\"\"\n", "\"\"\n",
            "999999,888888,\"\"q\"\"\n", ",,\n"];
        var random = new SeededRandom(4);
        var path = Path.Combine(_folder.Path, "reviews.csv");
        using (var writer = new StreamWriter(path))
        {
            for (var row = 0; row < 60_000; row++)
            {
                writer.Write($"{row},{row % 60},\"");
                for (var line = random.NextInt(120); line > 0; line--)
                {
                    writer.Write(lines[random.NextInt(lines.Length)]);
                }

                writer.Write("\"\n");
            }
        }

        var (rows, rejected) = Read(SourceFile.OnDisk(path), s_dialects[0]);

        Assert.Empty(rejected);
        Assert.Equal(Enumerable.Range(0, 60_000).Select(row => $"{row}¦{row % 60}"), rows.Select(row => row[..row.LastIndexOf('¦')]));
    }

    private static string Text(ref SeededRandom random, TextDialect dialect)
    {
        var fields = random.NextInt(3) == 0 ? s_fields.Length : s_fields.Length - 2;
        var end = random.NextInt(3) switch { 0 => "\n", 1 => "\r\n", _ => "\r" };
        var records = new string[1 + random.NextInt(11)];
        for (var n = 0; n < records.Length; n++)
        {
            var record = new string[random.NextInt(6) == 0 ? 1 + random.NextInt(5) : Columns];
            for (var column = 0; column < record.Length; column++)
            {
                record[column] = s_fields[random.NextInt(fields)];
            }

            records[n] = string.Join(dialect.Separator, record);
        }

        return string.Join(end, records) + (random.NextInt(2) == 0 ? end : string.Empty);
    }

    private static (List<string> Rows, int Records) Scan(SourceFile file, TextDialect dialect)
    {
        var (rows, records) = (new List<string>(), 0);
        using var scanner = new RecordScanner(file.OpenText(), dialect);
        for (; scanner.Next() is { } record; records++)
        {
            if (record.IsRow(Columns))
            {
                rows.Add(string.Join('¦', record.Fields.Take(Columns)));
            }
        }

        return (rows, records);
    }

    private static (List<string> Rows, IReadOnlyList<RejectedRecord> Rejected) Read(SourceFile file, TextDialect dialect)
    {
        using var scratch = new ScratchFolder();
        while (true)
        {
            var rows = new List<string>();
            try
            {
                return (rows, DuckTable.Read(file, new FileTableLayout(dialect, null, Columns, []), [0, 1, 2], scratch, cells =>
                {
                    for (var row = 0; row < cells.Count; row++)
                    {
                        rows.Add($"{TextDialect.TextOf(cells[0, row])}¦{TextDialect.TextOf(cells[1, row])}¦{TextDialect.TextOf(cells[2, row])}");
                    }
                }));
            }
            catch (ReadAgainException)
            {
                // As a source does.
            }
        }
    }
}
