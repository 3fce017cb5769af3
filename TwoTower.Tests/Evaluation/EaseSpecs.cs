using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Tests.Evaluation;

public class EaseSpecs
{
    [Fact]
    public void Weights_are_those_worked_out_by_hand_for_three_items()
    {
        // Users have {0,1}, {0,1}, {1,2}: the Gram matrix is [2 2 0; 2 3 1; 0 1 1]. With λ = 1 it is [3 2 0; 2 4 1; 0 1 2], whose
        // determinant is 3·7 − 2·4 = 13; the inverse follows by cofactors.
        var counts = new CoOccurrence(Matrix(3, 3, (0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2)));
        double[,] inverse = { { 7 / 13.0, -4 / 13.0, 2 / 13.0 }, { -4 / 13.0, 6 / 13.0, -3 / 13.0 }, { 2 / 13.0, -3 / 13.0, 8 / 13.0 } };

        var ease = Ease.Fit(counts, lambda: 1);

        for (var from = 0; from < 3; from++)
        {
            for (var to = 0; to < 3; to++)
            {
                Assert.Equal(from == to ? 0 : -inverse[from, to] / inverse[to, to], ease.Weight(from, to), 1e-6);
            }
        }

        // User 2 has items 1 and 2: item 0 gets their two weights.
        var scores = new float[3];
        ease.Score([2], scores);
        Assert.Equal((4 / 7.0) - (2 / 7.0), scores[0], 1e-6);
    }

    [Fact]
    public void Weights_and_choice_do_not_depend_on_the_number_of_threads()
    {
        var data = SmallData.Make();
        var validation = RankingTask.Validation(data);
        var counts = new CoOccurrence(validation.Seen);

        var (one, two) = (Ease.Choose(counts, Ease.Lambdas, validation, "recall@5", 1), Ease.Choose(counts, Ease.Lambdas, validation,
            "recall@5", 3));

        Assert.Equal(one.Option, two.Option);
        Assert.Equal(one.Tried, two.Tried);
        Assert.Equal(ScoresOf(one.Scorer, data), ScoresOf(two.Scorer, data));
        Assert.Equal(one.Tried.MaxBy(tried => tried.Value).Option, one.Option);
    }

    [Fact]
    public void A_catalogue_too_large_for_a_dense_inverse_is_refused_with_its_memory_and_no_matrix_is_made()
    {
        var counts = new CoOccurrence(InteractionMatrix.From(1, 50_000));

        var refusal = Assert.Throws<BaselineException>(() => Ease.Fit(counts, 100));

        Assert.Contains("50,000 x 50,000 items, which would take about 60 GB", refusal.Message, StringComparison.Ordinal);
    }

    internal static InteractionMatrix Matrix(int users, int items, params (int User, int Item)[] pairs) =>
        InteractionMatrix.From(users, items, new InteractionLog([.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)],
            new long[pairs.Length]));

    internal static float[] ScoresOf(IItemScorer scorer, RecommenderData data)
    {
        var scores = new float[data.Users.Count * data.Items.Count];
        scorer.Score([.. Enumerable.Range(0, data.Users.Count)], scores);
        return scores;
    }
}
