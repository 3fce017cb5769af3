using TwoTower.Model.Towers;
using static TorchSharp.torch;

namespace TwoTower.Model.Diagnosis;

/// <summary>How the vectors of a table lie on the sphere.</summary>
/// <param name="Uniformity">log E exp(−2‖x − y‖²) over pairs of unit vectors (Wang and Isola 2020, section 4.1): about −4 when they are
/// spread evenly over a sphere of many dimensions, 0 when all are one.</param>
/// <param name="MeanCosine">Mean cosine of two different vectors: 0 when they are spread, 1 when all point one way.</param>
/// <param name="SingularValues">Singular values of the matrix of unit vectors, largest first.</param>
/// <param name="EffectiveRank">Exponential of the entropy of the singular values as shares (Roy and Vetterli
/// 2007): how many directions are in use.</param>
internal sealed record EmbeddingShape(double Uniformity, double MeanCosine, IReadOnlyList<double> SingularValues, double EffectiveRank)
{
    private const int Pairs = 20_000;
    private const long Stream = 0xE5;

    /// <summary>Measures a table.</summary>
    /// <param name="rows">Row-major [rows, dim].</param>
    /// <param name="dim">Columns.</param>
    /// <param name="seed">Seed of the pairs that uniformity is estimated from.</param>
    /// <exception cref="ArgumentException">There are fewer than two rows.</exception>
    public static EmbeddingShape Of(float[] rows, int dim, long seed = 1)
    {
        var count = rows.Length / dim;
        if (count < 2)
        {
            throw new ArgumentException("The shape of a table needs at least two rows.", nameof(rows));
        }

        var unit = Unit(rows, dim);
        var random = new SeededRandom(seed, Stream);
        var sum = 0.0;
        for (var n = 0; n < Pairs; n++)
        {
            var a = random.NextInt(count);
            var b = (a + 1 + random.NextInt(count - 1)) % count;
            sum += Math.Exp(-2 * SquaredDistance(unit, a, unit, b, dim));
        }

        var spectrum = Spectrum(unit, count, dim);
        var total = spectrum.Sum();
        var entropy = spectrum.Where(value => value > 0).Sum(value => -(value / total) * Math.Log(value / total));
        return new EmbeddingShape(Math.Log(sum / Pairs), MeanCosineOf(unit, count, dim), spectrum, total > 0 ? Math.Exp(entropy) : 0);
    }

    /// <summary>Alignment: E‖f(u) − f(i)‖² of unit vectors over pairs (Wang and Isola 2020, section 4.1, α = 2): 0 when a user and what
    /// they took are one, 2 when they have nothing to do with each other.</summary>
    /// <param name="vectors">Users and items.</param>
    /// <param name="users">User of each pair.</param>
    /// <param name="items">Item of each pair.</param>
    public static double Alignment(TwoTowerEmbeddings vectors, IReadOnlyList<int> users, IReadOnlyList<int> items)
    {
        var (u, v) = (Unit(vectors.Users, vectors.Dim), Unit(vectors.Items, vectors.Dim));
        return Enumerable.Range(0, users.Count).Average(n => SquaredDistance(u, users[n], v, items[n], vectors.Dim));
    }

    /// <summary>The vectors without what stands beside them: a last column that is 1 for every user
    /// carries biases and priors of items.</summary>
    public static TwoTowerEmbeddings VectorsOf(TwoTowerEmbeddings embeddings)
    {
        var dim = embeddings.Dim;
        if (dim < 2 || !Enumerable.Range(0, embeddings.UserCount).All(user => embeddings.Users[((user + 1) * dim) - 1] == 1f))
        {
            return embeddings;
        }

        return new TwoTowerEmbeddings(Narrow(embeddings.Users), Narrow(embeddings.Items), dim - 1);

        float[] Narrow(float[] rows) => [.. rows.Where((_, n) => n % dim != dim - 1)];
    }

    /// <summary>L2 norm of every row.</summary>
    public static double[] Norms(float[] rows, int dim)
    {
        var norms = new double[rows.Length / dim];
        for (var row = 0; row < norms.Length; row++)
        {
            var sum = 0.0;
            foreach (var value in rows.AsSpan(row * dim, dim))
            {
                sum += (double)value * value;
            }

            norms[row] = Math.Sqrt(sum);
        }

        return norms;
    }

    private static float[] Unit(float[] rows, int dim)
    {
        var norms = Norms(rows, dim);
        var unit = new float[rows.Length];
        for (var n = 0; n < rows.Length; n++)
        {
            unit[n] = norms[n / dim] > 0 ? (float)(rows[n] / norms[n / dim]) : 0;
        }

        return unit;
    }

    private static double SquaredDistance(float[] left, int a, float[] right, int b, int dim)
    {
        var sum = 0.0;
        for (var n = 0; n < dim; n++)
        {
            double difference = left[(a * dim) + n] - right[(b * dim) + n];
            sum += difference * difference;
        }

        return sum;
    }

    // Over all ordered pairs the sum of cosines is the squared norm of the sum; each vector's with itself is 1.
    private static double MeanCosineOf(float[] unit, int count, int dim)
    {
        var sum = new double[dim];
        var own = 0.0;
        for (var n = 0; n < unit.Length; n++)
        {
            sum[n % dim] += unit[n];
            own += (double)unit[n] * unit[n];
        }

        return (sum.Sum(value => value * value) - own) / ((double)count * (count - 1));
    }

    private static double[] Spectrum(float[] unit, int count, int dim)
    {
        using var quiet = no_grad();
        using var scope = NewDisposeScope();
        var matrix = tensor(unit, ScalarType.Float32).view(count, dim).to(ScalarType.Float64);
        var squares = linalg.eigvalsh(matrix.t().mm(matrix));
        return [.. squares.data<double>().ToArray().Select(square => Math.Sqrt(Math.Max(0, square))).OrderDescending()];
    }
}
