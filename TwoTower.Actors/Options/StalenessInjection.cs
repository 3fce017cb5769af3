using System.Globalization;
using TwoTower.Model;

namespace TwoTower.Actors.Options;

/// <summary>How late updates are shown to workers, apart from any network: <c>none</c>, <c>constant:K</c>,
/// <c>uniform:S</c> or <c>geometric:P</c>.</summary>
/// <remarks>An update is what one optimizer step of a shard changes: a push under ssp and asp, a round under bsp, a group under softsync.
/// It is shown to a worker r of the worker's own iterations later than it would be, with r drawn for every update and worker, its sender
/// included: r = K, r uniform in 0 … S (Dai et al. 2019, "Toward understanding the impact of staleness in distributed machine learning",
/// section 3: r ~ Categorical(0 … s)), or P(r = k) = (1 − P)ᵏ P. The draw is a function of seed, first batch
/// of the update and worker alone.</remarks>
/// <param name="Kind">The distribution of r.</param>
/// <param name="Value">K, S or P.</param>
public sealed record StalenessInjection(InjectionKind Kind, double Value)
{
    private const long Stream = 0x57A1E;

    /// <summary>No injection.</summary>
    public static StalenessInjection None { get; } = new(InjectionKind.None, 0);

    /// <summary>Whether there is any.</summary>
    public bool IsOn => Kind != InjectionKind.None;

    /// <summary>Reads <c>none</c>, <c>constant:K</c>, <c>uniform:S</c> (whole numbers from 0 to 100,000) or
    /// <c>geometric:P</c> (0 &lt; P ≤ 1).</summary>
    public static bool TryParse(string text, out StalenessInjection injection)
    {
        var parts = text.Trim().ToLowerInvariant().Split(':');
        injection = None;
        if (parts is ["none"])
        {
            return true;
        }

        if (parts is ["constant" or "uniform", var count] && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture,
            out var whole) && whole <= 100_000)
        {
            injection = new StalenessInjection(parts[0] == "constant" ? InjectionKind.Constant : InjectionKind.Uniform, whole);
            return true;
        }

        if (parts is ["geometric", var share] && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var p)
            && p is > 0 and <= 1)
        {
            injection = new StalenessInjection(InjectionKind.Geometric, p);
            return true;
        }

        return false;
    }

    /// <summary>r: iterations by which an update is shown late to a worker.</summary>
    /// <param name="seed">The training's seed.</param>
    /// <param name="batch">The first batch of the update.</param>
    /// <param name="receiver">The worker that is to see it.</param>
    public long Draw(long seed, long batch, int receiver)
    {
        var random = new SeededRandom(seed, Stream, batch, receiver);
        return Kind switch
        {
            InjectionKind.Constant => (long)Value,
            InjectionKind.Uniform => random.NextInt((int)Value + 1),
            InjectionKind.Geometric when Value < 1 => (long)(Math.Log(1 - random.NextDouble()) / Math.Log(1 - Value)),
            _ => 0,
        };
    }

    /// <summary>Bytes of the workers' views of both tables, over all shards: a copy of every value and a
    /// version of every row for each worker.</summary>
    /// <param name="workers">Workers.</param>
    /// <param name="rows">Rows of both tables.</param>
    /// <param name="values">Floats of both tables.</param>
    public static long BytesOfViews(int workers, long rows, long values) => workers * ((values * sizeof(float)) + (rows * sizeof(int)));

    /// <inheritdoc />
    public override string ToString() => Kind == InjectionKind.None
        ? "none" : string.Create(CultureInfo.InvariantCulture, $"{Kind.ToString().ToLowerInvariant()}:{Value}");
}

/// <summary>Distributions of injected staleness.</summary>
public enum InjectionKind
{
    /// <summary>No injection.</summary>
    None,

    /// <summary>Always the same.</summary>
    Constant,

    /// <summary>Uniform from 0.</summary>
    Uniform,

    /// <summary>Geometric from 0.</summary>
    Geometric,
}
