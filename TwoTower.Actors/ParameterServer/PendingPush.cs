using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer.Staleness;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

/// <summary>A push that a shard has taken, with what is known of it.</summary>
/// <param name="Push">The push, whose buffers are the shard's now.</param>
/// <param name="Workers">Who waits for an acknowledgement.</param>
/// <param name="StaleSum">Σ τ over its rows.</param>
/// <param name="Admitted">Whether it is to be applied.</param>
/// <param name="Pulled">The rows that it was computed from, where they are kept.</param>
internal sealed record PendingPush(ParameterProtocol.Push Push, List<WorkerId> Workers, long StaleSum, bool Admitted,
    PulledRows.Copy? Pulled)
{
    /// <summary>Gives all buffers back.</summary>
    public void Return()
    {
        Push.Return();
        Pulled?.Return();
    }
}
