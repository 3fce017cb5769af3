using System.Globalization;

namespace TwoTower.Actors.Options;

/// <summary>What shards do about stale gradients.</summary>
public enum StalenessPolicyKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The learning rate is divided by τ (Zhang et al. 2015).</summary>
    Divide,

    /// <summary>The gradient is corrected for what has changed since (DC-ASGD-a, Zheng et al. 2017).</summary>
    DelayCompensation,

    /// <summary>What is too stale is not applied.</summary>
    Drop,

    /// <summary>The gradient is divided by the gap (Barkai et al. 2020).</summary>
    GapAware,
}

/// <summary>A policy against staleness: <c>none</c>, <c>divide</c>, <c>delay-compensation</c>, <c>drop:N</c> or <c>gap-aware</c>.</summary>
public sealed record StalenessPolicyOptions
{
    /// <summary>The policy.</summary>
    public StalenessPolicyKind Kind { get; init; }

    /// <summary>A policy of one's own, in place of <see cref="Kind"/>; null for none. It keeps no state outside of the rows': all shards of
    /// a process share it.</summary>
    public IStalenessPolicy? Own { get; init; }

    /// <summary>Whether a push may be left out.</summary>
    public bool MayDrop => Own is not null || Kind == StalenessPolicyKind.Drop;

    /// <summary>Drop: the largest staleness of a push that is still applied, in versions of the shard.</summary>
    public int DropAbove { get; init; }

    /// <summary>Delay compensation: λ₀.</summary>
    public double CompensationStrength { get; init; } = 2;

    /// <summary>Delay compensation: m, the share of the mean square that is kept.</summary>
    public double CompensationMemory { get; init; } = 0.95;

    /// <summary>Gap-aware: the share of the mean squared step that is kept.</summary>
    public double GapMemory { get; init; } = 0.999;

    /// <summary>Whether the policy compares rows as they were read with rows as they are.</summary>
    public bool ComparesRows => Own is { } own ? own.ComparesPulledRows : Kind is StalenessPolicyKind.DelayCompensation
        or StalenessPolicyKind.GapAware;

    /// <summary>Reads a policy's name over these numbers.</summary>
    public bool TryParse(string text, out StalenessPolicyOptions policy)
    {
        var words = text.Trim().ToLowerInvariant();
        policy = this;
        if (words.StartsWith("drop:", StringComparison.Ordinal))
        {
            var known = int.TryParse(words.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var most);
            policy = this with { Kind = StalenessPolicyKind.Drop, DropAbove = most };
            return known;
        }

        StalenessPolicyKind? kind = words switch
        {
            "none" => StalenessPolicyKind.None,
            "divide" => StalenessPolicyKind.Divide,
            "delay-compensation" => StalenessPolicyKind.DelayCompensation,
            "gap-aware" => StalenessPolicyKind.GapAware,
            _ => null,
        };
        policy = this with { Kind = kind ?? Kind };
        return kind is not null;
    }

    /// <inheritdoc />
    public override string ToString() => Own is not null ? Own.GetType().Name : Kind switch
    {
        StalenessPolicyKind.Divide => "divide",
        StalenessPolicyKind.DelayCompensation => "delay-compensation",
        StalenessPolicyKind.Drop => string.Create(CultureInfo.InvariantCulture, $"drop:{DropAbove}"),
        StalenessPolicyKind.GapAware => "gap-aware",
        _ => "none",
    };
}
