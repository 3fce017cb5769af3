using System.Globalization;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Sweeps;

/// <summary>What a run has to reach: a masked validation metric, and the value, or a share of the best that the base reached.</summary>
/// <param name="Metric">The metric, such as recall@10; null takes <c>evaluate.metric</c> of the base.</param>
/// <param name="Value">The value to reach; null takes <see cref="ShareOfBase"/> of the best that the
/// base reached with the same seed.</param>
internal sealed record SweepTarget(string? Metric, double? Value)
{
    /// <summary>Share of the base's best metric that is the target when none is given.</summary>
    public const double ShareOfBase = 0.95;

    /// <summary>The target when none is given.</summary>
    public static SweepTarget OfBase { get; } = new(null, null);

    /// <summary>Reads <c>METRIC&gt;=VALUE</c>, or <c>METRIC</c> alone.</summary>
    /// <exception cref="SettingException">It is neither.</exception>
    public static SweepTarget Parse(string text)
    {
        var parts = text.Split(">=");
        if (parts.Length > 2 || parts[0].Trim().Length == 0 || parts[0].Contains('<', StringComparison.Ordinal)
            || parts[0].Contains('=', StringComparison.Ordinal))
        {
            throw Setting.Refused("--target", text, "METRIC>=VALUE, for example recall@10>=0.1");
        }

        if (parts.Length == 1)
        {
            return new SweepTarget(parts[0].Trim(), null);
        }

        return double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is > 0 and <= 1
            ? new SweepTarget(parts[0].Trim(), value)
            : throw Setting.Refused("--target", text, "METRIC>=VALUE with a value above 0 and at most 1");
    }

    /// <inheritdoc />
    public override string ToString() => Value is { } value ? string.Create(CultureInfo.InvariantCulture, $"{Metric}>={value}") : Metric
        ?? string.Empty;
}
