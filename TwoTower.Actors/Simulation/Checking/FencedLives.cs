using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Which lives of workers each shard has called fenced off.</summary>
internal sealed class FencedLives
{
    private readonly Dictionary<(int Shard, WorkerId Worker), long> _births = [];

    /// <summary>A shard has said so.</summary>
    public void Take(ParameterProtocol.Fenced fenced)
    {
        var key = (fenced.Shard.Value, fenced.Worker);
        _births[key] = Math.Max(fenced.Birth, _births.GetValueOrDefault(key, long.MinValue));
    }

    /// <summary>Whether a shard has said so of a life, or of a later one of the same worker.</summary>
    public bool Has(ShardId shard, WorkerId worker, long birth) => _births.TryGetValue((shard.Value, worker), out var last)
        && birth <= last;

    /// <summary>What a shard has said does not bind it any more.</summary>
    public void Forget(int shard)
    {
        foreach (var key in _births.Keys.Where(key => key.Shard == shard).ToArray())
        {
            _births.Remove(key);
        }
    }
}
