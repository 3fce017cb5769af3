using System.Text;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Features;
using TwoTower.Model.Data.Loading;
using Xunit.Abstractions;

namespace TwoTower.Tests.Data;

public sealed class SideFeatureSpecs(ITestOutputHelper output) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Features_of_movielens_files_are_read_by_id_and_what_is_missing_is_a_value_of_its_own_with_a_warning()
    {
        WriteRatings();
        _folder.Write("users.dat", "2::F::1::10::48067\n1::M::56::16::70072\n99::M::25::3::1\n");
        _folder.Write("movies.dat", "11::Heat (1995)::Action|Crime\n12::Untitled::\n13::Élan (1931)::Crime|Musical\n", Encoding.Latin1);

        var data = Load(["age", "gender"], ["genres", "year"]);

        Assert.Equal(["age", "gender"], data.UserFeatures!.Fields.Select(field => field.Name));
        Assert.Equal(["56", "01", "(unknown)"], Raw(data.Users, ["1", "2", "3"]).Select(user => Values(data.UserFeatures.Fields[0], user)));
        Assert.Equal(["M", "F", "(unknown)"], Raw(data.Users, ["1", "2", "3"]).Select(user => Values(data.UserFeatures.Fields[1], user)));
        Assert.Equal(["Action Crime", "(unknown)", "Crime Musical"], Raw(data.Items, ["11", "12", "13"])
            .Select(item => Values(data.ItemFeatures!.Fields[0], item)));
        Assert.Equal(["1995", "(unknown)", "1931"], Raw(data.Items, ["11", "12", "13"])
            .Select(item => Values(data.ItemFeatures!.Fields[1], item)));
        Assert.Contains("1 of 3 users have no age; for training it is '(unknown)'.", data.Split.Warnings);
        Assert.Contains("1 of 3 items have no genres; for training it is '(unknown)'.", data.Split.Warnings);
        Assert.Contains(data.Split.Warnings, warning => warning.StartsWith("1 of 3 lines of ", StringComparison.Ordinal)
            && warning.EndsWith("users.dat are of none of the users.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_nobody_in_the_ratings_is_refused_with_an_id_of_each_side()
    {
        WriteRatings();
        _folder.Write("users.dat", "2.0::F::1::10::48067\n1.0::M::56::16::70072\n");

        var refusal = Assert.Throws<DataException>(() => Load(["age"], [])).Message;

        Assert.Contains("users.dat is one of the users of the ratings: there is '2.0'", refusal, StringComparison.Ordinal);
        Assert.Contains("and '1' among the users of the ratings", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Titles_of_items_that_nobody_rated_are_counted_and_titles_of_nothing_are_refused_with_an_id_of_each_side()
    {
        WriteRatings();
        _folder.Write("movies.dat", "11::Heat (1995)::Action\n99::Nobody's (1990)::Drama\n98::Nobody's too (1990)::Drama\n");
        var summary = DataSummary.Of(new DataOptions { Path = _folder.Path });
        Assert.Equal((1, 2), (summary.Titles, summary.IdleTitles));

        _folder.Write("movies.dat", "m11::Heat (1995)::Action\nm12::Ran (1985)::Drama\n");
        foreach (var read in new Action[] { () => DataSummary.Of(new DataOptions { Path = _folder.Path }), () => Load([], []) })
        {
            Assert.Contains(
                "No item in the titles beside the ratings is one of the rated items: there is 'm11' in the titles beside the ratings, and "
                    + "'11' among the rated items.",
                Assert.Throws<DataException>(read).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Both_generations_of_movielens_give_the_same_values()
    {
        WriteRatings();
        _folder.Write("u.user", "1|24|M|technician|85711\n2|53|F|other|94043\n3|17|F|writer|1\n");
        _folder.Write("u.item",
            "11|Toy Story (1995)|01-Jan-1995||x|0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0\n12|Heat "
            + "(1995)|01-Jan-1995||x|0|1|0|0|0|0|1|0|0|0|0|0|0|0|0|0|0|0|0\n13|Z (1969)|||x|0|0|0|0|0|0|0|0|1|0|0|0|0|0|0|0|0|0|1\n");

        var data = Load(["age", "occupation"], ["genres"]);

        Assert.Equal(["18", "50", "01"], Raw(data.Users, ["1", "2", "3"]).Select(user => Values(data.UserFeatures!.Fields[0], user)));
        Assert.Equal(["Animation Children's Comedy", "Action Crime", "Drama Western"], Raw(data.Items, ["11", "12", "13"])
            .Select(item => Values(data.ItemFeatures!.Fields[0], item)));
    }

    [Fact]
    public void Features_are_in_the_fingerprint_when_they_are_used_and_only_then()
    {
        WriteRatings();
        var bare = Load([], []).Fingerprint;
        _folder.Write("users.dat", "1::F::1::10::0\n2::F::1::10::0\n3::M::1::10::0\n");

        var (beside, used) = (Load([], []).Fingerprint, Load(["gender"], []).Fingerprint);
        _folder.Write("users.dat", "1::F::1::10::0\n2::M::1::10::0\n3::M::1::10::0\n");

        Assert.Equal(bare, beside);
        Assert.NotEqual(bare, used);
        Assert.NotEqual(used, Load(["gender"], []).Fingerprint);
    }

    [Fact]
    public void A_file_that_is_not_there_a_broken_line_and_synthetic_data_are_refused_with_a_sentence()
    {
        WriteRatings();
        Assert.Contains("expected users.dat or u.user beside the ratings, to read gender", Refusal(() => Load(["gender"], [])),
            StringComparison.Ordinal);

        _folder.Write("users.dat", "1::F::1::10::0\n2::F\n");
        Assert.Contains("users.dat, line 2: expected at least 4 fields", Refusal(() => Load(["gender"], [])), StringComparison.Ordinal);

        Assert.Contains("Synthetic data has no side features", Refusal(() => DataLoader.Load(new DataOptions { ItemFeatures = ["year"] })),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data/ml-1m-positives", 7, 21, 18)]
    [InlineData("data/ml-100k", 7, 21, 19)]
    public void The_real_files_have_the_values_that_their_readmes_name(string path, int ages, int occupations, int genres)
    {
        if (SharedData.Find(path, output) is not { } found)
        {
            return;
        }

        var data = DataLoader.Load(new DataOptions
        {
            Path = found,
            UserFeatures = FeatureNames.OfUsers,
            ItemFeatures = FeatureNames.OfItems
        });

        Assert.Equal([2, ages, occupations], data.UserFeatures!.Fields.Select(field => field.Values.Count));
        Assert.InRange(data.ItemFeatures!.Fields[0].Values.Count(value => value != "(unknown)"), genres - 1, genres);
        Assert.InRange(data.ItemFeatures.Fields[1].Values.Count, 60, 90);
    }

    private static string Refusal(Action action) => Assert.Throws<DataException>(action).Message;

    private static string Values(FeatureField field, int entity) =>
        string.Join(' ', field.ValuesOf[entity].Select(value => field.Values[value]));

    private static IEnumerable<int> Raw(IdCatalogue catalogue, string[] ids) =>
        ids.Select(id => catalogue.TryGetIndex(id, out var index) ? index : -1);

    private RecommenderData Load(string[] users, string[] items) =>
        DataLoader.Load(new DataOptions { Path = _folder.Path, MinimumTrainHistory = 0, UserFeatures = users, ItemFeatures = items });

    /// <summary>Twenty ratings of three users and three items; the two that are validation are of pairs that train does not have.</summary>
    private void WriteRatings()
    {
        (int User, int Item)[] known = [(1, 11), (2, 11), (3, 12), (2, 12), (1, 12), (3, 13), (2, 13), (2, 11)];
        var text = new StringBuilder();
        foreach (var ((user, item), time) in known.Concat(known).Concat([(1, 13), (3, 11), (1, 11), (2, 12)])
            .Select((pair, n) => (pair, 1_000_000_000 + n)))
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{user}::{item}::5::{time}\n");
        }

        _folder.Write("ratings.dat", text.ToString());
    }
}
