using System.Runtime.InteropServices;
using TwoTower.Model.Towers;
using static TorchSharp.torch;

namespace TwoTower.Model.Evaluation;

/// <summary>Scores by the dot product of two embedding tables, one matrix product per call.</summary>
/// <remarks>Equal vectors get equal scores wherever they stand. A matrix product rounds its last rows and columns otherwise than the rest
/// where they do not fill a block, so both tables are filled up with zeros to whole blocks: which user or item
/// comes last is a matter of names.</remarks>
public sealed class DotProductScorer : IItemScorer
{
    private const int RowBlock = 128;
    private const int ColumnBlock = 64;
    private readonly TwoTowerEmbeddings _embeddings;
    private readonly float[] _items;
    private readonly int _columns;

    /// <summary>A scorer over embeddings as they are: normalisation has been applied.</summary>
    public DotProductScorer(TwoTowerEmbeddings embeddings)
    {
        _embeddings = embeddings;
        _columns = Whole(embeddings.ItemCount, ColumnBlock);
        _items = embeddings.Items;
        if (_columns > Items)
        {
            _items = new float[_columns * embeddings.Dim];
            embeddings.Items.CopyTo(_items, 0);
        }
    }

    /// <inheritdoc />
    public int Items => _embeddings.ItemCount;

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores)
    {
        var dim = _embeddings.Dim;
        var padded = Whole(users.Length, RowBlock);
        var rows = new float[padded * dim];
        for (var n = 0; n < users.Length; n++)
        {
            _embeddings.Users.AsSpan(users[n] * dim, dim).CopyTo(rows.AsSpan(n * dim));
        }

        // The scope holds what has no name while libtorch reads it, too.
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var u = frombuffer(rows, ScalarType.Float32).view(padded, dim);
        var v = frombuffer(_items, ScalarType.Float32).view(_columns, dim);
        var product = MemoryMarshal.Cast<byte, float>(u.mm(v.t()).bytes);
        for (var n = 0; n < users.Length; n++)
        {
            product.Slice(n * _columns, Items).CopyTo(scores[(n * Items)..]);
        }
    }

    private static int Whole(int count, int block) => (count + block - 1) / block * block;
}
