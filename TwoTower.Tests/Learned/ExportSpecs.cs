using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Parquet;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Exports;
using TwoTower.Node.Learned;

namespace TwoTower.Tests.Learned;

/// <summary>What is written for other programs is what the model is.</summary>
[Collection(LearnedRun.Collection)]
public sealed class ExportSpecs(LearnedRun run) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;
    private readonly LearnedModel _model = run.Model;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_format_writes_the_files_that_it_names_and_no_others()
    {
        foreach (var format in ExportFormat.All)
        {
            var folder = Directory.CreateDirectory(At(format.Name)).FullName;
            Assert.Equal(format.Write(_model, folder).Order(StringComparer.Ordinal), Directory.GetFiles(folder).Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Npy_and_csv_have_the_tables_with_a_row_for_each_id()
    {
        Write("npy");
        var (values, columns) = NpyFile.Read(At(EmbeddingFolder.ItemEmbeddings));
        Assert.Equal(_model.Run.Embeddings.Items, values);
        Assert.Equal(_model.Run.Embeddings.Dim, columns);
        var items = File.ReadAllLines(At("items.csv"));
        Assert.Equal(_model.Run.Data.Items.Count + 1, items.Length);
        Assert.Contains($",3,\"{LearnedRun.Title(3)}\",Western,", items.Single(line => line.Contains("Matrix", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        Assert.Equal(_model.Run.Data.Train.Count, File.ReadAllLines(At("users.csv")).Skip(1)
            .Sum(line => int.Parse(line.Split(',')[2], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Safetensors_have_both_tables_with_their_shapes()
    {
        Write("safetensors");
        var file = SafetensorsFile.Read(At("embeddings.safetensors"));
        Assert.Equal(_model.Run.Embeddings.Users, file.Floats["user_embeddings"]);
        Assert.Equal(_model.Run.Embeddings.Items, file.Floats["item_embeddings"]);
        var header = File.ReadAllText(At("embeddings.safetensors"), System.Text.Encoding.Latin1);
        Assert.Contains($"\"shape\":[{_model.Run.Data.Items.Count},{_model.Run.Embeddings.Dim}]", header, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parquet_has_a_row_for_each_item_with_its_title_and_its_vector_as_a_list()
    {
        Write("parquet");
        await using var reader = await ParquetReader.CreateAsync(File.OpenRead(At("items.parquet")));
        var fields = reader.Schema.GetDataFields();
        Assert.Equal(["id", "title", "genres", "positives", "element"], fields.Select(field => field.Name));
        using var group = reader.OpenRowGroupReader(0);
        var rows = _model.Run.Data.Items.Count;
        Assert.Equal(rows, group.RowCount);
        var titles = await TextsAsync(group, fields[1], rows);
        Assert.Equal(Enumerable.Range(0, rows).Select(item => _model.View(item).Title), titles);
        var cells = rows * _model.Run.Embeddings.Dim;
        var (values, present, levels) = (new float[cells], new int[cells], new int[cells]);
        await group.ReadRawAsync<float>(fields[4], values, present, levels);
        Assert.Equal(_model.Run.Embeddings.Items, values);
        Assert.Equal(Enumerable.Range(0, levels.Length).Select(n => n % _model.Run.Embeddings.Dim == 0 ? 0 : 1), levels);
    }

    [Fact]
    public void Word2vec_and_projector_have_directions_only_a_name_or_a_line_of_metadata_for_each()
    {
        var dim = _model.Run.Settings.Values.Training.Model.Dim;
        Assert.True(_model.Run.Embeddings.Dim > dim, "The model has a prior beside its vectors.");
        Write("word2vec");
        var lines = File.ReadAllLines(At("items.vec"));
        Assert.Equal($"{_model.Run.Data.Items.Count} {dim}", lines[0]);
        Write("projector");
        var vectors = File.ReadAllLines(At("items.tsv"));
        var metadata = File.ReadAllLines(At("items_metadata.tsv"));
        Assert.Equal((lines.Length - 1, lines.Length), (vectors.Length, metadata.Length));
        for (var item = 0; item < vectors.Length; item++)
        {
            var expected = _model.Run.Embeddings.Items.AsSpan(item * _model.Run.Embeddings.Dim, dim).ToArray();
            Assert.Equal(expected, vectors[item].Split('\t').Select(Number));
            Assert.Equal(expected, lines[item + 1].Split(' ').Skip(1).Select(Number));
            Assert.Equal((_model.View(item).Id, _model.View(item).Title!.Replace('\t', ' ')),
                (lines[item + 1].Split(' ')[0], metadata[item + 1].Split('\t')[0]));
        }

        static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
    }

    [Fact]
    public void The_onnx_model_gives_the_best_items_and_scores_that_the_run_gives()
    {
        Write("onnx");
        using var session = new InferenceSession(At("model.onnx"));
        long[] users = [3, 0, 41];
        const int K = 6;
        using var results = session.Run(
            [NamedOnnxValue.CreateFromTensor("user", new DenseTensor<long>(users, [users.Length])),
                NamedOnnxValue.CreateFromTensor("k", new DenseTensor<long>(new long[] { K }, [1]))]);
        var items = results.Single(output => output.Name == "items").AsTensor<long>();
        var scores = results.Single(output => output.Name == "scores").AsTensor<float>();
        var all = results.Single(output => output.Name == "all_scores").AsTensor<float>();
        Assert.Equal([users.Length, K], items.Dimensions.ToArray());
        var expected = new float[users.Length * _model.Run.Data.Items.Count];
        new DotProductScorer(_model.Run.Embeddings).Score([.. users.Select(user => (int)user)], expected);
        Assert.All(all.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
        for (var n = 0; n < users.Length; n++)
        {
            var row = expected.AsSpan(n * _model.Run.Data.Items.Count, _model.Run.Data.Items.Count).ToArray();
            var best = Enumerable.Range(0, row.Length).OrderByDescending(item => row[item]).ThenBy(item => item).Take(K).ToArray();
            Assert.Equal(best.Select(item => (long)item), Enumerable.Range(0, K).Select(rank => items[n, rank]));
            Assert.Equal(row[best[0]], scores[n, 0], 1e-5f);
        }
    }

    [Fact]
    public async Task Candidates_are_every_users_recommendations_in_both_forms()
    {
        var lists = new CandidateLists(_model.Run, 7);
        using (var csv = File.Create(At("c.csv")))
        {
            CandidateFile.WriteCsv(csv, lists, _model.Run.Data);
        }

        using (var parquet = File.Create(At("c.parquet")))
        {
            CandidateFile.WriteParquet(parquet, lists, _model.Run.Data);
        }

        var rows = File.ReadAllLines(At("c.csv")).Skip(1).Select(line => line.Split(',')).ToArray();
        Assert.Equal(LearnedRun.Users, rows.Select(row => row[0]).Distinct().Count()); // also those who were left out of training
        foreach (var user in rows.GroupBy(row => row[0]))
        {
            var result = _model.RecommendFor(user.Key, 7, explain: false);
            Assert.Equal(result.Items.Select(item => item.Item.Id), user.Select(row => row[1]));
            Assert.Equal(Enumerable.Range(1, 7).Select(rank => $"{rank}"), user.Select(row => row[2]));
            Assert.All(result.Items.Zip(user),
                pair => Assert.Equal(pair.First.Score, double.Parse(pair.Second[3], CultureInfo.InvariantCulture), 1e-5));
        }

        await using var reader = await ParquetReader.CreateAsync(File.OpenRead(At("c.parquet")));
        using var group = reader.OpenRowGroupReader(0);
        Assert.Equal(rows.Select(row => row[1]), await TextsAsync(group, reader.Schema.GetDataFields()[1], rows.Length));
    }

    private static async Task<string?[]> TextsAsync(ParquetRowGroupReader group, Parquet.Schema.DataField field, int rows)
    {
        var texts = new string?[rows];
        await group.ReadAsync(field, texts);
        return texts;
    }

    private void Write(string format) => ExportFormat.All.Single(known => known.Name == format).Write(_model, _folder);

    private string At(string name) => Path.Combine(_folder, name);
}
