using TwoTower.Model.Native;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using static TorchSharp.torch;

namespace TwoTower.Tests.Losses;

/// <summary>All losses through user vectors that are made from histories, against autograd. Sessions, lengths and weights are
/// worked out here anew, from the log.</summary>
public class HistoryGradientSpecs
{
    // Examples are 40,000 s apart over all users, so this gap puts about a third of a user's positives into the session of the one before.
    private static readonly HistoryOptions s_history = new() { Length = 3, HalfLife = 2, HalfLifeDays = 4, SessionGap = 200_000 };

    public static TheoryData<LossKind, bool, bool, bool, double> Variants
    {
        get
        {
            var data = new TheoryData<LossKind, bool, bool, bool, double>();
            foreach (var kind in Enum.GetValues<LossKind>())
            {
                foreach (var (withId, separate, normalise, attention) in new[] { (false, false, true, 0), (false, true, false, 0.3),
                    (true, false, false, 0), (true, true, true, 0), (false, false, true, 0.7), (true, false, true, 0.4) })
                {
                    data.Add(kind, withId, separate, normalise, attention);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gradients_go_through_histories_to_every_item_in_them(LossKind kind, bool withId, bool separate, bool normalise,
        double attention)
    {
        var bias = normalise != separate;
        var model = SoftmaxColumnSpecs.Model(normalise, bias) with
        {
            UserTower = TowerSpec.Parse(withId ? "history+id" : "history"),
            History = s_history with { SeparateTable = separate, Attention = attention }
        };
        var loss = new LossOptions { Kind = kind, Temperature = 0.6, Negatives = kind == LossKind.SampledSoftmax ? 11 : 2 };
        var set = GradientSpecs.Set();
        var towers = Towers(model, set);
        var (empty, several) = (0, 0);
        GradientSpecs.Check(
            model, loss, (plan, scores, _) => kind switch
            {
                LossKind.Bpr => GradientSpecs.NaiveBpr(plan, scores, loss.Temperature, loss.Negatives),
                LossKind.InBatchSoftmax => SoftmaxColumnSpecs.Naive(plan, scores, set, loss, plan.ExampleItem[..plan.Examples],
                    ownIsColumn: true),
                LossKind.SampledSoftmax => SoftmaxColumnSpecs.Naive(plan, scores, set, loss, [.. SoftmaxColumnSpecs.Draws(plan)],
                    ownIsColumn: false),
                _ => SoftmaxColumnSpecs.Naive(plan, scores, set, loss, [.. Enumerable.Range(0, set.Items)], ownIsColumn: true),
            },
            towers: towers,
            queries: (plan, users, items) =>
            {
                Assert.Equal(withId, plan.UserCount > 0);
                var order = new EpochOrder(set.Log.Count, 3).Of(0).Span.Slice(5, plan.Examples).ToArray();
                var vectors = new Tensor[plan.QueryCount];
                for (var example = 0; example < plan.Examples; example++)
                {
                    var history = History(set, order[example], model.History);
                    (empty, several) = (empty + (history.Count == 0 ? 1 : 0), several + (history.Count == 3 ? 1 : 0));
                    var user = set.Log.Users[order[example]];
                    var vector = withId ? users[Array.IndexOf(plan.UserRows, user, 0, plan.UserCount)] : zeros(model.Dim);
                    if (history.Count > 0)
                    {
                        var rows = stack(
                            history.Select(entry =>
                            items[Array.IndexOf(plan.ItemRows, towers.Items.HistoryRowOf(entry.Item), 0, plan.ItemRowCount)].narrow(0, 0,
                            model.Dim)));
                        var weights = tensor(history.Select(entry => (float)entry.Weight).ToArray());
                        var mean = weights.matmul(rows);
                        vector = vector.Plus(nn.functional.softmax(weights.log().Plus(rows.matmul(mean).Times(attention)), 0).matmul(rows));
                    }

                    vectors[plan.ExampleQuery[example]] = vector;
                }

                Assert.DoesNotContain(null, vectors);
                return stack(vectors);
            });
        Assert.True(empty > 2 && several > 2, $"{empty} examples without history, {several} with a full one");
    }

    internal static TowerLayouts Towers(ModelOptions model, TrainingSet set) =>
        new(new TowerLayout(model, 0, set.Users, null, 3), new TowerLayout(model, 1, set.Items, null, 3))
        {
            Histories =
            new UserHistories(model.History, set.Users, set.Log)
        };

    /// <summary>The history of an example in a log without equal times.</summary>
    internal static List<(int Item, double Weight)> History(TrainingSet set, int example, HistoryOptions options)
    {
        var log = set.Log;
        var own = Enumerable.Range(0, example + 1).Where(n => log.Users[n] == log.Users[example]).ToList();
        while (own.Count > 1 && log.Timestamps[own[^1]] - log.Timestamps[own[^2]] <= options.SessionGap)
        {
            own.RemoveAt(own.Count - 1);
        }

        own.RemoveAt(own.Count - 1); // the session's first
        own.Reverse();
        var history = own.Take(options.Length)
            .Select((n, place) =>
            (Item: log.Items[n],
            Weight: Math.Pow(2, -place / options.HalfLife)
            * Math.Pow(2, -(log.Timestamps[own[0]] - log.Timestamps[n]) / 86_400.0 / options.HalfLifeDays))).ToList();
        var sum = history.Sum(entry => entry.Weight);
        return [.. history.Select(entry => (entry.Item, entry.Weight / sum))];
    }
}
