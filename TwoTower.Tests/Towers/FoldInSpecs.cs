using System.Numerics.Tensors;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.NewUsers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

/// <summary>A user's vector from items alone.</summary>
public class FoldInSpecs
{
    private const int Items = 40;
    private const int Dim = 6;

    private const double Temperature = 0.5;

    // Item n was liked n + 1 times, by eight users.
    private static readonly TrainingSet s_set = new(8, Items, new InteractionLog(
        [.. Enumerable.Range(0, Items).SelectMany(item => Enumerable.Range(0, item + 1).Select(n => n % 8))],
        [.. Enumerable.Range(0, Items).SelectMany(item => Enumerable.Repeat(item, item + 1))], new long[Items * (Items + 1) / 2]));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void No_direction_makes_the_liked_items_likelier_among_users_as_they_are(double prior)
    {
        var embeddings = Embeddings(prior: true);
        var (liked, weights) = (new[] { 3, 7, 7, 20 }, new[] { 1f, 2f, 0.5f, 1f });
        var mean = Enumerable.Range(0, Dim)
            .Select(column => Enumerable.Range(0, 8).Average(user => (double)embeddings.Users[(user * embeddings.Dim) + column])).ToArray();
        var squared = mean.Sum(value => value * value);
        var cosines = Enumerable.Range(0, 8).SelectMany(one => Enumerable.Range(0, 8).Where(other => other != one)
            .Select(other => TensorPrimitives.Dot<float>(embeddings.Users.AsSpan(one * embeddings.Dim, Dim),
            embeddings.Users.AsSpan(other * embeddings.Dim, Dim))));
        var directions = Math.Clamp(1 / cosines.Average(cosine => (double)cosine * cosine), 1, Dim);
        double Fit(float[] user)
        {
            double Logit(int item) =>
                (TensorPrimitives.Dot<float>(user.AsSpan(0, Dim), embeddings.Items.AsSpan(item * embeddings.Dim, Dim)) / Temperature)
                    + (prior > 0 ? Math.Log(item + 1.1) : embeddings.Items[(item * embeddings.Dim) + Dim] / Temperature);
            var all = Math.Log(Enumerable.Range(0, Items).Sum(item => Math.Exp(Logit(item))));
            var expected = (directions - squared) / (1 - squared) * mean.Select((value, column) => value * user[column]).Sum();
            return expected + liked.Zip(weights, (item, weight) => weight * (Logit(item) - all)).Sum();
        }

        var vector = new FoldIn(embeddings, new ModelOptions { Dim = Dim, PriorStrength = prior }, Temperature, s_set)
            .VectorOf(liked, weights);

        Assert.Equal(1, TensorPrimitives.Norm<float>(vector.AsSpan(0, Dim)), 1e-4);
        Assert.Equal(1f, vector[Dim]); // where bias and prior are
        Assert.All(Nearby(vector, 1, 0.05), other => Assert.True(Fit(other) < Fit(vector) + 1e-5, "A vector nearby is better."));
    }

    [Fact]
    public void Vectors_of_any_length_are_as_long_as_trained_users_and_score_the_liked_items_highest()
    {
        var embeddings = Embeddings(prior: true, unit: false);
        var (liked, weights) = (new[] { 3, 7, 7, 20 }, new[] { 1f, 2f, 0.5f, 1f });
        double Score(float[] user) =>
            liked.Zip(weights, (item, weight) => weight * TensorPrimitives.Dot<float>(user,
            embeddings.Items.AsSpan(item * embeddings.Dim, embeddings.Dim))).Sum();

        var vector = Fold(embeddings, normalise: false).VectorOf(liked, weights);

        Assert.Equal(1.5, TensorPrimitives.Norm<float>(vector.AsSpan(0, Dim)), 1e-4); // between users of length 1 and 2
        Assert.All(Nearby(vector, 1.5f, 0.1), other => Assert.True(Score(other) < Score(vector) + 1e-5, "A vector nearby is better."));
    }

    [Fact]
    public void The_less_is_known_the_nearer_a_user_is_to_the_mean_one()
    {
        var embeddings = Embeddings(prior: false);
        var mean = Enumerable.Range(0, Dim)
            .Select(column => Enumerable.Range(0, 8).Average(user => embeddings.Users[(user * Dim) + column])).ToArray();
        var fold = Fold(embeddings, normalise: true);
        float Near(float weight) => TensorPrimitives.CosineSimilarity<float>(mean, fold.VectorOf([3], [weight]));

        Assert.True(Near(0.001f) > 0.999, $"{Near(0.001f)}");
        Assert.True(Near(0.001f) > Near(1) && Near(1) > Near(30), $"{Near(1)} {Near(30)}");
    }

    [Fact]
    public void What_everybody_likes_says_nothing_of_a_user()
    {
        const int Fans = 20_000;
        var everybody = new TrainingSet(8, Items,
            new InteractionLog(new int[Fans + Items], [.. new int[Fans], .. Enumerable.Range(0, Items)], new long[Fans + Items]));
        var fold = new FoldIn(Embeddings(prior: true), new ModelOptions { Dim = Dim, PriorStrength = 1 }, Temperature, everybody);
        var nobody = fold.VectorOf([1], [1e-6f]);
        float Moved(int item) => TensorPrimitives.Distance<float>(nobody, fold.VectorOf([item], [10]));

        Assert.True(Moved(0) < 0.05, $"{Moved(0)}");
        var others = Enumerable.Range(1, Items - 1).Average(Moved);
        Assert.True(others > 10 * Moved(0), $"{others} against {Moved(0)}");
    }

    [Fact]
    public void The_weight_of_an_item_is_how_often_it_counts()
    {
        var fold = Fold(Embeddings(prior: false), normalise: true);

        var twice = fold.VectorOf([3, 7, 7], [1, 1, 1]);

        Assert.Equal(Dim, twice.Length);
        // as near as the climb ends
        Assert.All(twice.Zip(fold.VectorOf([7, 3], [2, 1])), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
        Assert.True(TensorPrimitives.Distance<float>(twice, fold.VectorOf([3, 7], [1, 1])) > 0.05);
    }

    [Fact]
    public void Without_an_item_or_a_weight_there_is_nothing_to_fold_in()
    {
        var fold = Fold(Embeddings(prior: false), normalise: true);

        Assert.Throws<ArgumentException>(() => fold.VectorOf([], []));
        Assert.Throws<ArgumentException>(() => fold.VectorOf([1], [0]));
        Assert.Throws<ArgumentException>(() => fold.VectorOf([1, 2], [1]));
    }

    [Fact]
    public void However_near_the_search_comes_the_vector_keeps_its_length()
    {
        // Users of nearly one direction are expected strongly: the slope across is then small beside what
        // the objective would gain by another length.
        var random = new SeededRandom(21);
        var users = Enumerable.Range(0, 8)
            .SelectMany(_ =>
            {
                var row = Enumerable.Range(0, Dim).Select(column => (float)((column == 0 ? 6 : 0) + random.NextGaussian()))
            .ToArray(); return row.Select(value => value / TensorPrimitives.Norm<float>(row));
            });
        var embeddings = Embeddings(prior: false) with { Users = [.. users] };
        var fold = Fold(embeddings, normalise: true);

        for (var user = 0; user < 50; user++)
        {
            int[] liked = [.. Enumerable.Range(0, 1 + user).Select(_ => random.NextInt(Items))];
            Assert.Equal(1, TensorPrimitives.Norm<float>(fold.VectorOf(liked, Array.ConvertAll(liked, _ => (float)random.NextDouble()))),
                1e-5);
        }
    }

    private static FoldIn Fold(TwoTowerEmbeddings embeddings, bool normalise) =>
        new(embeddings, new ModelOptions { Dim = Dim, Normalise = normalise }, Temperature, s_set);

    private static IEnumerable<float[]> Nearby(float[] vector, float length, double by)
    {
        var random = new SeededRandom(5);
        for (var n = 0; n < 200; n++)
        {
            var other = (float[])vector.Clone();
            for (var column = 0; column < Dim; column++)
            {
                other[column] += (float)(by * random.NextGaussian());
            }

            TensorPrimitives.Multiply(other.AsSpan(0, Dim), length / TensorPrimitives.Norm<float>(other.AsSpan(0, Dim)),
                other.AsSpan(0, Dim));
            yield return other;
        }
    }

    /// <summary>Trained users of length 1, or of 1 and 2, and items of length 1 with or without a last column.</summary>
    private static TwoTowerEmbeddings Embeddings(bool prior, bool unit = true)
    {
        var random = new SeededRandom(9);
        float[] Row(double length)
        {
            var row = Enumerable.Range(0, Dim).Select(_ => (float)random.NextGaussian()).ToArray();
            TensorPrimitives.Multiply(row, (float)length / TensorPrimitives.Norm<float>(row), row);
            return row;
        }

        float[] Last(float value) => prior ? [value] : [];
        return new TwoTowerEmbeddings(
            [.. Enumerable.Range(0, 8).SelectMany(user => Row(unit ? 1 : 1 + (user % 2)).Concat(Last(1)))],
            [.. Enumerable.Range(0, Items).SelectMany(item => Row(1).Concat(Last((float)(0.3 * random.NextGaussian()))))],
            Dim + (prior ? 1 : 0));
    }
}
