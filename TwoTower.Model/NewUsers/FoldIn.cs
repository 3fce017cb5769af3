using System.Numerics.Tensors;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Model.NewUsers;

/// <summary>A vector for a user of whom nothing was learned, from items they liked, the items' vectors being fixed.</summary>
/// <remarks>
/// Where vectors have length 1 it is the one that makes the liked items likeliest under softmax(b + v · u / T) over the catalogue, b being
/// the base rate and T the temperature, and trained users being what is to be expected: their directions are taken to scatter around the
/// mean user by a von Mises–Fisher law, whose concentration is estimated from the length R of their mean, κ = R (d − R²) / (1 − R²)
/// (Banerjee et al. 2005, "Clustering on the unit hypersphere using von Mises-Fisher distributions", equation 4.4). That law scatters alike
/// in all d directions; users do not, so d is the number of directions that they use, the participation ratio (Σ λ)² / Σ λ² of the
/// eigenvalues of their second moments. So little liked leaves a user near the mean one, and what everybody likes says little of anybody.
/// The greatest point is climbed to along great circles, each step halved until it rises. Before, it was the mean of the liked items'
/// vectors, which points to what is popular whatever the user likes. Where vectors have any length it is still that mean, as long as
/// trained users' are on average.
/// </remarks>
public sealed class FoldIn
{
    /// <summary>Items that are held against the liked ones, those with the highest base rate; the liked ones besides.</summary>
    private const int MostItems = 1 << 14;

    /// <summary>Trained users whose scatter is measured, evenly spaced.</summary>
    private const int MostUsers = 10_000;

    private readonly TwoTowerEmbeddings _embeddings;
    private readonly int _dim;
    private readonly SoftmaxClimb? _climb;

    /// <summary>Takes a model.</summary>
    /// <param name="embeddings">Its vectors as they score.</param>
    /// <param name="model">Its shape.</param>
    /// <param name="temperature">What its scores are divided by in the loss.</param>
    /// <param name="set">What it was trained on: its users are whom to expect, and with a prior its
    /// items' popularity is the base rate.</param>
    public FoldIn(TwoTowerEmbeddings embeddings, ModelOptions model, double temperature, TrainingSet set)
    {
        (_embeddings, _dim) = (embeddings, model.Dim);
        var trained = Enumerable.Range(0, set.Users).Where(user => set.UserCounts[user] > 0).ToArray();
        Length = model.Normalise ? 1 : MeanLength(trained);
        if (model.Normalise && set.Log.Count > 0)
        {
            var (items, logits) = BaseRates(model, temperature, set);
            Problem = new FoldInProblem(temperature, items, logits, Expected(trained));
            _climb = new SoftmaxClimb(embeddings, model.Dim, Problem);
        }
    }

    /// <summary>How long the vectors of users are: 1 where the model normalises, else as long as trained users' are on average.</summary>
    public double Length { get; }

    /// <summary>What the vector makes greatest, or null where it is the liked items' mean direction.</summary>
    public FoldInProblem? Problem { get; }

    /// <summary>The user's vector, as it scores.</summary>
    /// <param name="items">Rows of items they liked; an item may come more than once.</param>
    /// <param name="weights">Their weights, not negative, as many.</param>
    /// <returns>[Dim]: the vector and, where items have a last column for bias and prior, 1.</returns>
    /// <exception cref="ArgumentException">There is no item, there are not as many weights, or none is above 0.</exception>
    public float[] VectorOf(ReadOnlySpan<int> items, ReadOnlySpan<float> weights)
    {
        if (items.Length != weights.Length || !(TensorPrimitives.Sum(weights) > 0))
        {
            throw new ArgumentException("A user is folded in from at least one item with a weight above 0.", nameof(items));
        }

        var result = new float[_embeddings.Dim];
        result.AsSpan(_dim).Fill(1f);
        var vector = result.AsSpan(0, _dim);
        for (var n = 0; n < items.Length; n++)
        {
            TensorPrimitives.MultiplyAdd(_embeddings.Items.AsSpan(items[n] * _embeddings.Dim, _dim), weights[n], vector, vector);
        }

        if (Problem is not null && TensorPrimitives.Norm<float>(vector) < EmbeddingTower.MinimumNorm)
        {
            Problem.Expected.CopyTo(vector); // what they like points nowhere
        }

        var norm = TensorPrimitives.Norm<float>(vector);
        TensorPrimitives.Multiply(vector, (float)(Length / Math.Max(norm, EmbeddingTower.MinimumNorm)), vector);
        _climb?.From(vector, items, weights);
        return result;
    }

    private double MeanLength(int[] users)
    {
        var sum = 0.0;
        foreach (var user in users)
        {
            sum += TensorPrimitives.Norm<float>(_embeddings.Users.AsSpan(user * _embeddings.Dim, _dim));
        }

        return users.Length == 0 ? 1 : sum / users.Length;
    }

    /// <summary>κ times the mean direction of users.</summary>
    private float[] Expected(int[] users)
    {
        var mean = new float[_dim];
        foreach (var user in users)
        {
            TensorPrimitives.Add(mean, _embeddings.Users.AsSpan(user * _embeddings.Dim, _dim), mean);
        }

        TensorPrimitives.Multiply(mean, 1f / users.Length, mean);
        var squared = Math.Min(TensorPrimitives.SumOfSquares<float>(mean), 0.99);
        TensorPrimitives.Multiply(mean, (float)((Math.Max(1, Directions(users)) - squared) / (1 - squared)), mean);
        return mean;
    }

    /// <summary>The participation ratio of unit vectors: one over the mean squared cosine of two of them.</summary>
    private double Directions(int[] users)
    {
        var chosen = users.Length <= MostUsers
            ? users : [.. Enumerable.Range(0, MostUsers).Select(n => users[(int)((long)n * users.Length / MostUsers)])];
        if (chosen.Length < 2)
        {
            return _dim;
        }

        var moments = new float[_dim * _dim];
        foreach (var user in chosen)
        {
            var vector = _embeddings.Users.AsSpan(user * _embeddings.Dim, _dim);
            for (var column = 0; column < _dim; column++)
            {
                TensorPrimitives.MultiplyAdd(vector, vector[column], moments.AsSpan(column * _dim, _dim),
                    moments.AsSpan(column * _dim, _dim));
            }
        }

        var pairs = (double)chosen.Length * (chosen.Length - 1);
        return Math.Min(_dim, pairs / Math.Max(TensorPrimitives.SumOfSquares<float>(moments) - chosen.Length, pairs / _dim));
    }

    /// <summary>What an item's logit is before anything is known of a user. A prior is that of all of train, as what
    /// somebody liked is of all times.</summary>
    private (int[] Items, float[] Logits) BaseRates(ModelOptions model, double temperature, TrainingSet set)
    {
        var logits = new float[set.Items];
        for (var item = 0; item < logits.Length; item++)
        {
            logits[item] = model.PriorStrength > 0 ? (float)(model.PriorStrength * Math.Log(set.ItemCounts[item] + 0.1))
                : _embeddings.Dim > _dim ? (float)(_embeddings.Items[(item * _embeddings.Dim) + _dim] / temperature)
                : 0;
        }

        int[] items = [.. Enumerable.Range(0, logits.Length).OrderByDescending(item => logits[item])
            .ThenByDescending(item => set.ItemCounts[item]).ThenBy(item => item).Take(MostItems).Order()];
        return (items, [.. items.Select(item => logits[item])]);
    }
}
