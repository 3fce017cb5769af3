using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Node.Settings;

/// <summary>What a run is held against when it has ended; training itself does not depend on it.</summary>
internal sealed record JudgingOptions
{
    /// <summary>The baselines that are fitted, weakest idea first. Random, popularity and recent
    /// popularity are always among them.</summary>
    public IReadOnlyList<BaselineKind> Baselines { get; init; } = BaselineNames.Cheap;

    /// <summary>Whether test metrics are computed: once, when every choice has been made.</summary>
    public bool Final { get; init; }

    /// <summary>The setting's text.</summary>
    public string BaselinesText => string.Join(',', Baselines.Select(kind => kind.Key()));

    /// <summary>These options with the baselines of a text; null when it names one that does not exist.</summary>
    /// <param name="text">Names with commas between, or <c>all</c>.</param>
    public JudgingOptions? WithBaselines(string text)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (names is [var only] && only.Equals("all", StringComparison.OrdinalIgnoreCase))
        {
            return this with { Baselines = BaselineNames.All };
        }

        return names.All(name => BaselineNames.All.Any(kind => Is(kind, name)))
            ? this with
            {
                Baselines =
                [.. BaselineNames.All.Where(kind => BaselineNames.Cheap.Contains(kind) || names.Any(name => Is(kind, name)))]
            }
            : null;
    }

    private static bool Is(BaselineKind kind, string name) => kind.Key().Equals(name, StringComparison.OrdinalIgnoreCase);
}
