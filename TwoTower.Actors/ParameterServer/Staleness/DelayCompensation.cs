using TwoTower.Actors.Options;

namespace TwoTower.Actors.ParameterServer.Staleness;

/// <summary>DC-ASGD-a: g ← g + λ_t g⊙g⊙(w_now − w_pulled), with λ_t = λ₀ / √(MeanSquare + ε) and MeanSquare ← m·MeanSquare + (1 − m)·g⊙g,
/// all by parameter. Zheng et al. 2017, "Asynchronous stochastic gradient descent with delay compensation", section 3 and algorithm 2 (λ₀ =
/// 2, m = 0.95 and ε = 1e-7 there).</summary>
/// <remarks>It uses no τ: the distance that the row has moved since it was pulled says all. State: one float per parameter.</remarks>
/// <param name="strength">λ₀.</param>
/// <param name="memory">m.</param>
internal sealed class DelayCompensation(double strength, double memory) : IStalenessPolicy
{
    private const float Epsilon = 1e-7f;
    private readonly float _strength = (float)strength;
    private readonly float _memory = (float)memory;

    /// <inheritdoc />
    public bool ComparesPulledRows => true;

    /// <inheritdoc />
    public int StateWidth(int width) => width;

    /// <inheritdoc />
    public float Adapt(in StaleRow row)
    {
        var gradient = row.Gradient;
        var meanSquare = row.State;
        for (var n = 0; n < gradient.Length; n++)
        {
            var g = gradient[n];
            meanSquare[n] = (_memory * meanSquare[n]) + ((1f - _memory) * g * g);
            gradient[n] = g + (_strength / MathF.Sqrt(meanSquare[n] + Epsilon) * g * g * (row.Now[n] - row.Pulled[n]));
        }

        return 1;
    }
}
