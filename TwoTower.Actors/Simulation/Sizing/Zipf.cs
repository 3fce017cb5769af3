using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Sizing;

/// <summary>Zipf's law over a number of ranks: P(rank k) ∝ k^−s. Drawn in constant time and memory by rejection-inversion (Hörmann and
/// Derflinger 1996, "Rejection-inversion to generate variates from monotone discrete distributions").</summary>
internal sealed class Zipf
{
    private readonly long _ranks;
    private readonly double _exponent;
    private readonly double _low;
    private readonly double _high;

    /// <summary>The law.</summary>
    /// <param name="ranks">Ranks, at least 1.</param>
    /// <param name="exponent">s; 0 is uniform.</param>
    /// <exception cref="WorldException">There are no ranks, or the exponent is negative.</exception>
    public Zipf(long ranks, double exponent)
    {
        if (ranks < 1 || !(exponent >= 0) || double.IsInfinity(exponent))
        {
            throw new WorldException($"A Zipf law over {ranks} ranks with exponent {exponent} cannot be.");
        }

        (_ranks, _exponent) = (ranks, exponent);
        _low = Integral(1.5) - 1;
        _high = Integral(ranks + 0.5);
    }

    /// <summary>One rank, 0 being the most frequent.</summary>
    public long Draw(ref SeededRandom random)
    {
        while (true)
        {
            // A point under the integral of x^−s belongs to the nearest whole number, unless it lies beyond that number's own bar.
            var area = _high + (random.NextDouble() * (_low - _high));
            var rank = Math.Clamp((long)Math.Round(Inverse(area), MidpointRounding.AwayFromZero), 1, _ranks);
            if (area >= Integral(rank + 0.5) - Math.Pow(rank, -_exponent))
            {
                return rank - 1;
            }
        }
    }

    /// <summary>∫ x^−s, with the constant chosen so that it goes over into the logarithm at s = 1.</summary>
    private double Integral(double x) => _exponent == 1 ? Math.Log(x) : (Math.Pow(x, 1 - _exponent) - 1) / (1 - _exponent);

    private double Inverse(double area) => _exponent == 1
        ? Math.Exp(area) : Math.Pow(Math.Max(0, 1 + (area * (1 - _exponent))), 1 / (1 - _exponent));
}
