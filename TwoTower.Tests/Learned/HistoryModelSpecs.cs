using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Model.Towers;
using TwoTower.Node.Exports;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Learned;

/// <summary>A model whose users are their histories serves whoever has one.</summary>
public sealed class HistoryModelSpecs(LearnedHistoryRun run) : IClassFixture<LearnedHistoryRun>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("twotower-").FullName;
    private readonly LearnedModel _model = run.Model;

    private RecommenderData Data => _model.Run.Data;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_user_of_train_a_user_who_was_left_out_and_a_stranger_with_their_histories_get_the_same()
    {
        var (trained, cold) = (Data.Train.Users[0], Data.Cold!.Users[0]);
        foreach (var (user, log, origin) in new[] { (trained, Data.Train, VectorOrigin.Trained),
            (cold, Data.Cold.Train, VectorOrigin.ByHistory) })
        {
            var known = _model.RecommendFor(Data.Users.RawIds[user], 10, explain: true);
            LikedItem[] history = [.. Enumerable.Range(0, log.Count).Where(n => log.Users[n] == user)
                .Select(n => new LikedItem(Data.Items.RawIds[log.Items[n]], log.Timestamps[n])).Reverse()];
            var stranger = _model.RecommendByHistory(history, 10, explain: true);

            Assert.Equal((origin, VectorOrigin.ByHistory), (known.Vector, stranger.Vector));
            Assert.Equal(known.Items.Select(item => (item.Item.Id, item.Score)), stranger.Items.Select(item => (item.Item.Id, item.Score)));
            Assert.Equal(known.Items.SelectMany(item => item.Because!), stranger.Items.SelectMany(item => item.Because!));
            Assert.All(known.Items.SelectMany(item => item.Because!), pull => Assert.InRange(pull.Weight, 0.01, 1));
        }
    }

    [Fact]
    public void Whoever_likes_a_genre_is_shown_it_and_times_say_what_they_like_now()
    {
        Assert.Equal(VectorOrigin.ByHistory, _model.RecommendFor(LearnedRun.LateUser, 10, explain: false).Vector);
        Assert.True(Of("Horror", _model.RecommendFor(LearnedRun.LateUser, 10, explain: false)) >= 5);
        Assert.True(Of("Horror", _model.RecommendTo(["2", "6", "10"], 10, explain: false)) >= 5);

        LikedItem[] Turned(long horror, long western) =>
            [.. new[] { 2, 6, 10, 14, 18, 22 }.Select(item => new LikedItem($"{item}", horror)),
            .. new[] { 3, 7, 11, 15, 19, 23 }.Select(item => new LikedItem($"{item}", western))];
        var (toWestern, toHorror) = (_model.RecommendByHistory(Turned(0, 400 * 86_400), 10, explain: false),
            _model.RecommendByHistory(Turned(400 * 86_400, 0), 10, explain: false));
        Assert.True(Of("Western", toWestern) > Of("Western", toHorror) + 2, $"{Of("Western", toWestern)} and {Of("Western", toHorror)}");

        static int Of(string genre, Recommendations shown) => shown.Items.Count(item => item.Item.Genres.Contains(genre));
    }

    [Fact]
    public async Task A_file_may_name_a_history_by_ids_or_titles_with_times_or_without()
    {
        var path = Path.Combine(_folder, "liked.txt");
        await File.WriteAllLinesAsync(path, ["# what I saw", "", "Toy Story 2 (1999),978300760", "Matrix, The (1999)\t978300761",
            "6, 978300000"]);
        var (items, notFound) = HistoryFile.Read(path, query => _model.Find(query));
        Assert.Null(notFound);
        Assert.Equal([new LikedItem("2", 978300760), new LikedItem("3", 978300761), new LikedItem("6", 978300000)], items);

        var (code, output, error) =
            await TwoTowerProcess.RunAsync(_folder, ["recommend", "--run", run.Folder, "--history", path, "--k", "3"]);
        Assert.True(code == 0, error);
        Assert.Contains("a vector that the user tower makes from them", output, StringComparison.Ordinal);
        Assert.Contains(_model.RecommendByHistory(items, 3, explain: false).Items[0].Item.Title!, output, StringComparison.Ordinal);

        await File.WriteAllLinesAsync(path, ["Matrix, The (1999)", "6"]);
        Assert.Equal([new LikedItem("3", null), new LikedItem("6", null)], HistoryFile.Read(path, query => _model.Find(query)).Items);
        await File.WriteAllLinesAsync(path, ["6,978300000", "2"]);
        Assert.Contains("some items a time and others none",
            Assert.Throws<SettingException>(() => HistoryFile.Read(path, query => _model.Find(query))).Message, StringComparison.Ordinal);
        await File.WriteAllLinesAsync(path, ["6", "Solaris"]);
        Assert.Equal("Solaris", HistoryFile.Read(path, query => _model.Find(query)).NotFound!.Query);
        await File.WriteAllLinesAsync(path, ["# nothing"]);
        Assert.Throws<SettingException>(() => HistoryFile.Read(path, query => _model.Find(query)));
        Assert.Throws<StorageException>(() => HistoryFile.Read(Path.Combine(_folder, "nowhere"), query => _model.Find(query)));
    }

    [Fact]
    public void Without_times_the_order_in_which_items_are_named_means_nothing()
    {
        var one = _model.RecommendByHistory([new("2", null), new("6", null), new("3", null)], 10, explain: true).Items;
        var other = _model.RecommendTo(["3", "2", "6"], 10, explain: true).Items;

        Assert.Equal(one.Select(item => item.Item.Id), other.Select(item => item.Item.Id));
        Assert.All(one.Zip(other), pair => Assert.Equal(pair.First.Score, pair.Second.Score, 1e-5));
        Assert.Equal(one.SelectMany(item => item.Because!).Select(pull => (pull.Item.Id, Math.Round(pull.Weight, 4))),
            other.SelectMany(item => item.Because!).Select(pull => (pull.Item.Id, Math.Round(pull.Weight, 4))));
    }

    [Fact]
    public void Exports_hold_what_a_new_users_vector_is_made_from()
    {
        var histories = _model.Run.Embeddings.ItemHistories!;
        foreach (var format in ExportFormat.All)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, format.Name)).FullName;
            Assert.Equal(format.Write(_model, folder).Order(StringComparer.Ordinal), Directory.GetFiles(folder).Select(Path.GetFileName)
                .Order(StringComparer.Ordinal));
        }

        Assert.Equal(histories, NpyFile.Read(Path.Combine(_folder, "npy", EmbeddingFolder.ItemHistories)).Values);
        Assert.Equal(histories, SafetensorsFile.Read(Path.Combine(_folder, "safetensors", "embeddings.safetensors"))
            .Floats["item_histories"]);

        int[] liked = [.. new[] { "2", "6", "3" }.Select(id => { Data.Items.TryGetIndex(id, out var row); return row; })];
        var weights = new float[3];
        new HistoryWeights(_model.Run.Settings.Values.Training.Model.History).Fill([1_000, 5_000, 90_000], weights);
        using var session = new InferenceSession(Path.Combine(_folder, "onnx", "history.onnx"));
        using var results = session.Run(
        [
            NamedOnnxValue.CreateFromTensor("liked", new DenseTensor<long>(liked.Select(row => (long)row).ToArray(), [3])),
            NamedOnnxValue.CreateFromTensor("weights", new DenseTensor<float>(weights, [1, 3])),
            NamedOnnxValue.CreateFromTensor("k", new DenseTensor<long>(new long[] { Data.Items.Count }, [1])),
        ]);
        var items = results.Single(output => output.Name == "items").AsTensor<long>().ToArray();
        var scores = results.Single(output => output.Name == "scores").AsTensor<float>().ToArray();
        var shown = _model.RecommendByHistory([new("2", 1_000), new("6", 5_000), new("3", 90_000)], 1000, explain: false).Items;
        var unseen = items.Zip(scores).Where(pair => !liked.Contains((int)pair.First)).ToArray();
        Assert.Equal(shown.Select(item => item.Item.Id), unseen.Select(pair => Data.Items.RawIds[(int)pair.First]));
        Assert.All(shown.Zip(unseen), pair => Assert.Equal(pair.First.Score, pair.Second.Second, 1e-5));
    }
}
