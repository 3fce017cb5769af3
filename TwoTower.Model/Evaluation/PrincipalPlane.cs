using System.Numerics.Tensors;

namespace TwoTower.Model.Evaluation;

/// <summary>The two directions in which vectors differ most, and where each vector lies along them: principal component analysis (Pearson
/// 1901) of two components, for a picture.</summary>
/// <param name="X">Of every row, its coordinate along the first direction, from the mean of all rows.</param>
/// <param name="Y">Along the second.</param>
/// <param name="XShare">Share of all variance along the first, in [0, 1].</param>
/// <param name="YShare">Along the second.</param>
/// <remarks>The leading eigenvectors of the covariance by subspace iteration with a Rayleigh–Ritz step (Halko et al. 2011, section 4.5,
/// from a fixed start): a few vectors more than the two that are wanted, so that it ends soon although the second and third eigenvalue may
/// be close. A direction has no sign of its own: its largest loading is made positive.</remarks>
internal sealed record PrincipalPlane(double[] X, double[] Y, double XShare, double YShare)
{
    private const int Oversampling = 6;
    private const int MostRounds = 1000;
    private const double Tolerance = 1e-9;
    private const long Stream = 0x9CA;

    /// <summary>The plane of a table.</summary>
    /// <param name="rows">Row-major [rows, dim].</param>
    /// <param name="dim">Columns.</param>
    /// <exception cref="ArgumentException">There is no row, or the table is not whole.</exception>
    public static PrincipalPlane Of(ReadOnlySpan<float> rows, int dim)
    {
        if (dim < 1 || rows.IsEmpty || rows.Length % dim != 0)
        {
            throw new ArgumentException($"A table of {rows.Length} values has no rows of {dim}.", nameof(rows));
        }

        var count = rows.Length / dim;
        var centred = Centred(rows, count, dim);
        var covariance = Covariance(centred, count, dim);
        var total = 0.0;
        for (var n = 0; n < dim; n++)
        {
            total += covariance[(n * dim) + n];
        }

        var (values, vectors) = Leading(covariance, dim, total);
        return new PrincipalPlane(
            Coordinates(centred, count, dim, vectors[0]), Coordinates(centred, count, dim, vectors[1]),
            total > 0 ? values[0] / total : 0, total > 0 ? values[1] / total : 0);
    }

    private static double[] Centred(ReadOnlySpan<float> rows, int count, int dim)
    {
        var mean = new double[dim];
        var centred = new double[rows.Length];
        for (var n = 0; n < rows.Length; n++)
        {
            mean[n % dim] += rows[n];
        }

        TensorPrimitives.Divide(mean, count, mean);
        for (var n = 0; n < rows.Length; n++)
        {
            centred[n] = rows[n] - mean[n % dim];
        }

        return centred;
    }

    private static double[] Covariance(double[] centred, int count, int dim)
    {
        var covariance = new double[dim * dim];
        for (var row = 0; row < count; row++)
        {
            var values = centred.AsSpan(row * dim, dim);
            for (var n = 0; n < dim; n++)
            {
                var line = covariance.AsSpan(n * dim, dim);
                TensorPrimitives.MultiplyAdd(values, values[n] / count, line, line);
            }
        }

        return covariance;
    }

    private static double[] Coordinates(double[] centred, int count, int dim, double[] direction)
    {
        var coordinates = new double[count];
        for (var row = 0; row < count; row++)
        {
            coordinates[row] = TensorPrimitives.Dot(centred.AsSpan(row * dim, dim), direction);
        }

        return coordinates;
    }

    /// <summary>The two largest eigenvalues with their vectors; a table of one column has a second direction of nothing.</summary>
    private static (double[] Values, double[][] Vectors) Leading(double[] matrix, int dim, double total)
    {
        var size = Math.Min(dim, 2 + Oversampling);
        var random = new SeededRandom(0, Stream);
        var basis = new double[size][];
        for (var n = 0; n < size; n++)
        {
            basis[n] = new double[dim];
            for (var column = 0; column < dim; column++)
            {
                basis[n][column] = random.NextGaussian();
            }
        }

        Orthonormalise(basis);
        var values = new double[size];
        for (var round = 0; round < MostRounds; round++)
        {
            var images = Array.ConvertAll(basis, vector => Times(matrix, vector));
            double[][] inner = [.. basis.Select(left => Array.ConvertAll(images, image => TensorPrimitives.Dot<double>(left, image)))];
            var (ritz, turns) = SymmetricEigen.Of(inner);
            var turned = Turned(images, turns);
            basis = Turned(basis, turns);
            values = ritz;

            // The residual A v − λ v bounds how far λ is from an eigenvalue, whatever the gap to the next one is.
            if (Enumerable.Range(0, Math.Min(2, size)).All(n => Residual(turned[n], basis[n], ritz[n]) <= Tolerance * total))
            {
                break;
            }

            basis = turned;
            Orthonormalise(basis);
        }

        foreach (var vector in basis)
        {
            if (vector[TensorPrimitives.IndexOfMaxMagnitude<double>(vector)] < 0)
            {
                TensorPrimitives.Negate(vector, vector);
            }
        }

        return size > 1 ? (values, basis) : ([values[0], 0], [basis[0], new double[dim]]);
    }

    private static double Residual(double[] image, double[] vector, double value)
    {
        var sum = 0.0;
        for (var n = 0; n < vector.Length; n++)
        {
            sum += (image[n] - (value * vector[n])) * (image[n] - (value * vector[n]));
        }

        return Math.Sqrt(sum);
    }

    private static double[] Times(double[] matrix, double[] vector)
    {
        var image = new double[vector.Length];
        for (var n = 0; n < image.Length; n++)
        {
            image[n] = TensorPrimitives.Dot(matrix.AsSpan(n * image.Length, image.Length), vector);
        }

        return image;
    }

    private static double[][] Turned(double[][] vectors, double[][] turns) => Array.ConvertAll(turns, turn =>
    {
        var sum = new double[vectors[0].Length];
        for (var n = 0; n < vectors.Length; n++)
        {
            TensorPrimitives.MultiplyAdd(vectors[n], turn[n], sum, sum);
        }

        return sum;
    });

    /// <summary>Gram and Schmidt, twice for each vector ("twice is enough"); one that lies in the span of those before it becomes a unit
    /// vector that does not, or stays 0 when there is none.</summary>
    private static void Orthonormalise(double[][] basis)
    {
        for (var n = 0; n < basis.Length; n++)
        {
            var length = Clear(basis, n, TensorPrimitives.Norm<double>(basis[n]));
            for (var axis = 0; length == 0 && axis < basis[n].Length; axis++)
            {
                basis[n].AsSpan().Clear();
                basis[n][axis] = 1;
                length = Clear(basis, n, 1);
            }
        }
    }

    private static double Clear(double[][] basis, int n, double before)
    {
        var vector = basis[n];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var earlier = 0; earlier < n; earlier++)
            {
                TensorPrimitives.MultiplyAdd(basis[earlier], -TensorPrimitives.Dot<double>(basis[earlier], vector), vector, vector);
            }
        }

        var length = TensorPrimitives.Norm<double>(vector);
        if (length <= 1e-12 * before || length == 0)
        {
            return 0;
        }

        TensorPrimitives.Divide(vector, length, vector);
        return length;
    }
}
