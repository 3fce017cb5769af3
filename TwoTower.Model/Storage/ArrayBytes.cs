using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Storage;

/// <summary>Arrays as the bytes that they are in memory, stretch by stretch: a span has 2³¹ − 1 bytes at most, and an array of
/// floats may have four times as many.</summary>
internal static class ArrayBytes
{
    /// <summary>Bytes that are handed on at a time.</summary>
    public const int Stretch = 1 << 26;

    /// <summary>Does something with the bytes of one stretch.</summary>
    public delegate void Take(Span<byte> bytes);

    /// <summary>Bytes of an array.</summary>
    public static long LengthOf<T>(T[] values)
        where T : unmanaged => values.LongLength * Unsafe.SizeOf<T>();

    /// <summary>Hands an array's bytes on, in order. They are the array's own: what is written there is in the array.</summary>
    /// <param name="values">The array.</param>
    /// <param name="take">Is handed one stretch after the other; none of an empty array.</param>
    /// <param name="stretch">Bytes at a time, at least one entry.</param>
    public static void ForEach<T>(T[] values, Take take, int stretch = Stretch)
        where T : unmanaged
    {
        var most = Math.Max(1, stretch / Unsafe.SizeOf<T>());
        for (var first = 0; first < values.Length;)
        {
            var count = Math.Min(most, values.Length - first);
            take(MemoryMarshal.AsBytes(values.AsSpan(first, count)));
            first += count;
        }
    }
}
