using TwoTower.Actors.ParameterServer;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;
using TwoTower.Tests.Towers;

namespace TwoTower.Tests.ParameterServer;

/// <summary>Each kind of row takes what is pushed to it by a rule of its own.</summary>
public class RowRulesSpecs
{
    private const float Decay = 0.1f;
    private static readonly TowerLayout s_layout = new(
        new ModelOptions { Dim = 4, ItemBias = true, ItemTower = TowerSpec.Parse("linear:6,batchnorm,linear:4") }, 1, SmallTower.Items,
        SmallTower.Features(), seed: 3, temperature: 0.5);

    [Theory]
    [InlineData(RowKind.Embedding, true)]
    [InlineData(RowKind.Feature, true)]
    [InlineData(RowKind.Weight, true)]
    [InlineData(RowKind.Offset, false)]
    [InlineData(RowKind.Temperature, false)]
    internal void What_has_no_meaning_at_0_does_not_decay(RowKind kind, bool decays)
    {
        float[] row = [1, 1, 1, 1, 1];

        Step(kind, row, new float[5], new OptimizerOptions { Kind = OptimizerKind.Sgd, WeightDecay = Decay });

        Assert.All(row, value => Assert.Equal(decays ? 1 - Decay : 1, value, 1e-6));
    }

    [Theory]
    [InlineData(RowKind.Embedding, true)]
    [InlineData(RowKind.Feature, true)]
    [InlineData(RowKind.Weight, false)]
    [InlineData(RowKind.Offset, false)]
    [InlineData(RowKind.Temperature, false)]
    internal void Only_vectors_are_held_within_the_largest_norm(RowKind kind, bool held)
    {
        float[] row = [1, 1, 1, 1, 1];

        Step(kind, row, new float[5], new OptimizerOptions { Kind = OptimizerKind.Sgd, MaxNorm = 1 });

        Assert.Equal(held ? [0.5f, 0.5f, 0.5f, 0.5f, 1f] : new float[] { 1, 1, 1, 1, 1 }, row);
    }

    [Fact]
    public void A_temperature_is_one_float_within_its_bounds_and_a_statistic_moves_towards_what_was_measured()
    {
        float[] temperature = [0, 7, 7, 7, 7], statistic = [0, 0, 0, 0, 0];

        Step(RowKind.Temperature, temperature, [-1000, 1, 1, 1, 1], new OptimizerOptions { Kind = OptimizerKind.Sgd });
        Step(RowKind.Statistic, statistic, [1, 2, 3, 4, 5], new OptimizerOptions
        {
            Kind = OptimizerKind.Sgd,
            WeightDecay = Decay,
            MaxNorm = 1e-3
        });

        Assert.Equal([LearnedTemperature.Held(1000), 7, 7, 7, 7], temperature);
        Assert.Equal([0.1f, 0.2f, 0.3f, 0.4f, 0.5f], statistic.Select(value => MathF.Round(value, 6)));
    }

    [Fact]
    public void A_layout_says_of_every_row_what_it_is()
    {
        var kinds = Enumerable.Range(0, s_layout.Rows).Select(s_layout.KindOf).ToArray();

        Assert.Equal(SmallTower.Items, kinds.Count(kind => kind == RowKind.Embedding));
        Assert.Equal(s_layout.FeatureRows, kinds.Count(kind => kind == RowKind.Feature));
        Assert.Equal(s_layout.StatisticRows, kinds.Count(kind => kind == RowKind.Statistic));
        Assert.Equal(RowKind.Temperature, kinds[s_layout.TemperatureRow!.Value]);
        foreach (var block in s_layout.Blocks)
        {
            var kind = block.IsStatistic ? RowKind.Statistic : block.Kind == WeightKind.Matrix ? RowKind.Weight : RowKind.Offset;
            Assert.All(kinds[block.FirstRow..(block.FirstRow + block.Rows)], row => Assert.Equal(kind, row));
        }

        Assert.Equal(kinds.Select(kind => (byte)kind), new RowRules(new OptimizerOptions(), 4, s_layout)
            .KindsOf([.. Enumerable.Range(0, s_layout.Rows)]));
        Assert.Null(new RowRules(new OptimizerOptions(), 4).KindsOf([0, 1]));
    }

    private static void Step(RowKind kind, float[] row, float[] pushed, OptimizerOptions options) =>
        new RowRules(options, 4, s_layout).Of(kind).Step(row, pushed, default, default, 1, 1f);
}
