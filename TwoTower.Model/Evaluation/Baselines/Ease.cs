using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TorchSharp;
using TwoTower.Model.Data;
using TwoTower.Model.Native;
using static TorchSharp.torch;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>EASE: the linear model score(u, ·) = x_u · B with a zero diagonal that reconstructs the train matrix best under an L2 penalty,
/// in closed form (Steck 2019, "Embarrassingly Shallow Autoencoders for Sparse Data", section 3.1, equation 8).</summary>
/// <remarks>With P = (XᵀX + λI)⁻¹: B_ij = −P_ij / P_jj for i ≠ j, and B_jj = 0. P is symmetric and positive definite, so it comes from a
/// Cholesky factor, on one thread per λ: the factorisation's rounding depends on the number of threads that share it. It is computed, and
/// scores are summed, in double precision and rounded once: scores that are equal by the formula are equal numbers, and
/// not what rounding makes of them.</remarks>
internal sealed class Ease : IItemScorer
{
    /// <summary>The largest catalogue: with its dense inverse it takes about 10 GB.</summary>
    public const int MostItems = 20_000;

    /// <summary>The penalties that are tried.</summary>
    public static readonly IReadOnlyList<double> Lambdas = [100, 200, 500, 1000, 2000, 5000];

    private readonly InteractionMatrix _train;
    private readonly float[] _weights;

    private Ease(InteractionMatrix train, float[] weights) => (_train, _weights) = (train, weights);

    /// <inheritdoc />
    public int Items => _train.Items;

    /// <summary>The weight of having item <paramref name="from"/> in the score of item <paramref name="to"/>.</summary>
    public float Weight(int from, int to) => _weights[((long)from * Items) + to];

    /// <summary>Tries every penalty on one Gram matrix; the best on validation stays.</summary>
    /// <param name="counts">The train matrix.</param>
    /// <param name="lambdas">The penalties, all above 0.</param>
    /// <param name="validation">What is ranked to choose.</param>
    /// <param name="metric">The deciding metric, seen items masked.</param>
    /// <param name="parallelism">Penalties at a time, one thread and about five matrices [items, items] each.</param>
    /// <exception cref="BaselineException">The catalogue is too large.</exception>
    public static GridChoice<double, Ease> Choose(CoOccurrence counts, IReadOnlyList<double> lambdas, RankingTask validation, string metric,
        int parallelism)
    {
        var gram = Gram(counts, parallelism);

        // Above a third of the largest catalogue one penalty at a time, so that memory stays near one inverse's.
        return GridChoice<double, Ease>.Best(lambdas, lambda => Solve(counts.Train, gram, lambda), validation, metric,
            counts.Items > MostItems / 3 ? 1 : parallelism);
    }

    /// <summary>Fits one penalty.</summary>
    /// <param name="counts">The train matrix.</param>
    /// <param name="lambda">The penalty, above 0.</param>
    /// <param name="parallelism">Threads that count the Gram matrix.</param>
    /// <exception cref="BaselineException">The catalogue is too large.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The penalty is not above 0.</exception>
    public static Ease Fit(CoOccurrence counts, double lambda, int parallelism = 1) =>
        Solve(counts.Train, Gram(counts, parallelism), lambda);

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores)
    {
        var sums = new double[Items];
        for (var n = 0; n < users.Length; n++)
        {
            sums.AsSpan().Clear();
            foreach (var item in _train.ItemsOf(users[n]))
            {
                Add(_weights.AsSpan(item * Items, Items), sums);
            }

            TensorPrimitives.ConvertTruncating<double, float>(sums, scores.Slice(n * Items, Items));
        }
    }

    private static void Add(ReadOnlySpan<float> values, Span<double> sums)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(sums);
        var narrow = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var n = 0; n < narrow.Length; n++)
        {
            Vector.Widen(narrow[n], out var low, out var high);
            wide[2 * n] += low;
            wide[(2 * n) + 1] += high;
        }

        for (var n = narrow.Length * Vector<float>.Count; n < values.Length; n++)
        {
            sums[n] += values[n];
        }
    }

    private static float[] Gram(CoOccurrence counts, int parallelism)
    {
        var items = counts.Items;
        if (items > MostItems)
        {
            throw new BaselineException(FormattableString.Invariant(
                $"EASE inverts a dense matrix of {items:#,0} x {items:#,0} items, which would take ")
                    + FormattableString.Invariant(
                    $"about {((2.0 * sizeof(double)) + (2.0 * sizeof(float))) * items * items / 1e9:#,0} GB; it is left out ")
                    + FormattableString.Invariant($"above {MostItems:#,0} items."));
        }

        var gram = new float[items * items];
        Parallel.For(0, items, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism) },
            item => counts.Row(item, gram.AsSpan(item * items, items)));
        return gram;
    }

    private static Ease Solve(InteractionMatrix train, float[] gram, double lambda)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lambda);
        set_num_threads(1);
        var items = train.Items;
        var weights = new float[items * items];
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        using var inverse = Inverse(gram, items, lambda);
        using var diagonal = inverse.diagonal().contiguous();
        var scale = MemoryMarshal.Cast<byte, double>(diagonal.bytes).ToArray();
        for (var item = 0; item < items; item++)
        {
            // Row by row: all of a large matrix is more bytes than one span can have.
            using var row = inverse[item];
            var values = MemoryMarshal.Cast<byte, double>(row.bytes);
            for (var to = 0; to < items; to++)
            {
                weights[(item * items) + to] = to == item ? 0 : (float)(-values[to] / scale[to]);
            }
        }

        return new Ease(train, weights);
    }

    // Of the three matrices no more than two are there at a time.
    private static torch.Tensor Inverse(float[] gram, int items, double lambda)
    {
        using var counts = tensor(gram, [items, items]);
        using var regularised = counts.to(ScalarType.Float64);
        counts.Dispose();
        regularised.diagonal().AddInPlace(lambda);
        using var factor = linalg.cholesky(regularised);
        regularised.Dispose();
        using var inverse = cholesky_inverse(factor);
        factor.Dispose();

        // LAPACK's columns are rows of the transpose, and the inverse is symmetric.
        return inverse.t().contiguous();
    }
}
