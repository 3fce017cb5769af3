using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer.Staleness;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.ParameterServer;

// Lives of workers that are over.
internal sealed partial class ShardState
{
    private readonly Dictionary<int, long> _fenced = [];

    /// <summary>Copies of what workers have pulled, where the policy compares.</summary>
    internal PulledRows? Pulled => _pulled;

    /// <summary>Whether a life of a worker has been fenced off.</summary>
    public bool IsFenced(WorkerId worker, long birth) => birth <= _fenced.GetValueOrDefault(worker.Value, -1);

    /// <summary>Fences off a worker's lives up to one.</summary>
    public ParameterProtocol.Fenced Fence(ParameterProtocol.Fence fence)
    {
        _probe.ReachedIf(_round.Values.Any(pending => pending.Push.Worker == fence.Worker && pending.Push.Birth <= fence.Birth),
            ProtocolState.FencedInsideRound);
        _fenced[fence.Worker.Value] = Math.Max(fence.Birth, _fenced.GetValueOrDefault(fence.Worker.Value, -1));
        _pulled?.Drop(fence.Worker, fence.Birth);
        _views?.Forget(fence.Worker);
        return new ParameterProtocol.Fenced(Id, fence.Worker, fence.Birth, FurthestClock);
    }
}
