using System.Text;
using CsCheck;
using TwoTower.Model.Data;

namespace TwoTower.Tests.Data;

/// <summary>Two readers that share no code agree on what a text's records are: the database that reads all rows, and the scanner that finds lines.</summary>
public sealed class TextTableSpecs : IDisposable
{
    private static readonly TextDialect[] s_dialects = [new(",", true), new("\t", true), new(";", true), new("::", false), new("|", true)];
    private readonly TemporaryFolder _folder = new();
    private int _files;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_record_of_a_text_is_a_row_or_is_rejected_and_none_is_made_up()
    {
        var field = Gen.OneOf(Gen.Const("a"), Gen.Const("12"), Gen.Const(string.Empty), Gen.Const("\"q\""), Gen.Const("\"a\"\"b\""), Gen.Const("\"l1\nl2\""), Gen.Const("\"x,y;z\""), Gen.Const("5\" disk"), Gen.Const(" b "), Gen.Const("é"), Gen.Const("\"\""), Gen.Const("\"bad\"x"), Gen.Const("\"open"));
        var text = Gen.Select(Gen.Int[0, s_dialects.Length - 1], field.Array[1, 5].Array[1, 12], Gen.OneOfConst("\n", "\r\n", "\r"), Gen.Bool);
        text.Sample(
            (dialect, records, end, closes) =>
            {
                var how = s_dialects[dialect];
                var content = string.Join(end, records.Select(fields => string.Join(how.Separator, fields))) + (closes ? end : string.Empty);
                var name = $"f{_files++}";
                var file = SourceFile.OnDisk(_folder.Write(name, content));
                using var scratch = new ScratchFolder();
                const int Columns = 3;
                var expected = new List<string>();
                var (whole, scanned) = (true, 0);
                using (var scanner = new RecordScanner(file.Open(), how))
                {
                    while (scanner.Next() is { } record)
                    {
                        whole &= record.IsWhole;
                        scanned++;
                        if (record.Fields.Length == Columns || (record.Fields.Length == Columns + 1 && record.Fields[^1].Length == 0))
                        {
                            expected.Add(string.Join('¦', record.Fields.Take(Columns)));
                        }
                    }
                }

                var rows = new List<string>();
                IReadOnlyList<RejectedRecord> rejected;
                try
                {
                    rejected = DuckTable.Read(file, new FileTableLayout(how, null, Columns, []), [0, 1, 2], scratch, cells =>
                    {
                        for (var row = 0; row < cells.Count; row++)
                        {
                            rows.Add(string.Join('¦', Enumerable.Range(0, Columns).Select(column => TextDialect.TextOf(cells[column, row])).ToArray()));
                        }
                    });
                }
                catch (DataException)
                {
                    return true;
                }

                if (rejected.Any(record => record.Quote))
                {
                    return true; // the whole file is refused
                }

                if (!expected.SequenceEqual(rows) || !whole || scanned != rows.Count + rejected.Count)
                {
                    throw new Xunit.Sdk.XunitException($"{how.Separator} {content.Replace("\r", "\\r").Replace("\n", "\\n")}\nscanner ({scanned}): {string.Join(" / ", expected)}\ndatabase: {string.Join(" / ", rows)} and {rejected.Count} rejected, whole {whole}");
                }

                return true;
            },
            iter: 2_000, threads: 1);
    }
}
