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

        using var quiet = no_grad();
        using var u = frombuffer(rows, ScalarType.Float32).view(users.Length, dim);
        using var v = frombuffer(_embeddings.Items, ScalarType.Float32).view(Items, dim);
        using var vT = v.t();
        using var product = u.mm(vT);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(product.bytes).CopyTo(scores);
    }
}
