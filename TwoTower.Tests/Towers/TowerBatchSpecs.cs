using TwoTower.Model;
using TwoTower.Model.Losses;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

/// <summary>Towers behind the batches and losses that train them.</summary>
public class TowerBatchSpecs
{
    private const int Batch = 24;

    [Fact]
    public void A_batch_lists_its_entities_then_their_features_once_each_then_all_weights_in_order()
    {
        var (towers, plan, _) = Make(new LossOptions { Kind = LossKind.Bpr, Negatives = 2 });

        foreach (var (tower, batch) in new[] { (towers.Users, plan.UserBatch), (towers.Items, plan.ItemBatch) })
        {
            var rows = batch.Rows.ToArray();
            var weights = tower.Rows - tower.FirstWeightRow;
            Assert.All(rows[..batch.Entities], row => Assert.InRange(row, 0, tower.Entities - 1));
            Assert.Equal(rows[..batch.Entities].SelectMany(row => tower.FeaturesOf(row).ToArray()).Select(feature => feature.Row)
                .Distinct(), rows[batch.Entities..^weights]);
            Assert.Equal(Enumerable.Range(tower.FirstWeightRow, weights), rows[^weights..]);
        }

        Assert.Equal((3, 10), (plan.Epoch, plan.First));
    }

    [Theory]
    [InlineData(LossKind.Bpr, "mlp:6,4", false)]
    [InlineData(LossKind.InBatchSoftmax, "mlp:6,4", false)]
    [InlineData(LossKind.Bpr, "history", true)]
    [InlineData(LossKind.InBatchSoftmax, "history", false)]
    [InlineData(LossKind.InBatchSoftmax, "history+id", true)]
    public void The_gradient_of_a_loss_goes_back_through_both_towers_to_every_row(LossKind kind, string userTower, bool separate)
    {
        var loss = new LossOptions { Kind = kind, Temperature = 0.7, Negatives = 2, LearnTemperature = separate };
        var model = Model() with
        {
            UserTower = TowerSpec.Parse(userTower),
            History = new HistoryOptions { Length = 4, HalfLife = 3, SessionGap = 50_000, SeparateTable = separate }
        };
        var (towers, plan, set) = Make(loss, model);
        var random = new SeededRandom(4);
        float[] users = [.. Enumerable.Range(0, plan.UserRowCount * model.UserWidth).Select(_ => (float)random.NextGaussian())];
        float[] items = [.. Enumerable.Range(0, plan.ItemRowCount * model.ItemWidth).Select(_ => (float)random.NextGaussian())];
        var (userGradient, itemGradient) = (new float[users.Length], new float[items.Length]);
        Array.Fill(itemGradient, float.NaN); // what is not overwritten shows
        using var kernel = GradientKernel.Create(model, loss, set, Batch, towers);
        kernel.Compute(plan, users, items, userGradient, itemGradient);
        Assert.All(itemGradient, value => Assert.True(float.IsFinite(value)));

        var (scratchUsers, scratchItems) = (new float[users.Length], new float[items.Length]);
        var moved = 0;
        foreach (var (rows, gradient, statistics) in new[] { (users, userGradient, towers.Users.StatisticRows * model.UserWidth),
            (items, itemGradient, towers.Items.StatisticRows * model.ItemWidth) })
        {
            for (var n = 0; n < rows.Length - statistics; n += 5)
            {
                var expected = (Loss(rows, n, 4e-3f) - Loss(rows, n, -4e-3f)) / 8e-3;
                Assert.True(Math.Abs(expected - gradient[n]) < 1e-3, $"at {n}: {expected} by differences, {gradient[n]} by the kernel");
                moved += Math.Abs(expected) > 3e-3 ? 1 : 0;
            }
        }

        Assert.True(moved > 10, $"only {moved} parameters matter");

        double Loss(float[] rows, int at, float step)
        {
            var there = rows[at];
            rows[at] = there + step;
            var sum = kernel.Compute(plan, users, items, scratchUsers, scratchItems).LossSum;
            rows[at] = there;
            return sum / plan.Examples;
        }
    }

    private static ModelOptions Model() => new()
    {
        Dim = 4,
        ItemBias = true,
        UserTower = TowerSpec.Parse("mlp:6,4"),
        ItemTower = TowerSpec.Parse("linear:5,batchnorm,dropout:0.2,relu,linear:4"),
    };

    private static (TowerLayouts Towers, BatchPlan Plan, TrainingSet Set) Make(LossOptions loss, ModelOptions? model = null)
    {
        var data = SmallData.Make() with { UserFeatures = SmallTower.Features(60), ItemFeatures = SmallTower.Features(40) };
        var towers = TowerLayouts.Of(model ?? Model(), data, seed: 1, loss);
        var set = new TrainingSet(60, 40, data.Train);
        var plan = new BatchPlan(Batch, BatchBuilder.NegativesOf(loss), towers: towers);
        new BatchBuilder(set, loss, new EpochOrder(data.Train.Count, 1), 1, towers).Build(3, 10, Batch, plan);
        return (towers, plan, set);
    }
}
