using CsCheck;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

public class UserHistorySpecs
{
    private const int Users = 4;
    private const int Items = 12;

    private static readonly HistoryOptions s_options = new() { Length = 3, SessionGap = 10 };

    private static readonly Gen<InteractionLog> s_logs = Gen.Select(Gen.Int[0, Users - 1], Gen.Int[0, Items - 1], Gen.Long[0, 120])
        .Array[1, 60].Select(LogOf);

    private static readonly Gen<HistoryOptions> s_any = Gen.Select(Gen.Int[1, 5], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 20])
        .Select((length, halfLife, days, gap) =>
            new HistoryOptions { Length = length, HalfLife = halfLife, HalfLifeDays = days * 1e-4, SessionGap = gap });

    [Fact]
    public void A_history_ends_before_the_examples_session_and_begins_with_the_last_so_many()
    {
        // Sessions of user 0: {1, 2}, {3}, {4, 5, 6}; of user 1: {7}.
        var log = LogOf([(0, 1, 0), (0, 2, 10), (0, 3, 21), (1, 7, 30), (0, 4, 40), (0, 5, 45), (0, 6, 55)]);
        var histories = new UserHistories(s_options, 2, log);

        Assert.Equal(4, histories.Sessions);
        Assert.Equal([[], [], [1, 2], [], [1, 2, 3], [1, 2, 3], [1, 2, 3]], Enumerable.Range(0, log.Count)
            .Select(example => Of(histories, example).Select(entry => entry.Item).ToArray()));
        Assert.Equal(4, histories.ExamplesWithHistory());
        Assert.Equal([0, 4, 4, 3, 0, 0, 0, 0], histories.Occurrences(8));
        Assert.Equal([4, 5, 6], Latest(histories, 0).Select(entry => entry.Item));
        Assert.Equal([7], Latest(histories, 1).Select(entry => entry.Item));
    }

    [Fact]
    public void Weights_halve_by_place_and_by_age_and_sum_to_one()
    {
        var weights = new float[3];
        new HistoryWeights(new HistoryOptions { Length = 5, HalfLife = 1, HalfLifeDays = 2 }).Fill([0, 86_400, 2 * 86_400], weights);

        // 2^−2 2^−1, 2^−1 2^−1/2, 1.
        double[] raw = [0.125, 0.5 * Math.Sqrt(0.5), 1];
        Assert.All(weights.Zip(raw), pair => Assert.Equal(pair.Second / raw.Sum(), pair.First, 1e-6));
    }

    [Fact]
    public void Positives_of_one_time_share_the_weights_of_their_places_and_none_is_left_out()
    {
        var weights = new HistoryWeights(new HistoryOptions { Length = 2, HalfLife = 1 });
        long[] times = [3, 5, 5, 5, 9];
        Assert.Equal(1, weights.FirstOf(times));

        var shares = new float[4];
        weights.Fill(times.AsSpan(1), shares);

        // The newest has 1; the second place, worth 1/2, belongs to three of one time.
        Assert.All(shares.Zip([1 / 9.0, 1 / 9.0, 1 / 9.0, 6 / 9.0]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Fact]
    public void No_example_sees_an_item_of_its_own_session_or_anything_later() =>
        Gen.Select(s_logs, s_any, Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]).Sample((log, options, pick, seed) =>
        {
            var example = pick % log.Count;
            var (user, start) = (log.Users[example], SessionStart(log, example, options.SessionGap));

            // From the session's begin on everything becomes something else: the user's other items up to the example (which keep their
            // times, or it would be another session), and all that anybody does later.
            var random = new SeededRandom(seed);
            var altered = LogOf([
                .. Enumerable.Range(0, log.Count)
                    .Where(n => log.Timestamps[n] < start || log.Users[n] == user && log.Timestamps[n] <= log.Timestamps[example]
                    || random.NextInt(4) > 0).Select(n =>
                        log.Timestamps[n] < start ? (log.Users[n], log.Items[n], log.Timestamps[n])
                        : n == example ? (user, Items, log.Timestamps[n])
                        : log.Users[n] == user
                        ? (user, random.NextInt(Items), log.Timestamps[n] <= log.Timestamps[example] ? log.Timestamps[n]
                        : log.Timestamps[example] + random.NextInt(100))
                        : (random.NextInt(Users) is var other && other != user ? other : log.Users[n], random.NextInt(Items),
                            start + random.NextInt(200))),
            ]);
            var same = Enumerable.Range(0, altered.Count).Single(n => altered.Items[n] == Items);

            Assert.Equal(Of(new UserHistories(options, Users, log), example), Of(new UserHistories(options, Users, altered), same));
        }, iter: 3000);

    [Fact]
    public void A_history_is_not_empty_where_there_was_something_before_the_session() => Gen.Select(s_logs, s_any, Gen.Int[0, int.MaxValue])
        .Sample((log, options, pick) =>
        {
            var example = pick % log.Count;
            var start = SessionStart(log, example, options.SessionGap);
            var before = Enumerable.Range(0, log.Count).Where(n => log.Users[n] == log.Users[example] && log.Timestamps[n] < start)
                .ToArray();

            var history = Of(new UserHistories(options, Users, log), example);

            Assert.Equal(Math.Min(before.Length, options.Length), Math.Min(history.Length, options.Length));
            if (history.Length > 0)
            {
                Assert.Equal(1, history.Sum(entry => entry.Weight), 1e-5);
                Assert.All(history, entry => Assert.True(entry.Weight >= 0));
            }
        }, iter: 1000);

    [Fact]
    public void Renaming_items_renames_a_history_and_changes_nothing_else() => Gen.Select(s_logs, s_any).Sample((log, options) =>
    {
        var renamed = LogOf([.. Enumerable.Range(0, log.Count).Select(n => (log.Users[n], Items - 1 - log.Items[n], log.Timestamps[n]))]);
        var (one, other) = (new UserHistories(options, Users, log), new UserHistories(options, Users, renamed));
        for (var user = 0; user < Users; user++)
        {
            Assert.Equal(Latest(one, user).Select(entry => (Items - 1 - entry.Item, entry.Weight)).Order(), Latest(other, user).Order());
        }
    }, iter: 500);

    [Fact]
    public void A_batch_holds_the_histories_of_its_examples_and_each_of_their_rows_once()
    {
        var data = SmallData.Make();
        foreach (var (tower, separate) in new[] { ("history", false), ("history", true), ("history+id", false) })
        {
            var model = new ModelOptions
            {
                Dim = 4,
                UserTower = TowerSpec.Parse(tower),
                ItemTower = TowerSpec.Parse("linear:4"),
                History = new HistoryOptions { Length = 4, SeparateTable = separate, SessionGap = 50_000 }
            };
            var (set, loss, order) = (new TrainingSet(60, 40, data.Train), new LossOptions { Kind = LossKind.Bpr, Negatives = 2 },
                new EpochOrder(data.Train.Count, 1));
            var towers = TowerLayouts.Of(model, data with { ItemFeatures = SmallTower.Features(40) }, seed: 1);
            var plan = BatchPlan.For(loss, 24, 40, towers);
            new BatchBuilder(set, loss, order, 1, towers).Build(3, 10, 24, plan);
            var examples = order.Of(3).Span.Slice(10, 24).ToArray();
            var rows = plan.ItemRows[..plan.ItemRowCount];
            Assert.Equal(rows.Length, rows.Distinct().Count());
            Assert.Equal(tower == "history" ? 0 : examples.Select(example => data.Train.Users[example]).Distinct().Count(), plan.UserCount);
            Assert.InRange(plan.QueryCount, examples.Select(example => data.Train.Users[example]).Distinct().Count(), 24);
            Assert.Equal(Enumerable.Range(towers.Items.FirstWeightRow, towers.Items.Rows - towers.Items.FirstWeightRow),
                rows[^(towers.Items.Rows - towers.Items.FirstWeightRow)..]);
            Assert.True(plan.ForeignItems > 0);
            Assert.All(rows.AsSpan(plan.FirstForeignItem, plan.ForeignItems).ToArray(),
                row => Assert.InRange(row, separate ? 40 + towers.Items.FeatureRows : 0, separate ? towers.Items.FirstWeightRow - 1 : 39));
            for (var n = 0; n < 24; n++)
            {
                var query = plan.ExampleQuery[n];
                var places = plan.HistoryPlaces[plan.HistoryStart[query]..plan.HistoryStart[query + 1]];
                Assert.Equal(data.Train.Users[examples[n]], plan.QueryUsers[query]);
                Assert.Equal(Of(towers.Histories!, examples[n]),
                    places.Select((place, at) => (rows[place] - (separate ? 40 + towers.Items.FeatureRows : 0),
                    plan.HistoryWeights[plan.HistoryStart[query] + at])));
            }
        }
    }

    [Fact]
    public void A_plan_without_room_for_histories_is_refused()
    {
        var data = SmallData.Make();
        var model = new ModelOptions { Dim = 4, UserTower = TowerSpec.Parse("history") };
        var builder = new BatchBuilder(new TrainingSet(60, 40, data.Train), new LossOptions(), new EpochOrder(data.Train.Count, 1), 1,
            TowerLayouts.Of(model, data, 1));

        Assert.Contains("no room for histories",
            Assert.Throws<ArgumentException>(() => builder.Build(0, 0, 24, BatchPlan.For(new LossOptions(), 24, 40))).Message,
            StringComparison.Ordinal);
    }

    private static long SessionStart(InteractionLog log, int example, double gap)
    {
        var start = log.Timestamps[example];
        foreach (var time in Enumerable.Range(0, log.Count).Where(n => log.Users[n] == log.Users[example] && log.Timestamps[n] <= start)
            .Select(n => log.Timestamps[n]).OrderDescending())
        {
            if (start - time > gap)
            {
                break;
            }

            start = time;
        }

        return start;
    }

    private static (int Item, float Weight)[] Of(UserHistories histories, int example) =>
        Read((items, weights) => histories.BeforeSession(histories.SessionOf(example), items, weights), histories);

    private static (int Item, float Weight)[] Latest(UserHistories histories, int user) =>
        Read((items, weights) => histories.Latest(user, items, weights), histories);

    private static (int Item, float Weight)[] Read(Func<int[], float[], int> write, UserHistories histories)
    {
        var (items, weights) = (new int[histories.MostItems], new float[histories.MostItems]);
        var count = write(items, weights);
        return [.. items.Zip(weights).Take(count)];
    }

    private static InteractionLog LogOf((int User, int Item, long Time)[] rows)
    {
        var ordered = rows.OrderBy(row => row.Time).ThenBy(row => row.User).ThenBy(row => row.Item).ToArray();
        return new InteractionLog([.. ordered.Select(row => row.User)], [.. ordered.Select(row => row.Item)],
            [.. ordered.Select(row => row.Time)]);
    }
}
