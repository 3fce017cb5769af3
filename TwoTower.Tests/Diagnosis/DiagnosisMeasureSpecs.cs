using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Diagnosis;

/// <summary>The measures themselves, on cases that can be worked out by hand.</summary>
public sealed class DiagnosisMeasureSpecs
{
    [Fact]
    public void Spearman_is_one_for_any_rising_relation_shares_ranks_of_ties_and_is_nothing_for_a_constant()
    {
        Assert.Equal(1, RankCorrelation.Spearman([1, 2, 3, 4], [1, 10, 100, 1e6])!.Value, 1e-12);
        Assert.Equal(-1, RankCorrelation.Spearman([1, 2, 3], [9, 5, 1])!.Value, 1e-12);
        Assert.Equal([0, 1.5, 1.5, 3], RankCorrelation.Ranks([1, 2, 2, 9]));
        Assert.Equal(Math.Sqrt(0.9), RankCorrelation.Spearman([1, 2, 3, 4], [1, 2, 2, 3])!.Value, 1e-12);
        Assert.Null(RankCorrelation.Spearman([1, 2, 3], [5, 5, 5]));
    }

    [Fact]
    public void Spearman_does_not_change_under_rising_transformations() =>
        Gen.Int[-20, 20].Array[3, 30].Select(Gen.Int[1, 1000]).Sample((whole, seed) =>
        {
            var x = whole.Select(value => (double)value).ToArray();
            var random = new TwoTower.Model.SeededRandom(seed);
            var y = x.Select(value => value + random.NextGaussian()).ToArray();
            var (plain, bent) = (RankCorrelation.Spearman(x, y), RankCorrelation.Spearman([.. x.Select(Math.Exp)], y));
            return plain is null ? bent is null : Math.Abs(plain.Value - bent!.Value) < 1e-9 && Math.Abs(plain.Value) <= 1 + 1e-9;
        });

    [Fact]
    public void What_is_shown_is_measured_by_percentile_coverage_and_gini()
    {
        var percentiles = RecommendedItems.Percentiles([5, 0, 9, 5]);
        Assert.Equal([0.5, 0, 1, 0.5], percentiles);

        var even = RecommendedItems.Of([ShownItems.Exactly(0, 1), ShownItems.Exactly(2, 3)], percentiles);
        var one = RecommendedItems.Of([ShownItems.Exactly(2), ShownItems.Exactly(2)], percentiles);

        Assert.Equal((0.5, 1.0, 0.0), (even.MeanPercentile, even.Coverage, even.Gini));
        Assert.Equal((1.0, 0.25, 0.75), (one.MeanPercentile, one.Coverage, one.Gini));
        Assert.Equal(0.75, RecommendedItems.Overlap([ShownItems.Exactly(0, 1), ShownItems.Exactly(2, 3)],
            [ShownItems.Exactly(0, 1), ShownItems.Exactly(3, 1)]));
    }

    [Fact]
    public void Vectors_on_the_axes_have_full_rank_and_equal_ones_have_one()
    {
        // Two of each axis of four dimensions.
        float[] axes = [.. Enumerable.Range(0, 8).SelectMany(row => Enumerable.Range(0, 4).Select(column => column == row % 4 ? 3f : 0f))];
        float[] equal = [.. Enumerable.Range(0, 8).SelectMany(_ => new[] { 1f, 2f, 3f, 4f })];

        var spread = EmbeddingShape.Of(axes, 4);
        var one = EmbeddingShape.Of(equal, 4);

        Assert.Equal(4, spread.EffectiveRank, 1e-6);
        Assert.All(spread.SingularValues, value => Assert.Equal(Math.Sqrt(2), value, 1e-6));
        Assert.Equal(8.0 / 56, spread.MeanCosine, 1e-6); // of 56 ordered pairs 8 are of one axis
        Assert.Equal(Math.Log((1.0 / 7) + (6.0 / 7 * Math.Exp(-4))), spread.Uniformity, 0.05);
        Assert.Equal((1, 1, 0), (Math.Round(one.EffectiveRank, 4), Math.Round(one.MeanCosine, 4), Math.Round(one.Uniformity, 4)));
    }

    [Fact]
    public void Alignment_is_the_squared_distance_on_the_sphere_and_a_column_of_ones_is_no_vector()
    {
        var embeddings = new TwoTowerEmbeddings([2, 0, 1, 0, 5, 1], [1, 0, -7, 0, 1, 3], 3);

        var vectors = EmbeddingShape.VectorsOf(embeddings);

        Assert.Equal(2, vectors.Dim);
        Assert.Equal([2, 0, 0, 5], vectors.Users);
        Assert.Equal([1, 0, 0, 1], vectors.Items);
        Assert.Equal(0, EmbeddingShape.Alignment(vectors, [0, 1], [0, 1]), 1e-12);
        Assert.Equal(2, EmbeddingShape.Alignment(vectors, [0, 1], [1, 0]), 1e-12);
        Assert.Same(vectors, EmbeddingShape.VectorsOf(vectors));
    }

    [Fact]
    public void Divergence_is_nothing_for_equal_distributions_a_bit_for_disjoint_ones_and_symmetric()
    {
        Assert.Equal(0, ItemDrift.Divergence([1, 2, 3], [2, 4, 6]), 1e-12);
        Assert.Equal(1, ItemDrift.Divergence([1, 0, 2], [0, 5, 0]), 1e-12);
        Gen.Double[0.01, 1].Array[4].Select(Gen.Double[0.01, 1].Array[4]).Sample((p, q) =>
            Math.Abs(ItemDrift.Divergence(p, q) - ItemDrift.Divergence(q, p)) < 1e-12 && ItemDrift.Divergence(p, q) is >= -1e-12 and <= 1);
    }

    [Fact]
    public void A_batch_is_expected_to_hold_as_many_items_as_draws_give()
    {
        var coverage = BatchCoverage.Of([10, 10], 2);

        Assert.Equal(1.5, coverage.Distinct, 1e-12);
        Assert.Equal(0.25, coverage.Repeats, 1e-12);
        Assert.Equal(7.5, coverage.MedianPerEpoch, 1e-12); // in 3 of 4 batches of 10
        Assert.Equal(1, BatchCoverage.Of([20, 0], 50).Distinct, 1e-12);
    }

    [Fact]
    public void The_task_on_train_has_as_many_positives_as_validation_and_masks_the_others()
    {
        var validation = RankingTask.Validation(SmallData.Make());

        var task = TrainRecall.Task(validation)!;

        Assert.Equal(validation.Users.Where(user => validation.Seen.ItemsOf(user).Length >= validation.RelevantOf(user)), task.Users);
        foreach (var user in task.Users)
        {
            var (positives, seen) = (task.Positives.ItemsOf(user).ToArray(), task.Seen.ItemsOf(user).ToArray());
            Assert.Equal(validation.RelevantOf(user), positives.Length);
            Assert.Equal(validation.Seen.ItemsOf(user).ToArray(), positives.Concat(seen).Order());
        }
    }

    [Fact]
    public void Leakage_counts_train_after_validation_begins()
    {
        var data = SmallData.Make();
        Assert.False(TimeLeakage.Of(data)!.Leaks);
        var late = data.Train.Timestamps.ToArray();
        late[^1] = data.Validation.Timestamps[0] + 1;

        var leakage = TimeLeakage.Of(data with { Train = data.Train with { Timestamps = late } })!;

        Assert.Equal(1.0 / late.Length, leakage.TrainAfterValidationStart, 1e-12);
        Assert.True(leakage.LaterThanPredicted < leakage.TrainAfterValidationStart);
        Assert.Null(TimeLeakage.Of(data with { Validation = InteractionLog.Empty }));
    }
}
