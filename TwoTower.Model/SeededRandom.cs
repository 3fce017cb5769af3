namespace TwoTower.Model;

/// <summary>A small counter-based generator (SplitMix64; Steele, Lea and Flood 2014): the n-th draw of a stream is a pure function of seed,
/// stream and n, so it does not depend on which worker draws it, nor when, nor on the runtime's version.</summary>
public struct SeededRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15UL;
    private ulong _state;

    /// <summary>The stream named by a seed and up to three numbers.</summary>
    public SeededRandom(long seed, long stream = 0, long substream = 0, long counter = 0)
    {
        _state = unchecked(Mix(Mix(Mix((ulong)seed + Gamma) ^ Mix((ulong)stream + (2 * Gamma))) ^ Mix((ulong)substream + (3 * Gamma)))
            + ((ulong)counter * Gamma));
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64()
    {
        _state += Gamma;
        return Mix(_state);
    }

    /// <summary>Uniform in [0, <paramref name="bound"/>), by Lemire's multiply-shift; the bias is
    /// below 2⁻³² for bounds under 2³².</summary>
    public int NextInt(int bound) => (int)Math.BigMul(NextUInt64(), (ulong)bound, out _);

    /// <summary>Uniform in [0, 1), with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal, by Box and Muller (1958).</summary>
    public double NextGaussian()
    {
        var radius = Math.Sqrt(-2.0 * Math.Log(1.0 - NextDouble()));
        return radius * Math.Cos(2.0 * Math.PI * NextDouble());
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
