using CsCheck;
using Parquet;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Exports;
using TwoTower.Node.Learned;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Learned;

/// <summary>Whatever ids are, those in exported files differ where the ids do, and lead back to them.</summary>
[Collection(LearnedRun.Collection)]
public sealed class ExportedNamesSpecs(LearnedRun run) : IDisposable
{
    // What people's ids are made of, and what readers of files split at, strip or take for something else.
    private static readonly string[] s_pieces =
    [
        "New", "York", "_", " ", "  ", "%", "%20", "%2520", "+", "\t", "\n", "\r", "\r\n", "\v", "\f", "\u001c", "\u001f", "\0", "\u0085",
        "\u00a0", "\u2003", "\u2028", "\u2029", "\u3000", "\ufeff", "\u200d",
        "\"", "\"\"", "'", ",", ";", "|", "::", "\\", "#", "=", "</s>", "NA", "null", "12", "12.0", "é", "e\u0301", "日本", "🎬",
    ];

    private static readonly Gen<string> s_id = Gen.Int[0, s_pieces.Length - 1].Select(n => s_pieces[n]).Array[0, 4].Select(string.Concat);

    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void An_escaped_id_has_nothing_to_split_at_and_unquoting_gives_it_back() => s_id.Array[2, 40].Select(Gen.Bool)
        .Sample((ids, spaces) =>
        {
            var names = Array.ConvertAll(ids, id => EscapedId.Of(id, spaces));
            Assert.Equal(ids, names.Select(Unquoted));
            Assert.Equal(ids.Distinct(StringComparer.Ordinal).Count(), names.Distinct(StringComparer.Ordinal).Count());
            Assert.All(names,
                name => Assert.False(name.Length == 0 || name.Trim() != name
                || name.Any(letter => char.IsControl(letter) || (char.IsWhiteSpace(letter) && !(spaces && letter == ' ')))));
        });

    [Fact]
    public void Ids_without_white_space_or_percent_stand_as_they_are() =>
        Assert.All(["New_York", "12", "ünïcode", "</s>", "a+b"], id => Assert.Equal(id, EscapedId.Of(id, keepSpaces: false)));

    [Fact]
    public void Csv_gives_every_text_back() => s_id.Array[1, 5].Array[1, 20].Sample(rows =>
        Assert.Equal(rows, CsvText.Rows(string.Concat(rows.Select(row => string.Join(',', row.Select(CsvText.Cell)) + "\n")))));

    [Fact]
    public void Csv_is_read_in_the_forms_that_others_write()
    {
        string[][] expected = [["a", "b c", ""], ["", "x,\ny", "\""]];
        Assert.Equal(expected, CsvText.Rows("a,\"b c\",\r\n,\"x,\ny\",\"\"\"\"\r\n"));
        Assert.Equal(expected, CsvText.Rows("a,b c,\n\"\",\"x,\ny\",\"\"\"\""));
        Assert.Equal([["a", ""]], CsvText.Rows("a,"));
        Assert.Throws<StorageException>(() => CsvText.Rows("a,\"b\n").ToArray());
    }

    [Fact]
    public async Task Every_format_names_every_row_apart_and_back()
    {
        var model = Nasty();
        var (users, items) = (model.Run.Data.Users.RawIds, model.Run.Data.Items.RawIds);
        foreach (var format in ExportFormat.All)
        {
            format.Write(model, Directory.CreateDirectory(At(format.Name)).FullName);
        }

        foreach (var folder in new[] { "npy", "safetensors", "onnx", "word2vec" })
        {
            Assert.Equal(users, CsvText.Rows(await File.ReadAllTextAsync(At($"{folder}/users.csv"))).Skip(1).Select(row => row[1]));
            Assert.Equal(items, CsvText.Rows(await File.ReadAllTextAsync(At($"{folder}/items.csv"))).Skip(1).Select(row => row[1]));
        }

        var dim = model.Run.Settings.Values.Training.Model.Dim;
        foreach (var (name, ids) in new[] { ("users", users), ("items", items) })
        {
            // As readers do that split at any white space.
            var words = (await File.ReadAllTextAsync(At($"word2vec/{name}.vec")))
                .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(2 + (ids.Count * (dim + 1)), words.Length);
            Assert.Equal(ids, words.Skip(2).Chunk(dim + 1).Select(row => Unquoted(row[0])));

            var lines = (await File.ReadAllTextAsync(At($"projector/{name}_metadata.tsv")))
                .Split(['\n', '\r', '\u0085', '\u2028', '\u2029', '\v', '\f']);
            var column = Array.IndexOf(lines[0].Split('\t'), "id");
            Assert.Equal(ids, lines[1..^1].Select(line => Unquoted(line.Split('\t')[column].Trim())));
            Assert.Equal<string?>(ids, await ColumnAsync(At($"parquet/{name}.parquet"), 0));
        }
    }

    [Fact]
    public async Task Candidates_and_metrics_by_user_name_them_apart_and_back()
    {
        var model = Nasty();
        var (data, lists) = (model.Run.Data, new CandidateLists(model.Run, 3));
        var expected = lists.Blocks().SelectMany(block => block)
            .SelectMany(list => list.Items.Select(item => (data.Users.RawIds[list.User], data.Items.RawIds[item]))).ToArray();
        using (var csv = File.Create(At("c.csv")))
        {
            CandidateFile.WriteCsv(csv, lists, data);
        }

        using (var parquet = File.Create(At("c.parquet")))
        {
            CandidateFile.WriteParquet(parquet, lists, data);
        }

        Assert.Equal(expected, CsvText.Rows(await File.ReadAllTextAsync(At("c.csv"))).Skip(1).Select(row => (row[0], row[1])));
        Assert.Equal(expected, (await ColumnAsync(At("c.parquet"), 0)).Zip(await ColumnAsync(At("c.parquet"), 1))!);

        int[] judged = [.. Enumerable.Range(0, data.Users.Count)];
        var result = new RankingResult(RankingProtocol.Masked, judged,
            new Dictionary<string, double[]> { ["recall@3"] = [.. judged.Select(user => user / 7.0)] }, new Dictionary<int, double>());
        using (var folder = RunFolder.Create(Directory.CreateDirectory(At("run")).FullName, "recipe"))
        {
            PerUserMetricsFile.Write(folder, result, data.Users);
        }

        Assert.Equal(result.PerUser("recall@3"), PerUserMetricsFile.Read(At("run"))!.Value.Metrics["recall@3"]);
        Assert.Equal(result.Users.Select(user => data.Users.RawIds[user]), PerUserMetricsFile.Read(At("run"))!.Value.Users);
    }

    /// <summary>The learned run under other names: every two pieces, as many as there are rows.</summary>
    private LearnedModel Nasty()
    {
        var data = run.Model.Run.Data;
        string[] all = [.. s_pieces.Prepend(string.Empty).Concat(s_pieces.SelectMany(one => s_pieces.Select(other => one + other)))
            .Distinct(StringComparer.Ordinal)];
        IdCatalogue Named(int rows, int first) =>
            new([.. Enumerable.Range(0, rows).Select(row => all[row < 30 ? row : first + (row * 17)])]);
        return new LearnedModel(run.Model.Run with
        {
            Data = data with
            {
                Users = Named(data.Users.Count, 1),
                Items = Named(data.Items.Count, 3),
                ItemTitles = [.. Enumerable.Range(0, data.Items.Count).Select(item => item % 2 == 0 ? null : all[item * 13])]
            }
        });
    }

    private static string Unquoted(string name) => name == EscapedId.Empty ? string.Empty : Uri.UnescapeDataString(name);

    private static async Task<string?[]> ColumnAsync(string path, int field)
    {
        await using var reader = await ParquetReader.CreateAsync(File.OpenRead(path));
        var texts = new List<string?>();
        for (var n = 0; n < reader.RowGroupCount; n++)
        {
            using var group = reader.OpenRowGroupReader(n);
            var column = new string?[group.RowCount];
            await group.ReadAsync(reader.Schema.GetDataFields()[field], column);
            texts.AddRange(column);
        }

        return [.. texts];
    }

    private string At(string name) => Path.Combine(_folder, name);
}
