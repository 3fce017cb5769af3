using System.Numerics.Tensors;
using TwoTower.Model;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

/// <summary>A user's vector from items alone.</summary>
public class FoldInSpecs
{
    private const int Items = 40;
    private const int Dim = 6;

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public void No_vector_of_its_length_scores_the_liked_items_higher(bool normalise, double length)
    {
        var embeddings = Embeddings(prior: true);
        var (liked, weights) = (new[] { 3, 7, 7, 20 }, new[] { 1f, 2f, 0.5f, 1f });
        double Score(float[] user) => liked.Zip(weights, (item, weight) => weight * TensorPrimitives.Dot<float>(user, embeddings.Items.AsSpan(item * embeddings.Dim, embeddings.Dim))).Sum();

        var vector = Fold(embeddings, normalise).VectorOf(liked, weights);

        Assert.Equal(length, TensorPrimitives.Norm<float>(vector.AsSpan(0, Dim)), 1e-4);
        Assert.Equal(1f, vector[Dim]); // where bias and prior are
        var random = new SeededRandom(5);
        for (var n = 0; n < 200; n++)
        {
            var other = (float[])vector.Clone();
            for (var column = 0; column < Dim; column++)
            {
                other[column] += (float)(0.1 * random.NextGaussian());
            }

            TensorPrimitives.Multiply(other.AsSpan(0, Dim), (float)length / TensorPrimitives.Norm<float>(other.AsSpan(0, Dim)), other.AsSpan(0, Dim));
            Assert.True(Score(other) < Score(vector) + 1e-5, "A vector nearby is better.");
        }
    }

    [Fact]
    public void The_weight_of_an_item_is_how_often_it_counts()
    {
        var fold = Fold(Embeddings(prior: false), normalise: true);

        var twice = fold.VectorOf([3, 7, 7], [1, 1, 1]);

        Assert.Equal(Dim, twice.Length);
        Assert.All(twice.Zip(fold.VectorOf([7, 3], [4, 2])), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
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

    private static FoldIn Fold(TwoTowerEmbeddings embeddings, bool normalise) => new(embeddings, new ModelOptions { Dim = Dim, Normalise = normalise }, [0]);

    /// <summary>One trained user of length 2, and items of length 1 with or without a last column.</summary>
    private static TwoTowerEmbeddings Embeddings(bool prior)
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
            [.. Row(2), .. Last(1)], [.. Enumerable.Range(0, Items).SelectMany(item => Row(1).Concat(Last((float)(0.3 * random.NextGaussian()))))], Dim + (prior ? 1 : 0));
    }
}
