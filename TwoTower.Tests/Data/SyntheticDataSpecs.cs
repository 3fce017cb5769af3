using System.Diagnostics;
using TwoTower.Model.Data;
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
        var positives = summary.RatingHistogram.Where(entry => entry.Rating >= 4).Sum(entry => entry.Rows) / (double)summary.Rows;
        output.WriteLine($"{summary} {summary.Popularity} {summary.RatingsPerUser} positives {positives:F3}");
        output.WriteLine($"train {data.Train.Count} validation {data.Validation.Count} test {data.Test.Count} evaluated {evaluated}, test {data.Test.Users.Distinct().Count()}");
        output.WriteLine(string.Join(Environment.NewLine, data.Split.Warnings));

        var expected = SyntheticProfile.Named(profile);
        Assert.InRange(summary.Rows, 0.96 * expected.Ratings, 1.04 * expected.Ratings);
        Assert.Equal(expected.Users, summary.Users);
        Assert.InRange(summary.Items, 0.98 * expected.Items, expected.Items);
        Assert.InRange(summary.Popularity.TopTenPercent, 0.38, 0.47);
        Assert.InRange(positives, 0.54, 0.60);
        Assert.InRange(evaluated, 300, int.MaxValue);
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
    [InlineData("small")]
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

        var itemNumbers = data.Items.RawIds.Select(rawId => int.Parse(rawId) - 1).ToArray();
        var start = data.Split.ValidationStart!.Value;
        var byPopularity = Recall(data, _ => popularity);
        var byRecent = Recall(data, _ => recent);
        var byTaste = Recall(data, user =>
        {
            var taste = world.TasteOf(int.Parse(data.Users.RawIds[user]) - 1);
            return [.. itemNumbers.Select(item => world.Utility(taste, item, start))];
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
