using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Tests.Evaluation;

public class ItemKnnSpecs
{
    [Fact]
    public void Scores_are_those_of_a_search_over_all_pairs() =>
        Gen.Select(Gen.Select(Gen.Int[0, 7], Gen.Int[0, 9]).Array[1, 50], Gen.Int[1, 12], Gen.Int[0, 3].Select(n => (double)n))
            .Sample((pairs, k, shrinkage) =>
            {
                var train = EaseSpecs.Matrix(8, 10, pairs);

                var scores = new float[8 * 10];
                ItemKnn.Fit(new CoOccurrence(train), new ItemKnnOptions(k, shrinkage)).Score([.. Enumerable.Range(0, 8)], scores);

                for (var user = 0; user < 8; user++)
                {
                    for (var item = 0; item < 10; item++)
                    {
                        Assert.Equal(BruteForce(train, user, item, k, shrinkage), scores[(user * 10) + item], 1e-5);
                    }
                }
            }, iter: 300);

    [Fact]
    public void Scores_and_choice_do_not_depend_on_the_number_of_threads()
    {
        var data = SmallData.Make();
        var validation = RankingTask.Validation(data);
        var counts = new CoOccurrence(validation.Seen);
        ItemKnnOptions[] grid = [new(3, 0), new(3, 10), new(10, 0), new(1000, 10)];

        var (one, two) = (ItemKnn.Choose(counts, grid, validation, "ndcg@5", 1), ItemKnn.Choose(counts, grid, validation, "ndcg@5", 3));

        Assert.Equal(one.Option, two.Option);
        Assert.Equal(one.Tried, two.Tried);
        Assert.Equal(EaseSpecs.ScoresOf(one.Scorer, data), EaseSpecs.ScoresOf(two.Scorer, data));
        // a beginning of a longer list is the shorter one
        Assert.Equal(EaseSpecs.ScoresOf(ItemKnn.Fit(counts, one.Option), data), EaseSpecs.ScoresOf(one.Scorer, data));
    }

    private static double BruteForce(InteractionMatrix train, int user, int item, int k, double shrinkage)
    {
        int Both(int a, int b) => Enumerable.Range(0, train.Users).Count(u => train.Contains(u, a) && train.Contains(u, b));
        var neighbours = Enumerable.Range(0, train.Items).Where(other => other != item && Both(item, other) > 0)
            .Select(other =>
                (Item: other,
                Similarity: (float)(Both(item, other) / (Math.Sqrt((double)Both(item, item) * Both(other, other)) + shrinkage))))
            .OrderByDescending(neighbour => neighbour.Similarity).ToArray();
        if (neighbours.Length == 0)
        {
            return 0;
        }

        // Those that are as similar as the k-th share what is left of the k places.
        var last = neighbours[Math.Min(k, neighbours.Length) - 1].Similarity;
        var (above, tied) = (neighbours.Count(neighbour => neighbour.Similarity > last),
            neighbours.Count(neighbour => neighbour.Similarity == last));
        var share = Math.Min(1, (k - above) / (double)tied);
        return neighbours.Where(neighbour => train.Contains(user, neighbour.Item))
            .Sum(neighbour => neighbour.Similarity > last ? neighbour.Similarity : neighbour.Similarity == last
            ? share * neighbour.Similarity : 0);
    }
}
