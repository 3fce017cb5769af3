using TorchSharp;
using TwoTower.Model.Towers;
using static TorchSharp.torch;

namespace TwoTower.Model.Evaluation;

/// <summary>Scores by the dot product of two embedding tables, one matrix product per call.</summary>
public sealed class DotProductScorer : IItemScorer
{
    private readonly TwoTowerEmbeddings _embeddings;

    /// <summary>A scorer over embeddings as they are: normalisation has been applied.</summary>
    public DotProductScorer(TwoTowerEmbeddings embeddings) => _embeddings = embeddings;

    /// <inheritdoc />
    public int Items => _embeddings.ItemCount;

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores)
    {
        var dim = _embeddings.Dim;
        var rows = new float[users.Length * dim];
        for (var n = 0; n < users.Length; n++)
        {
            _embeddings.Users.AsSpan(users[n] * dim, dim).CopyTo(rows.AsSpan(n * dim));
        }

        // The scope holds what has no name while libtorch reads it, too.
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var u = frombuffer(rows, ScalarType.Float32).view(users.Length, dim);
        var v = frombuffer(_embeddings.Items, ScalarType.Float32).view(Items, dim);
        var product = u.mm(v.t());
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(product.bytes).CopyTo(scores);
    }
}
