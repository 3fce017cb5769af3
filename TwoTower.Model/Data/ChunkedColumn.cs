using System.Runtime.CompilerServices;

namespace TwoTower.Model.Data;

/// <summary>A growable column in fixed chunks: growing never copies, so there is no moment at which
/// old and new storage both exist.</summary>
internal sealed class ChunkedColumn<T>
    where T : unmanaged
{
    private const int Shift = 16;
    private const int ChunkLength = 1 << Shift;
    private readonly List<T[]> _chunks = [];
    private T[] _tail = [];
    private int _tailCount;

    public int Count { get; private set; }

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _chunks[index >> Shift][index & (ChunkLength - 1)];
    }

    public void Add(T value)
    {
        if (_tailCount == _tail.Length)
        {
            _tail = GC.AllocateUninitializedArray<T>(ChunkLength);
            _tailCount = 0;
            _chunks.Add(_tail);
        }

        _tail[_tailCount++] = value;
        Count++;
    }

    /// <summary>Keeps the first values only; nothing can be added afterwards.</summary>
    public void Truncate(int count) => Count = count;
}
