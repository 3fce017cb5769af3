using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

public class TowerLayoutSpecs
{
    [Fact]
    public void A_table_has_entities_then_features_then_weights_then_statistics_and_every_block_has_rows_of_its_own()
    {
        var layout = SmallTower.Layout("linear:6,batchnorm,linear:4", features: true);

        Assert.Equal((9, 7, 16), (layout.Entities, layout.FeatureRows, layout.FirstWeightRow));
        var next = layout.FirstWeightRow;
        foreach (var block in layout.Blocks)
        {
            Assert.Equal(next, block.FirstRow);
            Assert.Equal((block.Length + 4) / 5, block.Rows);
            Assert.Equal(block.IsStatistic, layout.KindOf(block.FirstRow) == RowKind.Statistic);
            next += block.Rows;
        }

        Assert.Equal(next, layout.Rows);
        Assert.Equal([WeightKind.Mean, WeightKind.Variance], layout.Blocks.Where(block => block.IsStatistic).Select(block => block.Kind));
        Assert.Equal(4, layout.StatisticRows);
    }

    [Fact]
    public void Embeddings_alone_take_no_other_rows_and_begin_with_the_values_that_they_always_had()
    {
        var layout = SmallTower.Layout("none");
        var (row, before) = (new float[5], new float[5]);

        layout.Initialise(row, 7);
        EmbeddingTower.Initialise(before, SmallTower.Model(layout), 3, 1, 7);

        Assert.True(layout.IsPlain);
        Assert.Equal(0, layout.RowsBesidesEntities);
        Assert.Equal(before, row);
    }

    [Fact]
    public void Weights_begin_as_torchs_do_and_the_rest_of_a_blocks_last_row_is_zero()
    {
        var layout = SmallTower.Layout("linear:6,batchnorm,linear:4");
        foreach (var block in layout.Blocks)
        {
            var values = new float[block.Rows * layout.Width];
            for (var n = 0; n < block.Rows; n++)
            {
                layout.Initialise(values.AsSpan(n * layout.Width, layout.Width), block.FirstRow + n);
            }

            Assert.All(values[block.Length..], value => Assert.Equal(0, value));
            Assert.All(values[..block.Length], value => Assert.True(block.Kind switch
            {
                WeightKind.Scale or WeightKind.Variance => value == 1,
                WeightKind.Shift or WeightKind.Mean => value == 0,
                _ => value != 0 && Math.Abs(value) <= 1 / Math.Sqrt(block.FanIn),
            }));
        }
    }

    [Fact]
    public void The_weights_of_an_entitys_values_of_one_field_add_up_to_one()
    {
        var layout = SmallTower.Layout("none", features: true);

        for (var item = 0; item < layout.Entities; item++)
        {
            Assert.All(layout.FeaturesOf(item).ToArray().GroupBy(feature => feature.Field),
                field => Assert.Equal(1, field.Sum(feature => feature.Weight), 1e-6));
        }
    }

    [Fact]
    public void Frequencies_count_a_feature_at_most_once_a_batch_and_a_weight_in_every_batch()
    {
        var layout = SmallTower.Layout("linear:4", features: true);

        var frequencies = layout.Frequencies([5, 0, 1, 0, 0, 0, 0, 0, 0], batches: 3);

        Assert.Equal(layout.Rows, frequencies.Length);
        Assert.Equal([5, 0, 1, 0, 0, 0, 0, 0, 0], frequencies[..9]);
        Assert.Equal([3, 0, 1], frequencies[9..12]); // red of items 0, 3, 6; green of 1, 4, 7; blue of 2, 5, 8
        Assert.All(frequencies[16..], frequency => Assert.Equal(3, frequency));
    }

    [Theory]
    [InlineData("mlp:8,5", false, "model.itemTower ends with 5 columns, but model.dim is 4; make its last linear layer 4 wide.")]
    [InlineData("relu", true, "With model.featureCombine concat the input of model.itemTower has 12 columns")]
    public void A_tower_that_does_not_end_as_wide_as_the_model_is_refused(string spec, bool concat, string reason) =>
        Assert.StartsWith(reason, Assert.Throws<ArgumentException>(() => SmallTower.Layout(spec, concat, FeatureCombine.Concat)).Message,
            StringComparison.Ordinal);
    [Fact]
    public void Users_who_are_their_histories_have_no_rows_and_items_may_have_a_second_vector()
    {
        var model = new ModelOptions
        {
            Dim = 4,
            UserTower = TowerSpec.Parse("history"),
            History = new HistoryOptions { SeparateTable = true }
        };
        var (users, items) = (new TowerLayout(model, 0, 9, SmallTower.Features(9), 1),
            new TowerLayout(model, 1, 9, SmallTower.Features(9), 1));

        Assert.Equal((9, 0, users.FeatureRows), (users.Entities, users.EntityRows, users.Rows));
        Assert.Equal(Enumerable.Range(0, users.FeatureRows), Enumerable.Range(0, 9).SelectMany(user => users.FeaturesOf(user).ToArray())
            .Select(feature => feature.Row).Distinct().Order());
        Assert.Equal((9 + items.FeatureRows + 9, 9 + items.FeatureRows + 3), (items.Rows, items.HistoryRowOf(3)));
        Assert.Equal([2, 2, 2, 2, 2, 2, 2, 2, 2], items.Frequencies([7, 7, 7, 7, 7, 7, 7, 7, 7], batches: 2,
            [3, 3, 3, 3, 3, 3, 3, 3, 3])[^9..]);
        Assert.Contains("model.itemTower cannot be a history",
            TowerLayout.Refusal(new ModelOptions { ItemTower = TowerSpec.Parse("history") }, 1, 0), StringComparison.Ordinal);

        var shared = new TowerLayout(model with { History = new HistoryOptions() }, 1, 9, null, 1);
        Assert.Equal((9, 3), (shared.Rows, shared.HistoryRowOf(3)));
        Assert.Equal([9, 7, 7, 7, 7, 7, 7, 7, 7], shared.Frequencies([7, 7, 7, 7, 7, 7, 7, 7, 7], batches: 2, [5, 0, 0, 0, 0, 0, 0, 0, 0]));
    }

}
