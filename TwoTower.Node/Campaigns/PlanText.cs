using System.Globalization;
using System.Text;
using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Campaigns;

/// <summary>A plan as the settings of <c>simulate</c>: what differs from the recipe <c>campaign</c>.</summary>
internal static class PlanText
{
    /// <summary>The recipe that every plan is a variation of.</summary>
    public const string Recipe = "campaign";

    private const string Faults = "faults.plan";

    /// <summary>The settings of a plan that are not the recipe's, in the order of the catalogue.</summary>
    public static IReadOnlyList<(string Key, string Value)> Settings(CampaignPlan plan) => Settings(plan, RecipeReader.Read(Recipe).Values);

    /// <summary>The plan of such settings.</summary>
    /// <param name="settings">Settings that are not the recipe's.</param>
    /// <exception cref="SettingException">One is none, or does not take its value.</exception>
    public static CampaignPlan Plan(IEnumerable<(string Key, string Value)> settings)
    {
        var resolved = RecipeReader.Read(Recipe);
        foreach (var (key, value) in settings)
        {
            resolved.Set(key, value, "--set");
        }

        resolved.Check();
        return new CampaignPlan(resolved.Values.World.Seed, resolved.Values.Training, resolved.Values.World);
    }

    /// <summary>The command that carries the plan out again.</summary>
    public static string Command(CampaignPlan plan)
    {
        var (network, usual) = NearestNetwork(plan);
        var others = Settings(plan, usual);
        var command = new StringBuilder($"twotower simulate --recipe {Recipe}");
        var changed = others.Where(setting => setting.Key.StartsWith("network.", StringComparison.Ordinal))
            .Select(setting => $",{setting.Key["network.".Length..]}={setting.Value}");
        if (network != "lan" || changed.Any())
        {
            command.Append(CultureInfo.InvariantCulture, $" --network {network}{string.Concat(changed)}");
        }

        foreach (var (key, value) in others.Where(setting => !setting.Key.StartsWith("network.", StringComparison.Ordinal)
            && setting.Key != Faults))
        {
            command.Append(CultureInfo.InvariantCulture, $" --set {key}={value}");
        }

        if (!plan.World.Faults.IsEmpty)
        {
            command.Append(CultureInfo.InvariantCulture, $" --faults \"{others.Single(setting => setting.Key == Faults).Value}\"");
        }

        return command.ToString();
    }

    /// <summary>A specification that carries the plan out again.</summary>
    /// <param name="result">How it fails.</param>
    public static string Specification(PlanResult result)
    {
        var lines = Settings(result.Plan).Select(setting => $"        (\"{setting.Key}\", \"{setting.Value}\")");
        return $"""
                [Fact]
                public void Campaign_seed_{result.Plan.Seed}_keeps_that_{Name(result.Failure!)}() => ReplayedPlan.Passes(
            {string.Join(",\n", lines)});
            """.ReplaceLineEndings("\n");
    }

    private static IReadOnlyList<(string Key, string Value)> Settings(CampaignPlan plan, RunSettings usual)
    {
        var settings = usual with { Training = plan.Training, World = plan.World };
        return [.. SettingCatalogue.All.Where(setting => setting.Read(settings) != setting.Read(usual))
            .Select(setting => (setting.Key, setting.Read(settings)))];
    }

    /// <summary>The preset that most of the plan's network is like.</summary>
    private static (string Name, RunSettings Usual) NearestNetwork(CampaignPlan plan)
    {
        var recipe = RecipeReader.Read(Recipe).Values;
        return NetworkOptions.Presets.Select(name =>
            (Name: name, Usual: recipe with { World = recipe.World with { Network = NetworkOptions.Preset(name) } }))
            .MinBy(preset => (Settings(plan, preset.Usual).Count(setting => setting.Key.StartsWith("network.", StringComparison.Ordinal)),
                preset.Name != "lan"));
    }

    private static string Name(string invariant) =>
        string.Concat(invariant.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_'));
}
