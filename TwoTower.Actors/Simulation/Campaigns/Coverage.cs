using System.Reflection;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Which states the protocols have come to in a campaign, and in how many plans.</summary>
/// <param name="clusters">Whether worlds are clusters; then what clusters alone come to is demanded, and else what they do not.</param>
public sealed class Coverage(bool clusters)
{
    /// <summary>Plans from which on every state has to have been reached.</summary>
    public const int DemandedFrom = 1000;

    private readonly SortedDictionary<ProtocolState, int> _plans = new(Demanded(clusters).ToDictionary(state => state, _ => 0));

    /// <summary>The states that have to be reached.</summary>
    /// <param name="clusters">Whether worlds are clusters.</param>
    public static IReadOnlyList<ProtocolState> Demanded(bool clusters) =>
        [.. Enum.GetValues<ProtocolState>().Where(state => typeof(ProtocolState).GetField(state.ToString())!.GetCustomAttribute<OnlyInClusterAttribute>() is null != clusters)];

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

    /// <summary>A state in words: "fenced push refused".</summary>
    public static string InWords(ProtocolState state) =>
        string.Concat(state.ToString().Select((letter, place) => char.IsUpper(letter) ? $"{(place > 0 ? " " : string.Empty)}{char.ToLowerInvariant(letter)}" : letter.ToString()));
}
