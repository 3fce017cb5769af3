namespace TwoTower.Model.Evaluation;

/// <summary>All eigenvalues and eigenvectors of a small symmetric matrix, by Jacobi's rotations (Golub
/// and Van Loan 2013, section 8.5).</summary>
internal static class SymmetricEigen
{
    private const int MostSweeps = 60;

    /// <summary>Decomposes a matrix.</summary>
    /// <param name="matrix">[n][n], symmetric.</param>
    /// <returns>Eigenvalues, largest first, and a vector of length 1 for each.</returns>
    public static (double[] Values, double[][] Vectors) Of(double[][] matrix)
    {
        var size = matrix.Length;
        var a = Array.ConvertAll(matrix, row => (double[])row.Clone());
        double[][] vectors =
            [.. Enumerable.Range(0, size).Select(n => Enumerable.Range(0, size).Select(column => n == column ? 1.0 : 0).ToArray())];
        var scale = a.Sum(row => row.Sum(value => value * value));
        for (var sweep = 0; sweep < MostSweeps && OffDiagonal(a) > 1e-32 * scale; sweep++)
        {
            for (var p = 0; p < size; p++)
            {
                for (var q = p + 1; q < size; q++)
                {
                    Rotate(a, vectors, p, q);
                }
            }
        }

        var order = Enumerable.Range(0, size).OrderByDescending(n => a[n][n]).ThenBy(n => n).ToArray();
        return (Array.ConvertAll(order, n => a[n][n]), Array.ConvertAll(order, n => vectors[n]));
    }

    private static double OffDiagonal(double[][] a)
    {
        var sum = 0.0;
        for (var p = 0; p < a.Length; p++)
        {
            for (var q = 0; q < a.Length; q++)
            {
                sum += p == q ? 0 : a[p][q] * a[p][q];
            }
        }

        return sum;
    }

    /// <summary>The rotation in the plane of two axes that makes their entry 0.</summary>
    private static void Rotate(double[][] a, double[][] vectors, int p, int q)
    {
        if (a[p][q] == 0)
        {
            return;
        }

        var theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
        var t = Math.CopySign(1, theta) / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        for (var n = 0; n < a.Length; n++)
        {
            (a[n][p], a[n][q]) = ((c * a[n][p]) - (s * a[n][q]), (s * a[n][p]) + (c * a[n][q]));
        }

        for (var n = 0; n < a.Length; n++)
        {
            (a[p][n], a[q][n]) = ((c * a[p][n]) - (s * a[q][n]), (s * a[p][n]) + (c * a[q][n]));
            (vectors[p][n], vectors[q][n]) = ((c * vectors[p][n]) - (s * vectors[q][n]), (s * vectors[p][n]) + (c * vectors[q][n]));
        }
    }
}
