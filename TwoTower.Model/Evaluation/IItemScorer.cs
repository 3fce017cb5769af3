namespace TwoTower.Model.Evaluation;

/// <summary>Anything that scores the whole catalogue for users. Implementations are safe to call from several threads.</summary>
public interface IItemScorer
{
    /// <summary>Catalogue size.</summary>
    int Items { get; }

    /// <summary>Writes scores, higher is better.</summary>
    /// <param name="users">User indices, n of them.</param>
    /// <param name="scores">Row-major [n, <see cref="Items"/>].</param>
    void Score(ReadOnlySpan<int> users, Span<float> scores);
}
