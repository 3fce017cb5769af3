using System.Globalization;

namespace TwoTower.Actors.Options;

/// <summary>How far workers may run ahead of each other (Ho et al. 2013).</summary>
public enum ConsistencyKind
{
    /// <summary>Bulk synchronous: the pushes of a clock are applied together, in batch order. Bit-reproducible.</summary>
    Bsp,

    /// <summary>Stale synchronous: a worker at clock c sees every push with a clock under c − S.</summary>
    Ssp,

    /// <summary>Asynchronous: no bound.</summary>
    Asp,

    /// <summary>n-softsync: no bound, and an update of the weights is the mean of ⌊workers / n⌋ pushes, whosever they are
    /// (Zhang et al. 2015, section 3).</summary>
    Softsync,
}

/// <summary>A consistency model: <c>bsp</c>, <c>ssp:S</c>, <c>asp</c> or <c>softsync:N</c>.</summary>
/// <param name="Kind">The model.</param>
/// <param name="Bound">S in clocks; 0 for bsp; null for asp and softsync.</param>
public sealed record Consistency(ConsistencyKind Kind, int? Bound)
{
    /// <summary>Softsync: n, the updates of the weights in the time in which every worker pushes once; the mean
    /// staleness in updates is about as much.</summary>
    public int Updates { get; private init; }

    /// <summary>What sets the bound at each clock; null where it is one number.</summary>
    public IConsistencyRule? Rule { get; private init; }

    /// <summary>Bulk synchronous.</summary>
    public static Consistency Bsp { get; } = new(ConsistencyKind.Bsp, 0);

    /// <summary>Asynchronous.</summary>
    public static Consistency Asp { get; } = new(ConsistencyKind.Asp, null);

    /// <summary>Stale synchronous with bound <paramref name="bound"/>; <c>ssp:0</c> is bsp.</summary>
    public static Consistency Ssp(int bound) => bound == 0 ? Bsp : new(ConsistencyKind.Ssp, bound);

    /// <summary>n-softsync.</summary>
    public static Consistency Softsync(int updates) => new(ConsistencyKind.Softsync, null) { Updates = updates };

    /// <summary>A rule of one's own. <see cref="Bound"/> is the loosest bound it ever gives.</summary>
    public static Consistency Of(IConsistencyRule rule) => new(ConsistencyKind.Ssp, rule.Loosest) { Rule = rule };

    /// <summary>S for a worker at a clock; null where there is no bound.</summary>
    /// <exception cref="InvalidOperationException">The rule gives a bound that it has not promised.</exception>
    public int? BoundAt(long clock) => Rule is null ? Bound
        : Rule.BoundAt(clock) is var bound && bound >= 0 && bound <= Bound ? bound
        : throw new InvalidOperationException($"{this} gives the bound {bound} at clock {clock}, which is outside 0 … {Bound}.");

    /// <summary>Pushes that make one update of the weights outside of bsp's rounds: ⌊workers / n⌋ under softsync, else 1.</summary>
    public int GroupOf(int workers) => Kind == ConsistencyKind.Softsync ? Math.Max(1, workers / Updates) : 1;

    /// <summary>Reads <c>bsp</c>, <c>ssp:S</c>, <c>asp</c> or <c>softsync:N</c>.</summary>
    public static bool TryParse(string text, out Consistency consistency)
    {
        consistency = Bsp;
        switch (text.Trim().ToLowerInvariant())
        {
            case "bsp":
                return true;
            case "asp":
                consistency = Asp;
                return true;
            case var ssp when ssp.StartsWith("ssp:", StringComparison.Ordinal)
                && int.TryParse(ssp.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var bound):
                consistency = Ssp(bound);
                return true;
            case var softsync when softsync.StartsWith("softsync:", StringComparison.Ordinal)
                && int.TryParse(softsync.AsSpan(9), NumberStyles.None, CultureInfo.InvariantCulture, out var updates) && updates >= 1:
                consistency = Softsync(updates);
                return true;
            default:
                return false;
        }
    }

    /// <inheritdoc />
    public override string ToString() => Kind switch
    {
        ConsistencyKind.Bsp => "bsp",
        ConsistencyKind.Asp => "asp",
        ConsistencyKind.Softsync => $"softsync:{Updates}",
        _ when Rule is not null => Rule.GetType().Name,
        _ => $"ssp:{Bound}",
    };
}
