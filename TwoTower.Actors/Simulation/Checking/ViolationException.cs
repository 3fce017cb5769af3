using System.Globalization;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>A run did what it must never do. The run stops where it happened; the same seed and options lead there again.</summary>
/// <param name="invariant">Which invariant.</param>
/// <param name="seed">The world's seed.</param>
/// <param name="virtualSeconds">When.</param>
/// <param name="eventNumber">Number of the message at which it was seen
/// (<see cref="Crossing.Number"/>), or null when it was no message.</param>
/// <param name="seen">What was seen.</param>
/// <param name="expected">What was expected.</param>
internal sealed class ViolationException(string invariant, long seed, double virtualSeconds, long? eventNumber, string seen,
    string expected)
    : Exception(string.Create(CultureInfo.InvariantCulture,
        $"Invariant violated: {invariant}. At {virtualSeconds:0.######} virtual seconds{(eventNumber is { } number ? $", message {number}" : string.Empty)}, world seed {seed}: {seen.TrimEnd('.')}; expected {expected.TrimEnd('.')}."))
{
    /// <summary>Which invariant.</summary>
    public string Invariant => invariant;

    /// <summary>The world's seed.</summary>
    public long Seed => seed;

    /// <summary>When, in virtual seconds.</summary>
    public double VirtualSeconds => virtualSeconds;

    /// <summary>Number of the message at which it was seen, or null when it was no message.</summary>
    public long? EventNumber => eventNumber;

    /// <summary>What was seen.</summary>
    public string Seen => seen;

    /// <summary>What was expected.</summary>
    public string Expected => expected;
}
