using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>A symmetric positive definite system A x = b of a few dozen unknowns: A is summed from outer products, then solved by a
/// Cholesky factor. Only the lower triangle counts. Reused from row to row; one thread at a time.</summary>
internal sealed class NormalEquations
{
    private readonly int _dim;
    private readonly float[] _matrix;
    private readonly float[] _zeros;

    /// <summary>For <paramref name="dim"/> unknowns.</summary>
    public NormalEquations(int dim)
    {
        _dim = dim;
        _matrix = new float[dim * dim];
        _zeros = new float[dim];
    }

    /// <summary>A, row-major [dim, dim]; above the diagonal stands nothing that means anything.</summary>
    public Span<float> Matrix => _matrix;

    /// <summary>A row that adds nothing.</summary>
    public ReadOnlySpan<float> Zeros => _zeros;

    /// <summary>Adds weight · (y₀y₀ᵀ + y₁y₁ᵀ + y₂y₂ᵀ + y₃y₃ᵀ) to A: four at a time, because every one alone
    /// would read and write all of A.</summary>
    public void Add(ReadOnlySpan<float> y0, ReadOnlySpan<float> y1, ReadOnlySpan<float> y2, ReadOnlySpan<float> y3, float weight)
    {
        var dim = _dim;
        ref var a = ref MemoryMarshal.GetArrayDataReference(_matrix);
        ref var p0 = ref MemoryMarshal.GetReference(y0[..dim]);
        ref var p1 = ref MemoryMarshal.GetReference(y1[..dim]);
        ref var p2 = ref MemoryMarshal.GetReference(y2[..dim]);
        ref var p3 = ref MemoryMarshal.GetReference(y3[..dim]);
        for (var r = 0; r < dim; r++)
        {
            ref var row = ref Unsafe.Add(ref a, r * dim);
            var (w0, w1, w2, w3) = (weight * Unsafe.Add(ref p0, r), weight * Unsafe.Add(ref p1, r), weight * Unsafe.Add(ref p2, r),
                weight * Unsafe.Add(ref p3, r));
            var (v0, v1, v2, v3) = (new Vector<float>(w0), new Vector<float>(w1), new Vector<float>(w2), new Vector<float>(w3));
            var c = 0;
            for (; c <= r && c + Vector<float>.Count <= dim; c += Vector<float>.Count)
            {
                var at = (nuint)c;
                var sum = Vector.FusedMultiplyAdd(v0, Vector.LoadUnsafe(ref p0, at), Vector.LoadUnsafe(ref row, at));
                sum = Vector.FusedMultiplyAdd(v1, Vector.LoadUnsafe(ref p1, at), sum);
                sum = Vector.FusedMultiplyAdd(v2, Vector.LoadUnsafe(ref p2, at), sum);
                Vector.FusedMultiplyAdd(v3, Vector.LoadUnsafe(ref p3, at), sum).StoreUnsafe(ref row, at);
            }

            for (; c <= r; c++)
            {
                Unsafe.Add(ref row, c) += (w0 * Unsafe.Add(ref p0, c)) + (w1 * Unsafe.Add(ref p1, c)) + (w2 * Unsafe.Add(ref p2, c))
                    + (w3 * Unsafe.Add(ref p3, c));
            }
        }
    }

    /// <summary>Replaces b by the solution and A by its factor.</summary>
    /// <exception cref="ArithmeticException">A is not positive definite.</exception>
    public void Solve(Span<float> b)
    {
        var dim = _dim;
        for (var r = 0; r < dim; r++)
        {
            var row = _matrix.AsSpan(r * dim, dim);
            for (var c = 0; c < r; c++)
            {
                row[c] = (row[c] - Dot(row, _matrix.AsSpan(c * dim, dim), c)) / _matrix[(c * dim) + c];
            }

            var rest = row[r] - Dot(row, row, r);
            row[r] = rest > 0 ? MathF.Sqrt(rest)
                : throw new ArithmeticException(
                "The normal equations are singular to single precision; a larger penalty makes them regular.");
            b[r] = (b[r] - Dot(row, b, r)) / row[r];
        }

        for (var r = dim - 1; r >= 0; r--)
        {
            b[r] /= _matrix[(r * dim) + r];
            for (var c = 0; c < r; c++)
            {
                b[c] -= b[r] * _matrix[(r * dim) + c];
            }
        }
    }

    private static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y, int length)
    {
        ref var p = ref MemoryMarshal.GetReference(x);
        ref var q = ref MemoryMarshal.GetReference(y);
        var sums = Vector<float>.Zero;
        var n = 0;
        for (; n + Vector<float>.Count <= length; n += Vector<float>.Count)
        {
            sums = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref p, (nuint)n), Vector.LoadUnsafe(ref q, (nuint)n), sums);
        }

        var sum = Vector.Sum(sums);
        for (; n < length; n++)
        {
            sum += Unsafe.Add(ref p, n) * Unsafe.Add(ref q, n);
        }

        return sum;
    }
}
