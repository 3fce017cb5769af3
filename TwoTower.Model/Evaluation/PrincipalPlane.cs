using System.Numerics.Tensors;
using TorchSharp;

namespace TwoTower.Model.Evaluation;

/// <summary>The two directions in which vectors differ most, and where each vector lies along them: principal component analysis (Pearson
/// 1901) of two components, for a picture.</summary>
/// <param name="X">Of every row, its coordinate along the first direction, from the mean of all rows.</param>
/// <param name="Y">Along the second.</param>
/// <param name="XShare">Share of all variance along the first, in [0, 1].</param>
/// <param name="YShare">Along the second.</param>
/// <remarks>The leading eigenvectors of the covariance, by LAPACK's solver for symmetric matrices. A direction has no sign of its own: its
/// largest loading is made positive.</remarks>
internal sealed record PrincipalPlane(double[] X, double[] Y, double XShare, double YShare)
{
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

        var (values, vectors) = Leading(covariance, dim);
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
    private static (double[] Values, double[][] Vectors) Leading(double[] matrix, int dim)
    {
        using var scope = torch.NewDisposeScope();
        var (values, vectors) = torch.linalg.eigh(torch.tensor(matrix, dim, dim)); // ascending, a vector a column
        var (ascending, columns) = (values.data<double>().ToArray(), vectors.contiguous().data<double>().ToArray());
        double[] Vector(int place)
        {
            var vector = new double[dim];
            for (var n = 0; n < dim; n++)
            {
                vector[n] = columns[(n * dim) + place];
            }

            if (vector[TensorPrimitives.IndexOfMaxMagnitude<double>(vector)] < 0)
            {
                TensorPrimitives.Negate(vector, vector);
            }

            return vector;
        }

        return dim > 1
            ? ([Math.Max(0, ascending[^1]), Math.Max(0, ascending[^2])], [Vector(dim - 1), Vector(dim - 2)])
            : ([ascending[0], 0], [Vector(0), new double[dim]]);
    }
}
