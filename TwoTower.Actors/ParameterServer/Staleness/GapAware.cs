using TwoTower.Actors.Options;

namespace TwoTower.Actors.ParameterServer.Staleness;

/// <summary>The gradient is divided by the gap, by parameter: G = 1 + |w_now − w_pulled| / C, where C is the root of a running mean of the
/// parameter's squared steps. Barkai, Hakimi and Schuster 2020, "Gap-aware mitigation of gradient
/// staleness", section 4 (memory 0.999).</summary>
/// <remarks>It uses no τ: the gap counts in how many usual steps the parameter has moved since it was pulled. The paper takes C as the rate
/// times the root mean square of momentum-SGD's velocity; here the steps themselves are measured, which is the same there and holds for
/// every optimizer. The mean is corrected for its start at 0 by the row's own number of steps. State: one float
/// per parameter and that number.</remarks>
/// <param name="memory">Share of the running mean that is kept at each step.</param>
internal sealed class GapAware(double memory) : IStalenessPolicy
{
    private readonly float _memory = (float)memory;

    /// <inheritdoc />
    public bool ComparesPulledRows => true;

    /// <inheritdoc />
    public bool FollowsSteps => true;

    /// <inheritdoc />
    public int StateWidth(int width) => width + 1;

    /// <inheritdoc />
    public float Adapt(in StaleRow row)
    {
        var gradient = row.Gradient;
        var state = row.State;
        var steps = state[^1];
        if (steps == 0)
        {
            return 1; // it has never moved, so there is no gap
        }

        var unbias = (float)(1 / (1 - Math.Pow(_memory, steps)));
        for (var n = 0; n < gradient.Length; n++)
        {
            // Without a usual step there is nothing to count a gap in: 0 over 0 is no number, and anything over 0 would
            // hold the parameter where it is for ever.
            var gap = MathF.Abs(row.Now[n] - row.Pulled[n]);
            var usual = MathF.Sqrt(state[n] * unbias);
            gradient[n] /= usual > 0 ? 1f + (gap / usual) : 1f;
        }

        return 1;
    }

    /// <inheritdoc />
    public void Stepped(ReadOnlySpan<float> before, ReadOnlySpan<float> after, Span<float> state)
    {
        for (var n = 0; n < before.Length; n++)
        {
            var step = after[n] - before[n];
            state[n] = (_memory * state[n]) + ((1f - _memory) * step * step);
        }

        state[^1]++;
    }
}
