using TwoTower.Actors.Options;

namespace TwoTower.Actors.ParameterServer.Staleness;

/// <summary>The policies by name.</summary>
internal static class StalenessPolicies
{
    /// <summary>The policy that the options name.</summary>
    public static IStalenessPolicy Create(StalenessPolicyOptions options) => options.Own ?? options.Kind switch
    {
        StalenessPolicyKind.None => new ApplyAsIs(),
        StalenessPolicyKind.Divide => new DivideByStaleness(),
        StalenessPolicyKind.DelayCompensation => new DelayCompensation(options.CompensationStrength, options.CompensationMemory),
        StalenessPolicyKind.Drop => new DropStale(options.DropAbove),
        StalenessPolicyKind.GapAware => new GapAware(options.GapMemory),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "Unknown staleness policy."),
    };

    /// <summary>Every gradient is applied as it is.</summary>
    private sealed class ApplyAsIs : IStalenessPolicy;
}

/// <summary>The learning rate is divided by max(1, τ). Zhang, Gupta, Lian and Liu 2015, "Staleness-aware async-SGD", equation 6
/// (there τ is of the whole model).</summary>
/// <remarks>τ is the row's own: pushes applied to this row since it was pulled. In the paper every push changes every weight, so the two
/// are one; here a push changes few rows, and a row that nobody else touched is not stale, however
/// many pushes there were to others.</remarks>
internal sealed class DivideByStaleness : IStalenessPolicy
{
    /// <inheritdoc />
    public float Adapt(in StaleRow row) => 1f / Math.Max(1, row.Staleness);
}

/// <summary>A push more than N versions of the shard behind is not applied.</summary>
/// <remarks>τ is the push's: versions of the shard since the pull, because a push is taken or left as a whole. Every shard judges the rows
/// that it holds, so near the limit a push can be applied on one shard and dropped on another; a shard from which nothing
/// was pulled has nothing to drop.</remarks>
/// <param name="most">N, the largest staleness that is applied.</param>
internal sealed class DropStale(long most) : IStalenessPolicy
{
    /// <inheritdoc />
    public bool Admits(long versions) => versions <= most;
}
