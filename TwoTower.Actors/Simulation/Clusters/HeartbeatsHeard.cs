using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>When a node last heard from each other one, and whom it takes to be unreachable for that. Without actors.</summary>
/// <param name="pauseSeconds">Seconds of silence after which another is unreachable.</param>
internal sealed class HeartbeatsHeard(double pauseSeconds)
{
    private readonly SortedDictionary<string, double> _heard = new(StringComparer.Ordinal);

    /// <summary>Another has answered.</summary>
    public void Hear(string name, double now) => _heard[name] = now;

    /// <summary>Another is asked, perhaps for the first time: then its answer may take a second longer.</summary>
    public void Expect(string name, double now) => _heard.TryAdd(name, now + 1);

    /// <summary>Tells a node's gossip whom it reaches. Whoever has been given up is not found again, and
    /// whoever is removed is forgotten.</summary>
    public void Judge(GossipState state, string own, double now)
    {
        foreach (var (name, heard) in _heard.ToArray())
        {
            if (state[name] is not { Peer.Status: < PeerStatus.Removed })
            {
                _heard.Remove(name);
            }
            else if (state[name] is not { Peer.Status: PeerStatus.Down })
            {
                state.Observe(own, name, now - heard <= pauseSeconds);
            }
        }
    }
}
