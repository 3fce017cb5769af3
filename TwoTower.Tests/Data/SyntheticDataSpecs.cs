using System.Diagnostics;
using System.Globalization;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Synthetic;
using TwoTower.Node.Reproductions.Worlds;
using Xunit.Abstractions;

namespace TwoTower.Tests.Data;

public sealed class SyntheticDataSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData("small")]
    [InlineData("ml-1m")]
    public void A_profile_has_its_size_its_skew_and_enough_evaluated_users(string profile)
    {
        var clock = Stopwatch.StartNew();
        var table = SyntheticData.Create(SyntheticProfile.Named(profile), 1);
        output.WriteLine($"made in {clock.Elapsed.TotalSeconds:F2} s");
        var summary = DataSummary.Of(table);
        var data = DataLoader.Load(new DataOptions { Profile = profile });
        var evaluated = data.Validation.Users.Distinct().Count();
        var positives = summary.RatingHistogram.Where(entry => entry.From >= 4).Sum(entry => entry.Rows) / (double)summary.Rows;
        output.WriteLine($"{summary} {summary.Popularity} {summary.RatingsPerUser} positives {positives:F3}");
        output.WriteLine(
            $"train {data.Train.Count} validation {data.Validation.Count} test {data.Test.Count} evaluated {evaluated}, "
            + $"test {data.Test.Users.Distinct().Count()}");
        output.WriteLine(string.Join(Environment.NewLine, data.Split.Warnings));

        var expected = SyntheticProfile.Named(profile);
        // Where users come back, what they would rate after the end of time is missing.
        Assert.InRange(summary.Rows, (expected.Return is null ? 0.96 : 0.88) * expected.Ratings, 1.04 * expected.Ratings);
        Assert.Equal(expected.Users, summary.Users);
        Assert.InRange(summary.Items, 0.98 * expected.Items, expected.Items);
        Assert.InRange(summary.Popularity.TopTenPercent, 0.38, 0.53);
        Assert.InRange(positives, 0.54, 0.62);
        Assert.InRange(evaluated, 250, int.MaxValue);
        Assert.Equal(0, summary.Duplicates);
        Assert.Matches(@"^Item \d+ \(genre \d+\)$", data.ItemTitles![0]);
    }

    [Fact]
    public void The_same_seed_gives_the_same_data_and_another_seed_other_data()
    {
        var first = DataLoader.Load(new DataOptions { Seed = 5 }).Fingerprint;
        Assert.Equal(first, DataLoader.Load(new DataOptions { Seed = 5 }).Fingerprint);
        Assert.NotEqual(first, DataLoader.Load(new DataOptions { Seed = 6 }).Fingerprint);
    }

    [Theory]
    [InlineData("plain", "c90e61220645a287")]
    [InlineData("ml-1m", "3403d001a30baabd")]
    [InlineData("steady", "cba71595bd9dfebe")]
    [InlineData("bursty", "2f205e758f7d3b2a")]
    [InlineData("drifting", "70a7dcc4dceb26da")]
    [InlineData("sparse-years", "37f17484d451a0c5")]
    public void Worlds_that_published_figures_stand_on_do_not_change(string profile, string fingerprint) =>
        Assert.StartsWith(fingerprint, DataLoader.Load(new DataOptions { Profile = profile }).Fingerprint, StringComparison.Ordinal);

    [Fact]
    public void The_default_world_has_the_long_tails_sittings_and_returns_of_MovieLens()
    {
        var shape = DataShape.Of(DataLoader.Load(new DataOptions()));
        var target = WorldTargets.MovieLens1M.Shape;
        foreach (var (name, value) in shape.Figures)
        {
            output.WriteLine($"{name}: {value:F4}, MovieLens-1M {target[name]:F4}");
        }

        // One world; the study over ten (reproduce world) has the exact figures. Who is judged, a few hundred
        // users, is known less well than who trains.
        Assert.All(shape.Figures, figure => Assert.InRange(figure.Value / target[figure.Name],
            figure.Name.StartsWith("return:", StringComparison.Ordinal) ? 0.6 : 0.75,
            figure.Name.StartsWith("return:", StringComparison.Ordinal) ? 1.7 : 1.34));
    }

    [Fact]
    public void The_shape_of_a_few_positives_is_what_counting_by_hand_gives()
    {
        // Users 0 and 1 like ten items and one; user 0 in two sittings, six and four. Item 0 has two positives, nine others one.
        int[] users = [0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0];
        int[] items = [0, 1, 2, 3, 4, 5, 0, 6, 7, 8, 9];
        long[] times = [.. Enumerable.Range(0, 7).Select(n => (long)n), .. Enumerable.Range(0, 4)
            .Select(n => 5 + DataShape.SittingGap + 1 + (long)n)];
        var shape = DataShape.Of(SmallData.Make() with
        {
            Users = new IdCatalogue(["a", "b"]),
            Items = new IdCatalogue([.. Enumerable.Range(0, 10).Select(n => $"{n}")]),
            Train = new InteractionLog(users, items, times),
            Validation = new InteractionLog([1, 1], [0, 9], [9_000, 9_001]),
        });

        Assert.Equal(7 / 11.0, shape.FirstSitting, 12);
        Assert.Equal(0.5, shape.OneSitting, 12);
        Assert.Equal(2 / 11.0, shape.TopTenthOfItems, 12);
        Assert.Equal(5 / 11.0, shape.LowerHalfOfItems, 12);
        Assert.Equal(0.5, shape.JudgedUsers, 12);
        Assert.Equal(2 / 11.0, shape.JudgedPositives, 12);
        Assert.Equal(0.5, shape.JudgedOnTopTenth, 12);
        Assert.Equal(1 / 5.5, shape.JudgedHistory, 12);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("ml-1m")]
    public void Whoever_knows_the_users_taste_clearly_beats_popularity_and_recent_popularity(string profile)
    {
        var world = new SyntheticWorld(SyntheticProfile.Named(profile), 1);
        var data = DataLoader.Load(new DataOptions { Profile = profile, Seed = 1 });
        var popularity = new double[data.Items.Count];
        var recent = new double[data.Items.Count];
        for (var n = 0; n < data.Train.Count; n++)
        {
            popularity[data.Train.Items[n]]++;
            recent[data.Train.Items[n]] += n >= 0.9 * data.Train.Count ? 1 : 0;
        }

        var itemNumbers = data.Items.RawIds.Select(rawId => int.Parse(rawId, CultureInfo.InvariantCulture) - 1).ToArray();
        var start = data.Split.ValidationStart!.Value;
        var byPopularity = Recall(data, _ => popularity);
        var byRecent = Recall(data, _ => recent);
        var byTaste = Recall(data, user =>
        {
            var taste = world.TasteOf(int.Parse(data.Users.RawIds[user], CultureInfo.InvariantCulture) - 1);
            return [.. itemNumbers.Select(item => world.Utility(taste, item, start, Sitting.Later))];
        });
        output.WriteLine($"recall@10, seen items masked: popularity {byPopularity:F4}, recent {byRecent:F4}, oracle {byTaste:F4}");
        Assert.True(byTaste > 1.5 * byPopularity);
        Assert.True(byTaste > 1.5 * byRecent);
    }

    private static double Recall(RecommenderData data, Func<int, double[]> scores)
    {
        var train = InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train);
        var validation = InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Validation);
        var users = data.Validation.Users.Distinct().ToArray();
        return users.Average(user =>
        {
            var score = (double[])scores(user).Clone();
            foreach (var item in train.ItemsOf(user))
            {
                score[item] = double.NegativeInfinity;
            }

            var top = Enumerable.Range(0, score.Length).OrderByDescending(item => score[item]).Take(10);
            return top.Count(item => validation.Contains(user, item)) / (double)validation.ItemsOf(user).Length;
        });
    }
}
