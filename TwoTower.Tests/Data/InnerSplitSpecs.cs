using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Tests.Data;

public class InnerSplitSpecs
{
    [Fact]
    public void The_later_part_of_train_is_validation_and_nothing_of_it_is_known_before()
    {
        var data = SmallData.Make(users: 200, items: 80, perUser: 20);

        var inner = InnerSplit.Of(data)!;

        Assert.True(inner.Train.Timestamps.Max() < inner.Validation.Timestamps.Min());
        Assert.InRange(inner.Train.Count / (double)data.Train.Count, 0.88, 0.92);
        Assert.Empty(inner.Test.Users);
        var train = InteractionMatrix.From(200, 80, inner.Train);
        Assert.All(Enumerable.Range(0, inner.Validation.Count),
            n => Assert.False(train.Contains(inner.Validation.Users[n], inner.Validation.Items[n])));
    }

    [Fact]
    public void Where_few_users_come_back_the_later_part_is_made_larger()
    {
        // Users come one after the other; a few of the first come again in the last half.
        var rows = Enumerable.Range(0, 400)
            .SelectMany(user => Enumerable.Range(0, 6).Select(n => (User: user, Item: (user + n) % 50, Time: (user * 10L) + n)))
            .Concat(Enumerable.Range(0, 40).Select(user => (User: user, Item: (user + 20) % 50, Time: (200 + (user * 5)) * 10L)))
            .OrderBy(row => row.Time).ToArray();
        var data = SmallData.Make(users: 400, items: 50) with
        {
            Train = new InteractionLog([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)],
            [.. rows.Select(row => row.Time)])
        };

        var inner = InnerSplit.Of(data)!;

        Assert.True(inner.Train.Count < 0.85 * data.Train.Count);
        Assert.True(inner.Validation.Users.Distinct().Count() > InnerSplit.Of(data, InnerSplit.Share)!.Validation.Users.Distinct().Count());
    }

    [Fact]
    public void Validation_has_no_say_in_what_a_baseline_chooses()
    {
        var data = SmallData.Make(users: 120, items: 60, perUser: 16);
        var other = data with { Validation = data.Validation with { Items = [.. data.Validation.Items.Select(item => 59 - item)] } };

        foreach (var kind in BaselineNames.All)
        {
            var (one, two) = (new BaselineFitter(data, "recall@5", 1, 2).Fit(kind), new BaselineFitter(other, "recall@5", 1, 2).Fit(kind));

            Assert.Equal(one.Chosen, two.Chosen);
            float[] scores = new float[60], same = new float[60];
            one.Scorer!.Score([7], scores);
            two.Scorer!.Score([7], same);
            Assert.Equal(scores, same, (a, b) => Math.Abs(a - b) < 1e-5f);
        }
    }

    [Fact]
    public void A_train_that_is_too_small_is_not_divided_and_the_usual_options_are_taken()
    {
        var data = SmallData.Make(users: 3, items: 8, perUser: 2) with { Train = new InteractionLog([0, 1, 2], [0, 1, 2], [5, 5, 5]) };

        var fitted = new BaselineFitter(data, "recall@2", 1, 1).Fit(BaselineKind.RecentPopularity);

        Assert.Null(InnerSplit.Of(data));
        Assert.Equal(0.1, fitted.Chosen["windowShare"]);
        Assert.Contains("too small", fitted.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_random_split_has_a_random_inner_split()
    {
        var data = DataLoader.Load(new DataOptions
        {
            Profile = "tiny",
            Split = SplitKind.Random,
            TrainShare = 0.75,
            MinimumTrainHistory = 0,
            PositiveThreshold = 0
        });

        var inner = InnerSplit.Of(data)!;

        Assert.InRange(data.Train.Count / (double)(data.Train.Count + data.Validation.Count), 0.73, 0.77);
        Assert.True(inner.Train.Timestamps.Max() > inner.Validation.Timestamps.Min());
        Assert.InRange(inner.Train.Count / (double)data.Train.Count, 0.85, 0.95);
        Assert.Contains(data.Split.Warnings, warning => warning.Contains("leaks the future", StringComparison.Ordinal));
    }

    [Fact]
    public void A_refit_trains_up_to_where_test_begins_and_judges_test_only_when_asked()
    {
        var chosen = DataLoader.Load(new DataOptions { MinimumTrainHistory = 0 });
        var blind = DataLoader.Load(new DataOptions { MinimumTrainHistory = 0, Refit = Refit.Blind });
        var judged = DataLoader.Load(new DataOptions { MinimumTrainHistory = 0, Refit = Refit.Judged });

        Assert.Equal(chosen.Split.ValidationEnd, blind.Split.TrainEnd);
        Assert.Equal(0, blind.Validation.Count);
        Assert.Equal(blind.Train.Items, judged.Train.Items);
        Assert.True(judged.Validation.Count > 0 && judged.Test.Count == 0);
        Assert.Equal(chosen.Split.TestStart, judged.Split.ValidationStart);
        Assert.Equal("Test", judged.Split.Judged);
        Assert.Throws<DataException>(() => DataLoader.Load(new DataOptions { Refit = Refit.Blind, Window = new TimeWindow(1, 2) }));
    }
}
