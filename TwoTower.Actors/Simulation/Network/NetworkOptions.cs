namespace TwoTower.Actors.Simulation.Network;

/// <summary>What every link between two nodes is like.</summary>
public sealed record NetworkOptions
{
    /// <summary>Names of the presets.</summary>
    public static readonly IReadOnlyList<string> Presets = ["ideal", "local", "lan", "cloud", "wan"];

    /// <summary>Seconds from one node to another, one way.</summary>
    public Distribution Latency { get; init; } = new Distribution.Constant(0);

    /// <summary>Bytes per second that a node can send, and as many that it can receive; 0 is no
    /// limit. Messages queue at both ends.</summary>
    public double BytesPerSecond { get; init; }

    /// <summary>Share of messages that are lost.</summary>
    public double Loss { get; init; }

    /// <summary>Share of messages that arrive twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Share of messages that may overtake earlier ones of their link; the others keep their order.</summary>
    public double Reordering { get; init; }

    /// <summary>Seconds added to a message's latency.</summary>
    public Distribution Jitter { get; init; } = new Distribution.Constant(0);

    /// <summary>Virtual seconds after which no message is lost, doubled or reordered any more; 0 is never.</summary>
    public double CalmAfterSeconds { get; init; }

    /// <summary>Whether the network comes to an end of what it does to messages, or does nothing to them.</summary>
    public bool GoesCalm => CalmAfterSeconds > 0 || (Loss == 0 && Duplication == 0 && Reordering == 0);

    /// <summary>Whether a message is there at once, always.</summary>
    public bool IsIdeal => Latency.IsZero && Jitter.IsZero && BytesPerSecond == 0 && Loss == 0 && Duplication == 0;

    /// <summary>A preset: <c>ideal</c> (no time at all), <c>local</c> (one machine), <c>lan</c> (10 Gbit/s), <c>cloud</c> (5 Gbit/s,
    /// shared), <c>wan</c> (100 Mbit/s over a continent).</summary>
    /// <exception cref="WorldException">There is no such preset.</exception>
    public static NetworkOptions Preset(string name) => name.ToLowerInvariant() switch
    {
        "ideal" => new(),
        "local" => new() { Latency = new Distribution.Constant(5e-6), BytesPerSecond = 5e9 },
        "lan" => new() { Latency = new Distribution.LogNormal(1e-4, 0.2), BytesPerSecond = 1.25e9 },
        "cloud" => new()
        {
            Latency = new Distribution.LogNormal(2.5e-4, 0.5),
            Jitter = new Distribution.Gamma(1e-4, 2),
            BytesPerSecond = 6.25e8
        },
        "wan" => new()
        {
            Latency = new Distribution.LogNormal(0.04, 0.1),
            Jitter = new Distribution.Gamma(2e-3, 1),
            BytesPerSecond = 1.25e7,
            Loss = 1e-4
        },
        _ => throw new WorldException($"There is no network '{name}'; there are {string.Join(", ", Presets)}."),
    };

    /// <summary>Refuses what cannot be.</summary>
    /// <exception cref="WorldException">A share is outside [0, 1), or a rate is negative.</exception>
    public void Check()
    {
        foreach (var (name, share) in new[] { ("loss", Loss), ("duplication", Duplication), ("reordering", Reordering) })
        {
            if (!(share is >= 0 and < 1))
            {
                throw new WorldException($"network.{name} cannot be {share}: it takes a share from 0 up to, but not, 1.");
            }
        }

        if (!(BytesPerSecond >= 0))
        {
            throw new WorldException($"network.bytesPerSecond cannot be {BytesPerSecond}.");
        }

        if (!(CalmAfterSeconds >= 0))
        {
            throw new WorldException($"network.calmAfter cannot be {CalmAfterSeconds} seconds.");
        }
    }
}
