namespace TwoTower.Actors.Options;

/// <summary>What a shard does about gradients that were computed from rows which have changed since. Pure: all state is
/// kept beside the rows by the shard.</summary>
/// <remarks>Where pushes are summed before a step (bsp, softsync) every gradient is adapted before it is summed, and the factor multiplies
/// the gradient instead of the rate.</remarks>
public interface IStalenessPolicy
{
    /// <summary>Whether the shard has to keep what each worker pulled until it is pushed.</summary>
    bool ComparesPulledRows => false;

    /// <summary>Whether <see cref="Stepped"/> wants to know of every step.</summary>
    bool FollowsSteps => false;

    /// <summary>Floats of state per row of <paramref name="width"/> floats; all are 0 at first.</summary>
    int StateWidth(int width) => 0;

    /// <summary>Whether a push is applied at all; one that is not is acknowledged and counted.</summary>
    /// <param name="versions">Versions of the shard between pull and push: pushes, or under softsync updates.</param>
    bool Admits(long versions) => true;

    /// <summary>Changes the gradient of a row in place, and returns what to multiply the learning rate of its step by.</summary>
    float Adapt(in StaleRow row) => 1;

    /// <summary>A row was stepped.</summary>
    /// <param name="before">The row before, [width].</param>
    /// <param name="after">The row after, [width].</param>
    /// <param name="state">The row's state, [<see cref="StateWidth"/>].</param>
    void Stepped(ReadOnlySpan<float> before, ReadOnlySpan<float> after, Span<float> state)
    {
    }
}

/// <summary>One row of a push and what is known of its staleness.</summary>
/// <param name="gradient">The gradient, [width], to be changed in place.</param>
/// <param name="now">The row as it is, [width].</param>
/// <param name="pulled">The row as the worker pulled it, [width]; the row as it is when that is not known any more.</param>
/// <param name="state">The row's state, [<see cref="IStalenessPolicy.StateWidth"/>].</param>
/// <param name="staleness">τ: pushes applied to the row since it was pulled.</param>
public readonly ref struct StaleRow(Span<float> gradient, ReadOnlySpan<float> now, ReadOnlySpan<float> pulled, Span<float> state,
    int staleness)
{
    /// <summary>The gradient, [width], to be changed in place.</summary>
    public Span<float> Gradient { get; } = gradient;

    /// <summary>The row as it is, [width].</summary>
    public ReadOnlySpan<float> Now { get; } = now;

    /// <summary>The row as the worker pulled it, [width].</summary>
    public ReadOnlySpan<float> Pulled { get; } = pulled;

    /// <summary>The row's state.</summary>
    public Span<float> State { get; } = state;

    /// <summary>Pushes applied to the row since it was pulled.</summary>
    public int Staleness { get; } = staleness;
}
