using System.Reflection;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Which states the protocols have come to in a campaign, and in how many plans.</summary>
/// <param name="worlds">Which worlds there are.</param>
internal sealed class Coverage(CampaignWorlds worlds)
{
    /// <summary>Plans from which on every state has to have been reached.</summary>
    public const int DemandedFrom = 1000;

    private readonly SortedDictionary<ProtocolState, int> _plans = new(Demanded(worlds).ToDictionary(state => state, _ => 0));

    /// <summary>The states that have to be reached: all, or what only clusters come to, or what they are not needed for.</summary>
    /// <param name="worlds">Which worlds there are.</param>
    public static IReadOnlyList<ProtocolState> Demanded(CampaignWorlds worlds) =>
        [.. Enum.GetValues<ProtocolState>()
            .Where(state => worlds == CampaignWorlds.Both || IsOfClusters(state) == (worlds == CampaignWorlds.Clusters))];

    /// <summary>By state, the plans that came to it.</summary>
    public IReadOnlyDictionary<ProtocolState, int> Plans => _plans;

    /// <summary>States that no plan came to.</summary>
    public IEnumerable<ProtocolState> Unreached => _plans.Where(state => state.Value == 0).Select(state => state.Key);

    /// <summary>Takes a plan in.</summary>
    public void Add(PlanResult result)
    {
        foreach (var state in result.Reached)
        {
            _plans[state] = _plans.GetValueOrDefault(state) + 1;
        }
    }

    private static bool IsOfClusters(ProtocolState state) =>
        typeof(ProtocolState).GetField(state.ToString())!.GetCustomAttribute<OnlyInClusterAttribute>() is not null;

    /// <summary>A state in words: "fenced push refused".</summary>
    public static string InWords(ProtocolState state) =>
        string.Concat(state.ToString()
            .Select((letter, place) => char.IsUpper(letter) ? $"{(place > 0 ? " " : string.Empty)}{char.ToLowerInvariant(letter)}"
            : letter.ToString()));
}
