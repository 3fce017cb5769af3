using System.Numerics;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Losses;

/// <summary>The two passes that a row of logits needs, each over the row once. Library calls, one per
/// operation, take twice as long.</summary>
internal static class SoftmaxRow
{
    // e^x = 2^n e^r with r in [−ln2/2, ln2/2]: ln 2 in two parts and the polynomial of expf in Cephes
    // (Moshier), within 2 units in the last place.
    private const float Log2E = 1.44269504f;
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    /// <summary>Below this e^x is under the smallest normal float, and taken as 0; so is that of −∞, a masked pair.</summary>
    private const float Smallest = -87f;

    /// <summary>row ← scale · row + shift.</summary>
    /// <param name="row">Overwritten.</param>
    /// <param name="scale">One factor for all.</param>
    /// <param name="shift">One per element.</param>
    /// <returns>The largest of the result.</returns>
    public static float ScaleAndShift(Span<float> row, float scale, ReadOnlySpan<float> shift)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        var shifts = MemoryMarshal.Cast<float, Vector<float>>(shift);
        var scales = new Vector<float>(scale);
        var largest = new Vector<float>(float.NegativeInfinity);
        for (var n = 0; n < vectors.Length; n++)
        {
            vectors[n] = Vector.FusedMultiplyAdd(vectors[n], scales, shifts[n]);
            largest = Vector.Max(largest, vectors[n]);
        }

        var result = float.NegativeInfinity;
        for (var n = 0; n < Vector<float>.Count; n++)
        {
            result = MathF.Max(result, largest[n]);
        }

        for (var n = vectors.Length * Vector<float>.Count; n < row.Length; n++)
        {
            row[n] = MathF.FusedMultiplyAdd(row[n], scale, shift[n]);
            result = MathF.Max(result, row[n]);
        }

        return result;
    }

    /// <summary>row ← factor · e^(row − largest), elementwise.</summary>
    /// <param name="row">Logits, overwritten. None above <paramref name="largest"/>; NaN stays NaN.</param>
    /// <param name="largest">What is taken off each.</param>
    /// <param name="factor">One per element.</param>
    /// <returns>Σ of the result.</returns>
    public static float Exponentiate(Span<float> row, float largest, ReadOnlySpan<float> factor)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(row);
        var factors = MemoryMarshal.Cast<float, Vector<float>>(factor);
        var offset = new Vector<float>(largest);
        var sum = Vector<float>.Zero;
        for (var n = 0; n < vectors.Length; n++)
        {
            var value = Exp(vectors[n] - offset) * factors[n];
            vectors[n] = value;
            sum += value;
        }

        var result = Vector.Sum(sum);
        for (var n = vectors.Length * Vector<float>.Count; n < row.Length; n++)
        {
            row[n] = MathF.Exp(row[n] - largest) * factor[n];
            result += row[n];
        }

        return result;
    }

    private static Vector<float> Exp(Vector<float> x)
    {
        var inside = Vector.Max(x, new Vector<float>(Smallest));
        var n = Vector.Floor(Vector.FusedMultiplyAdd(inside, new Vector<float>(Log2E), new Vector<float>(0.5f)));
        var r = Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2Low), Vector.FusedMultiplyAdd(n, new Vector<float>(-Ln2High), inside));
        var p = Vector.FusedMultiplyAdd(new Vector<float>(1.9875691500e-4f), r, new Vector<float>(1.3981999507e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(8.3334519073e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(4.1665795894e-2f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(1.6666665459e-1f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(5.0000001201e-1f));
        p = Vector.FusedMultiplyAdd(p, r * r, r + Vector<float>.One);
        var power = Vector.AsVectorSingle(Vector.ShiftLeft(Vector.ConvertToInt32(n) + new Vector<int>(127), 23));
        return Vector.ConditionalSelect(Vector.LessThan(x, new Vector<float>(Smallest)), Vector<float>.Zero, p * power);
    }
}
