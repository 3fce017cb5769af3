using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TwoTower.Model.Losses;

/// <summary>A float buffer that both torch and plain loops work on: allocated once, viewed as a matrix of the batch's size.</summary>
internal sealed unsafe class NativeMatrix : IDisposable
{
    private readonly Tensor _flat;
    private readonly float* _data;

    /// <summary>Room for <paramref name="capacity"/> floats.</summary>
    public NativeMatrix(long capacity)
    {
        // A kernel lives longer than any dispose scope it may have been made in.
        using var scope = NewDisposeScope();
        _flat = zeros([capacity], ScalarType.Float32).DetachFromDisposeScope();
        _data = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(_flat.bytes));
    }

    /// <summary>The first <paramref name="count"/> floats. The memory is torch's and does not move.</summary>
    public Span<float> Span(int count) => new(_data, count);

    /// <summary>The buffer's start as a row-major matrix. The caller disposes it.</summary>
    public Tensor View(long rows, long columns) => View(rows, columns, columns);

    /// <summary>The first columns of the buffer's start as a row-major matrix whose rows are <paramref name="stride"/>
    /// apart. The caller disposes it.</summary>
    public Tensor View(long rows, long columns, long stride) => _flat.as_strided([rows, columns], [stride, 1L], 0);

    /// <summary>Overwrites this matrix with <c>a · b</c>.</summary>
    public void SetProduct(long rows, long columns, Tensor a, Tensor b)
    {
        using var target = View(rows, columns);
        target.addmm_(a, b, 0f, 1f);
    }

    /// <inheritdoc />
    public void Dispose() => _flat.Dispose();
}
