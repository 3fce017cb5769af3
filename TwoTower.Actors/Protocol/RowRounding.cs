using System.Buffers.Binary;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using TwoTower.Actors.Options;

namespace TwoTower.Actors.Protocol;

/// <summary>Rounds rows to a precision and packs what is rounded, so that rounding once more changes nothing: who computes with the rounded
/// values computes with what the wire carries.</summary>
internal static class RowRounding
{
    private const int Largest = 127;
    private const short NotFinite = short.MaxValue;
    private const int SmallestExponent = -149;

    /// <summary>Bytes of one row's values on the wire.</summary>
    /// <param name="precision">Their precision.</param>
    /// <param name="width">Values per row.</param>
    public static long BytesOf(RowPrecision precision, long width) => precision switch
    {
        RowPrecision.Float32 => width * sizeof(float),
        RowPrecision.BFloat16 => width * sizeof(ushort),
        _ => width + sizeof(short),
    };

    /// <summary>Rounds one row in place. A row that holds a value which is no finite number becomes all NaN under
    /// <see cref="RowPrecision.Int8"/>: what is wrong stays visible.</summary>
    public static void Round(RowPrecision precision, Span<float> row)
    {
        switch (precision)
        {
            case RowPrecision.BFloat16:
                foreach (ref var value in row)
                {
                    value = BitConverter.UInt32BitsToSingle((uint)UpperHalf(value) << 16);
                }

                break;
            case RowPrecision.Int8:
                var exponent = ExponentOf(row);
                foreach (ref var value in row)
                {
                    value = exponent == NotFinite ? float.NaN : MathF.ScaleB(Quantum(value, exponent), exponent);
                }

                break;
        }
    }

    /// <summary>Packs a row that is rounded.</summary>
    /// <param name="precision">What it is rounded to; less than the whole float.</param>
    /// <param name="row">Its values.</param>
    /// <param name="into">Receives <see cref="BytesOf"/> bytes.</param>
    internal static void Pack(RowPrecision precision, ReadOnlySpan<float> row, Span<byte> into)
    {
        if (precision == RowPrecision.BFloat16)
        {
            var halves = MemoryMarshal.Cast<byte, ushort>(into);
            for (var n = 0; n < row.Length; n++)
            {
                halves[n] = UpperHalf(row[n]);
            }

            return;
        }

        var exponent = ExponentOf(row);
        BinaryPrimitives.WriteInt16LittleEndian(into, exponent);
        for (var n = 0; n < row.Length; n++)
        {
            into[sizeof(short) + n] = exponent == NotFinite ? (byte)0 : (byte)(sbyte)Quantum(row[n], exponent);
        }
    }

    /// <summary>The row that was packed.</summary>
    internal static void Unpack(RowPrecision precision, ReadOnlySpan<byte> from, Span<float> row)
    {
        if (precision == RowPrecision.BFloat16)
        {
            var halves = MemoryMarshal.Cast<byte, ushort>(from);
            for (var n = 0; n < row.Length; n++)
            {
                row[n] = BitConverter.UInt32BitsToSingle((uint)halves[n] << 16);
            }

            return;
        }

        var exponent = BinaryPrimitives.ReadInt16LittleEndian(from);
        for (var n = 0; n < row.Length; n++)
        {
            row[n] = exponent == NotFinite ? float.NaN : MathF.ScaleB((sbyte)from[sizeof(short) + n], exponent);
        }
    }

    private static ushort UpperHalf(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>The least e for which 127 · 2^e reaches the row's largest value. A rounded row has the same one, or one
    /// that holds its values as exactly.</summary>
    private static short ExponentOf(ReadOnlySpan<float> row)
    {
        var largest = row.IsEmpty ? 0 : Math.Abs(TensorPrimitives.MaxMagnitude(row));
        if (!float.IsFinite(largest))
        {
            return NotFinite;
        }

        if (largest == 0)
        {
            return 0;
        }

        var exponent = MathF.ILogB(largest) - 6;
        return (short)Math.Max(SmallestExponent, Math.ScaleB(Largest, exponent) < largest ? exponent + 1 : exponent);
    }

    /// <summary>The nearest whole number of 2^e. Near the largest float it is rounded down, because one more would be no float.</summary>
    private static int Quantum(float value, short exponent)
    {
        var quantum = (int)Math.Round(Math.ScaleB(value, -exponent), MidpointRounding.ToEven);
        return float.IsFinite(MathF.ScaleB(quantum, exponent)) ? quantum : quantum - Math.Sign(quantum);
    }
}
