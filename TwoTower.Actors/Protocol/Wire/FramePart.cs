using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>A stretch of a frame that lies in one of the message's arrays.</summary>
/// <param name="length">Bytes in the frame.</param>
internal abstract class FramePart(long length)
{
    /// <summary>Bytes in the frame.</summary>
    public long Length => length;

    /// <summary>Some of its bytes where they lie, or null when they have to be made.</summary>
    public abstract ReadOnlyMemory<byte>? View(long offset, int count);

    /// <summary>Copies or makes bytes from an offset on.</summary>
    public abstract void CopyTo(long offset, Span<byte> into);

    /// <summary>The first entries of an array, as they are in memory.</summary>
    public sealed class Entries<T>(T[] array, int count) : FramePart(count * (long)Unsafe.SizeOf<T>())
        where T : unmanaged
    {
        public override ReadOnlyMemory<byte>? View(long offset, int count) => new ArrayView<T>(array, offset, count).Memory;

        public override void CopyTo(long offset, Span<byte> into) => ArrayView<T>.Bytes(array, offset, into.Length).CopyTo(into);
    }

    /// <summary>Rows that travel rounded and packed.</summary>
    public sealed class PackedRows(RowBlock block) : FramePart(block.Count * RowRounding.BytesOf(block.Precision, block.Width))
    {
        public override ReadOnlyMemory<byte>? View(long offset, int count) => null;

        public override void CopyTo(long offset, Span<byte> into)
        {
            var bytes = (int)RowRounding.BytesOf(block.Precision, block.Width);
            var packed = new byte[bytes];
            while (into.Length > 0)
            {
                var (row, skip) = ((int)(offset / bytes), (int)(offset % bytes));
                if (skip == 0 && into.Length >= bytes)
                {
                    RowRounding.Pack(block.Precision, block.Row(row), into[..bytes]);
                }
                else
                {
                    RowRounding.Pack(block.Precision, block.Row(row), packed);
                    packed.AsSpan(skip, Math.Min(bytes - skip, into.Length)).CopyTo(into);
                }

                var done = Math.Min(bytes - skip, into.Length);
                offset += done;
                into = into[done..];
            }
        }
    }

    /// <summary>Some of an array's bytes. A span of all of them would be too long where there are more than 2³¹.</summary>
    private sealed class ArrayView<T>(T[] array, long offset, int count) : MemoryManager<byte>
        where T : unmanaged
    {
        public static ReadOnlySpan<byte> Bytes(T[] array, long offset, int count) => Writable(array, offset, count);

        public override Span<byte> GetSpan() => Writable(array, offset, count);

        /// <exception cref="NotSupportedException">Always: nobody here hands pieces to native code.</exception>
        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("A piece of a frame is read as a span.");

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }

        private static Span<byte> Writable(T[] array, long offset, int count)
        {
            var size = Unsafe.SizeOf<T>();
            var (first, skip) = ((int)(offset / size), (int)(offset % size));
            return MemoryMarshal.AsBytes(array.AsSpan(first, (skip + count + size - 1) / size)).Slice(skip, count);
        }
    }
}
