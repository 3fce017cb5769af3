namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>What an <see cref="ImplicitAls"/> is made from.</summary>
internal sealed record ImplicitAlsOptions
{
    /// <summary>Columns of the factors.</summary>
    public int Dim { get; init; } = 64;

    /// <summary>Rounds, each of which solves all users, then all items.</summary>
    public int Iterations { get; init; } = 16;

    /// <summary>α: a positive weighs 1 + α where everything else weighs 1.</summary>
    public double Alpha { get; init; } = 4;

    /// <summary>λ: the L2 penalty on every row of both tables.</summary>
    public double Lambda { get; init; } = 30;

    /// <summary>Seed of the initial item factors.</summary>
    public long Seed { get; init; } = 1;

    /// <exception cref="ArgumentOutOfRangeException">A value is impossible.</exception>
    internal void Verify()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Dim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Iterations, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Alpha);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(Lambda);
    }
}
