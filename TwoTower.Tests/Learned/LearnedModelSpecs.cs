using System.Text.Json.Nodes;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Learned;

/// <summary>What a run's model says when it is asked.</summary>
[Collection(LearnedRun.Collection)]
public sealed class LearnedModelSpecs(LearnedRun run)
{
    private readonly LearnedModel _model = run.Model;

    private RecommenderData Data => _model.Run.Data;

    [Fact]
    public void Recommendations_are_the_best_scores_over_the_unseen_items_in_order()
    {
        var scorer = new DotProductScorer(_model.Run.Embeddings);
        var seen = InteractionMatrix.From(Data.Users.Count, Data.Items.Count, Data.Train);
        var scores = new float[Data.Items.Count];
        foreach (var user in Data.Train.Users.Distinct().Take(20))
        {
            scorer.Score([user], scores);
            var expected = Enumerable.Range(0, scores.Length).Where(item => !seen.Contains(user, item))
                .OrderByDescending(item => scores[item]).Take(7).ToArray();

            var result = _model.RecommendFor(Data.Users.RawIds[user], 7, explain: false);

            Assert.Equal((VectorOrigin.Trained, seen.ItemsOf(user).Length), (result.Vector, result.LeftOut));
            Assert.Equal(expected.Select(item => Data.Items.RawIds[item]), result.Items.Select(item => item.Item.Id));
            Assert.Equal(Enumerable.Range(1, 7), result.Items.Select(item => item.Rank));
            Assert.All(result.Items.Zip(expected), pair =>
            {
                Assert.Equal(scores[pair.Second], pair.First.Score, 1e-5);
                Assert.Equal(pair.First.Score, pair.First.Taste + pair.First.Bias, 1e-9);
                Assert.True(pair.First.Bias < 0, "The recommended recipe has a prior, which is a log of a share.");
                Assert.Null(pair.First.Because);
            });
        }
    }

    [Fact]
    public void What_they_liked_later_is_marked_and_is_their_validation_positives()
    {
        var marked = 0;
        foreach (var user in Data.Validation.Users.Distinct())
        {
            var later = Enumerable.Range(0, Data.Validation.Count).Where(n => Data.Validation.Users[n] == user)
                .Select(n => Data.Items.RawIds[Data.Validation.Items[n]]).ToHashSet();
            var result = _model.RecommendFor(Data.Users.RawIds[user], Data.Items.Count, explain: false);
            Assert.Equal(later, result.Items.Where(item => item.LikedLater).Select(item => item.Item.Id).ToHashSet());
            marked += later.Count;
        }

        Assert.True(marked > 20);
    }

    [Fact]
    public void An_explanation_names_the_liked_items_whose_weighted_cosine_is_highest()
    {
        var result = _model.RecommendFor("5", 5, explain: true);
        var user = Data.Users.RawIds.Index().Single(id => id.Item == "5").Index;
        var liked = Enumerable.Range(0, Data.Train.Count).Where(n => Data.Train.Users[n] == user)
            .Select(n => Data.Items.RawIds[Data.Train.Items[n]]).ToHashSet();
        Assert.All(result.Items, item =>
        {
            Assert.InRange(item.Because!.Count, 1, 3);
            Assert.All(item.Because, pull =>
            {
                Assert.Contains(pull.Item.Id, liked);
                Assert.InRange(pull.Weight, 0, 1);
                var near = _model.SimilarTo(item.Item.Id, Data.Items.Count).Near.Single(near => near.Item.Id == pull.Item.Id);
                Assert.Equal(near.Cosine, pull.Cosine, 1e-6);
            });
            Assert.Equal(item.Because.OrderByDescending(pull => pull.Cosine * pull.Weight), item.Because);
        });
    }

    [Fact]
    public void Whoever_was_left_out_of_training_or_came_later_gets_a_vector_from_what_they_liked()
    {
        var cold = Data.Users.RawIds[Data.Cold!.Users[0]];
        Assert.Equal(VectorOrigin.FoldedIn, _model.RecommendFor(cold, 3, explain: false).Vector);

        var late = _model.RecommendFor(LearnedRun.LateUser, 10, explain: true);
        Assert.Equal((VectorOrigin.FoldedIn, 7, 8), (late.Vector, late.Liked, late.LeftOut));
        Assert.DoesNotContain(late.Items, item => item.Item.Id is "2" or "30"); // liked, and seen without being liked
        Assert.True(late.Items.Count(item => item.Item.Genres.Contains("Horror")) >= 5,
            string.Join(' ', late.Items.SelectMany(item => item.Item.Genres)));

        var somebody = _model.RecommendTo(["2", "6", "6", "10"], 10, explain: false);
        Assert.Equal((null, 3), (somebody.User, somebody.LeftOut));
        Assert.True(somebody.Items.Count(item => item.Item.Genres.Contains("Horror")) >= 5);
    }

    [Fact]
    public void Whom_or_what_it_does_not_know_it_refuses_with_what_is_near()
    {
        Assert.Contains("There is no user '903' in data. Did you mean '902', '901' or '80'?",
            Assert.Throws<SettingException>(() => _model.RecommendFor("903", 3, false)).Message, StringComparison.Ordinal);
        Assert.Contains("no positive rating (rating >= 4)",
            Assert.Throws<SettingException>(() => _model.RecommendFor(LearnedRun.Grumbler, 3, false)).Message, StringComparison.Ordinal);
        Assert.Contains("no item '61'", Assert.Throws<SettingException>(() => _model.SimilarTo("61", 3)).Message, StringComparison.Ordinal);
        Assert.Contains("at least one item", Assert.Throws<SettingException>(() => _model.RecommendTo([], 3, false)).Message,
            StringComparison.Ordinal);
        Assert.Contains("from 1 to 1000", Assert.Throws<SettingException>(() => _model.RecommendFor("5", 0, false)).Message,
            StringComparison.Ordinal);
        Assert.Contains("from 1 to 1000", Assert.Throws<SettingException>(() => _model.SimilarTo("5", 1001)).Message,
            StringComparison.Ordinal);
        Assert.Throws<StorageException>(() => LearnedModel.Open(run.Data));
    }

    [Fact]
    public void Neighbours_share_a_genre_far_more_often_than_by_chance()
    {
        var shared = Enumerable.Range(1, LearnedRun.Items)
            .Average(item => _model.SimilarTo($"{item}", 5)
            .Near.Count(near => near.Item.Genres.SequenceEqual([LearnedRun.Genres[item % 4]])) / 5.0);
        Assert.True(shared > 0.6, $"{shared}");
    }

    [Theory]
    [InlineData("1", "1")]
    [InlineData("Toy Story", "1")]
    [InlineData("toy story 2", "2")]
    [InlineData("the matrix", "3")]
    [InlineData("Matrix, The (1999)", "3")]
    [InlineData("matrix", "3")]
    [InlineData("story us", "4")]
    [InlineData("film number 6", "6")]
    [InlineData("matr", "3")]
    [InlineData(" 7 ", "7")]
    public void A_title_is_found_as_people_type_it(string query, string id) => Assert.Equal(id, _model.Find(query).Found?.Id);

    [Fact]
    public void A_title_of_several_lists_them_and_one_that_is_misspelt_is_asked_about()
    {
        var several = _model.Find("story");
        Assert.Equal((null, 3), (several.Found, several.Matches));
        Assert.Equal(["1", "2", "4"], several.Candidates.Select(item => item.Id).Order());

        var misspelt = _model.Find("Toy Stroy");
        Assert.Equal((null, 0), (misspelt.Found, misspelt.Matches));
        Assert.Equal("1", misspelt.Candidates[0].Id);

        Assert.Equal("3", _model.Find("Martix").Candidates[0].Id);
        Assert.Empty(_model.Find("Casablanca in Winter").Candidates);
        Assert.Empty(_model.Find("...").Candidates);
    }

    [Fact]
    public void The_map_has_every_trained_item_with_its_genre_the_most_popular_first()
    {
        var map = _model.Map();
        Assert.Equal(Data.Train.Items.Distinct().Count(), map.Points.Count);
        Assert.Equal(LearnedRun.Genres.Order(), map.Genres.Order());
        Assert.True(map.XShare >= map.YShare && map.YShare > 0 && map.XShare + map.YShare <= 1);
        Assert.Equal(map.Points.OrderByDescending(point => point.Item.Positives), map.Points);
        Assert.Equal(map.Points.Take(3), _model.Map(3).Points);
        Assert.Equal(0, map.Points.Average(point => point.X), 1e-6);

        // Items of a genre lie together: nearer to their own middle than to the middle of all.
        Assert.All(map.Points.GroupBy(point => point.Item.Genres[0]), genre =>
        {
            var (x, y) = (genre.Average(point => point.X), genre.Average(point => point.Y));
            Assert.True(genre.Average(point => Math.Pow(point.X - x, 2) + Math.Pow(point.Y - y, 2)) < genre.Average(point =>
                (point.X * point.X) + (point.Y * point.Y)));
        });
    }

    [Fact]
    public async Task A_server_opens_a_model_once_and_may_ask_it_from_many_threads()
    {
        using var models = new LearnedModels();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            var model = await models.OfAsync(run.Folder);
            var document = System.Text.Json.JsonSerializer.Serialize(model.RecommendFor(LearnedRun.LateUser, 5, true),
                LearnedJson.Default.Recommendations)
                + System.Text.Json.JsonSerializer.Serialize(model.SimilarTo("3", 5), LearnedJson.Default.SimilarItems)
                + System.Text.Json.JsonSerializer.Serialize(model.Map(9), LearnedJson.Default.ItemMap);
            return (model, document);
        })));
        Assert.Single(answers.Select(answer => answer.model).Distinct());
        Assert.Single(answers.Select(answer => answer.document).Distinct());
        Assert.Same(answers[0].model, await models.OfAsync(run.Folder));
        await Assert.ThrowsAsync<StorageException>(() => models.OfAsync(run.Data));
        var json = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(_model.RecommendFor("5", 1, true),
            LearnedJson.Default.Recommendations))!;
        Assert.Equal("trained", (string)json["vector"]!, ignoreCase: true);
        Assert.NotNull(json["items"]![0]!["because"]![0]!["item"]!["title"]);
    }

    [Fact]
    public async Task A_server_holds_few_models_and_lets_go_of_the_one_that_was_asked_for_longest_ago()
    {
        using var models = new LearnedModels(2);
        var (first, second) = (await models.OfAsync(run.Folder), await models.OfAsync(run.Copy("second")));
        Assert.Same(first, await models.OfAsync(run.Folder));

        await models.OfAsync(run.Copy("third"));

        Assert.Same(first, await models.OfAsync(run.Folder));
        Assert.NotSame(second, await models.OfAsync(run.Copy("second")));
    }

    [Fact]
    public async Task A_model_is_opened_again_when_its_embeddings_have_been_written_anew()
    {
        using var models = new LearnedModels();
        var folder = run.Copy("written");
        var before = await models.OfAsync(folder);

        File.SetLastWriteTimeUtc(Path.Combine(folder, EmbeddingFolder.ItemEmbeddings), new DateTime(2026, 1, 2, 0, 0, 0, DateTimeKind.Utc));

        var after = await models.OfAsync(folder);
        Assert.NotSame(before, after);
        Assert.Same(after, await models.OfAsync(folder));
    }
}
