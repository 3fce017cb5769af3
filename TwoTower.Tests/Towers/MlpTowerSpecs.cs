using TwoTower.Model;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

public class MlpTowerSpecs
{
    [Theory]
    [InlineData("relu", false, false)]
    [InlineData("linear:4", false, false)]
    [InlineData("batchnorm", false, false)]
    [InlineData("dropout:0.4", false, false)]
    [InlineData("none", true, false)]
    [InlineData("mlp:6,5,4", true, false)]
    [InlineData("mlp:5,4", true, true)]
    [InlineData("relu,linear:6,batchnorm,dropout:0.3,relu,linear:4", true, true)]
    public void The_gradient_is_that_of_finite_differences(string spec, bool features, bool concat)
    {
        var layout = SmallTower.Layout(spec, features, concat ? FeatureCombine.Concat : FeatureCombine.Sum);
        var batch = SmallTower.Batch(layout, 7, 2, 5, 0, 4);
        var rows = SmallTower.RandomRows(layout, batch);
        var random = new SeededRandom(8);
        float[] slope = [.. Enumerable.Range(0, batch.Entities * layout.Dim).Select(_ => (float)random.NextGaussian())];
        using var tower = Tower.Create(SmallTower.Model(layout), layout, layout.Width, batch.Entities);
        var vectors = new float[slope.Length];
        var gradient = new float[rows.Length];
        tower.Forward(batch, rows, vectors, layout.Dim);
        tower.Backward(batch, vectors, slope, layout.Dim, gradient);

        const float Step = 4e-3f;
        var moved = 0;
        for (var n = 0; n < (batch.Rows.Length - layout.StatisticRows) * layout.Width; n++)
        {
            if (n < batch.Entities * layout.Width && n % layout.Width == layout.Dim)
            {
                continue; // an entity's bias, which is the loss's
            }

            var expected = (Value(n, Step) - Value(n, -Step)) / (2 * Step);
            Assert.True(Math.Abs(expected - gradient[n]) < 5e-3 * Math.Max(1, Math.Abs(expected)),
                $"at {n}: {expected} by differences, {gradient[n]} by the tower");
            moved += Math.Abs(expected) > 1e-2 ? 1 : 0;
        }

        Assert.True(moved > 5, $"only {moved} parameters matter");

        double Value(int at, float step)
        {
            var there = rows[at];
            rows[at] = there + step;
            tower.Forward(batch, rows, vectors, layout.Dim);
            rows[at] = there;
            return vectors.Zip(slope, (vector, weight) => (double)vector * weight).Sum();
        }
    }

    [Fact]
    public void Of_batch_norm_a_push_brings_the_batchs_mean_and_unbiased_variance()
    {
        var layout = SmallTower.Layout("batchnorm", normalise: false);
        var batch = SmallTower.Batch(layout, 1, 3, 8);
        var rows = SmallTower.RandomRows(layout, batch);
        var gradient = GradientOf(layout, batch, rows);

        var at = (batch.Rows.Length - layout.StatisticRows) * layout.Width;
        for (var column = 0; column < layout.Dim; column++)
        {
            double[] values = [.. Enumerable.Range(0, 3).Select(entity => (double)rows[(entity * layout.Width) + column])];
            Assert.Equal(values.Average(), gradient[at + column], 1e-5);
            Assert.Equal(values.Sum(value => Math.Pow(value - values.Average(), 2)) / 2, gradient[at + layout.Width + column], 1e-5);
        }
    }

    [Fact]
    public void A_batch_of_one_entity_has_no_variance_and_leaves_the_running_one_as_it_is()
    {
        var layout = SmallTower.Layout("batchnorm", normalise: false);
        var batch = SmallTower.Batch(layout, 6);
        var rows = SmallTower.RandomRows(layout, batch);
        var gradient = GradientOf(layout, batch, rows);

        var variance = ((batch.Rows.Length - 1) * layout.Width)..(((batch.Rows.Length - 1) * layout.Width) + layout.Dim);
        Assert.Equal(rows[variance], gradient[variance]);
        Assert.All(gradient, value => Assert.True(float.IsFinite(value)));
    }

    [Fact]
    public void Dropout_leaves_values_out_in_training_and_none_in_evaluation()
    {
        var layout = SmallTower.Layout("dropout:0.25", normalise: false, dim: 200);
        var model = SmallTower.Model(layout, normalise: false);
        var batch = SmallTower.Batch(layout, [.. Enumerable.Range(0, SmallTower.Items)]);
        var rows = SmallTower.RandomRows(layout, batch);

        var trained = ForwardOf(layout, batch, rows);
        var again = ForwardOf(layout, batch, rows);
        var later = ForwardOf(layout, batch with { First = 128 }, rows);
        var evaluated = EmbeddingTower.ToEmbeddings(model, [], rows, null, new TowerLayouts(new TowerLayout(model, 0, 0, null, 1), layout))
            .Items;

        var (dropped, all) = (0, SmallTower.Items * layout.Dim);
        for (var n = 0; n < all; n++)
        {
            var value = rows[(n / layout.Dim * layout.Width) + (n % layout.Dim)];
            Assert.Equal(value, evaluated[(n / layout.Dim * layout.Width) + (n % layout.Dim)]);
            dropped += trained[n] == 0 ? 1 : 0;
            Assert.True(trained[n] == 0 || Math.Abs(trained[n] - (value / 0.75f)) < 1e-5f);
        }

        Assert.InRange(dropped / (double)all, 0.21, 0.29);
        Assert.Equal(trained, again);
        Assert.NotEqual(trained, later);
    }

    [Fact]
    public void Evaluation_is_what_plain_loops_over_the_table_give()
    {
        var layout = SmallTower.Layout("linear:6,batchnorm,dropout:0.5,relu,linear:4", features: true, normalise: false);
        var model = SmallTower.Model(layout, normalise: false);
        var table = SmallTower.RandomRows(layout, new TowerBatch(new int[layout.Rows], 0, 0, 0));
        for (var n = layout.FirstStatisticRow * layout.Width; n < table.Length; n++)
        {
            table[n] = Math.Abs(table[n]) + 0.1f; // a variance is above 0
        }

        var embeddings = EmbeddingTower.ToEmbeddings(model, [], table, null,
            new TowerLayouts(new TowerLayout(model, 0, 0, null, 1), layout));

        for (var item = 0; item < SmallTower.Items; item++)
        {
            var x = Enumerable.Range(0, 4).Select(column => (double)table[(item * layout.Width) + column]).ToArray();
            foreach (var feature in layout.FeaturesOf(item))
            {
                x = [.. x.Select((value, column) => value + (feature.Weight * table[(feature.Row * layout.Width) + column]))];
            }

            var hidden = Linear(layer: 0, x).Select((value, column) =>
                ((value - Weight(1, WeightKind.Mean, column)) / Math.Sqrt(Weight(1, WeightKind.Variance, column) + 1e-5) * Weight(1,
                    WeightKind.Scale, column)) + Weight(1, WeightKind.Shift, column));
            var expected = Linear(layer: 4, [.. hidden.Select(value => Math.Max(0, value))]);
            for (var column = 0; column < 4; column++)
            {
                Assert.Equal(expected[column], embeddings.Items[(item * 5) + column], 1e-4);
            }

            Assert.Equal(table[(item * layout.Width) + 4], embeddings.Items[(item * 5) + 4]);
        }

        double Weight(int layer, WeightKind kind, int n) =>
            table[(layout.Blocks.Single(block => block.Layer == layer && block.Kind == kind).FirstRow * layout.Width) + n];

        double[] Linear(int layer, double[] x) => [.. Enumerable.Range(0, layer == 0 ? 6 : 4).Select(output =>
            Weight(layer, WeightKind.Bias, output)
                + x.Select((value, n) => value * Weight(layer, WeightKind.Matrix, (output * x.Length) + n)).Sum())];
    }

    private static float[] GradientOf(TowerLayout layout, TowerBatch batch, float[] rows)
    {
        using var tower = Tower.Create(SmallTower.Model(layout, normalise: false), layout, layout.Width, batch.Entities);
        var vectors = new float[batch.Entities * layout.Dim];
        var gradient = new float[rows.Length];
        tower.Forward(batch, rows, vectors, layout.Dim);
        tower.Backward(batch, vectors, vectors, layout.Dim, gradient);
        return gradient;
    }

    private static float[] ForwardOf(TowerLayout layout, TowerBatch batch, float[] rows)
    {
        using var tower = Tower.Create(SmallTower.Model(layout, normalise: false), layout, layout.Width, batch.Entities);
        var vectors = new float[batch.Entities * layout.Dim];
        tower.Forward(batch, rows, vectors, layout.Dim);
        return vectors;
    }
}
