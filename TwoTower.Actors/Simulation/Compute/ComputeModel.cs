using TwoTower.Actors.Ids;
using TwoTower.Actors.Work;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Compute;

/// <summary>The machine of one node: how long its work takes. One per node, with a generator of its own.</summary>
/// <param name="options">How fast machines are.</param>
/// <param name="node">Whose machine.</param>
/// <param name="workers">Workers in all; the last are the slow ones.</param>
/// <param name="seed">The world's seed.</param>
internal sealed class ComputeModel(ComputeOptions options, NodeId node, int workers, long seed)
{
    private readonly bool _slow = node.Role == NodeRole.Worker && node.Index >= workers - options.SlowWorkers;
    private SeededRandom _random = new(seed, 1, (long)node.Role, node.Index);
    private double _nextPause = -1;

    /// <summary>What times are multiplied by from now on, on top of all else: a fault that slows a machine.</summary>
    public double Slowdown { get; set; } = 1;

    /// <summary>Seconds that work takes when it begins now.</summary>
    /// <param name="now">Virtual seconds.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="size">How much, in the kind's unit.</param>
    public double SecondsOf(double now, WorkKind kind, long size)
    {
        var seconds = kind switch
        {
            WorkKind.Gradient => size / options.ExamplesPerSecond * options.Factor.Draw(ref _random) * (_slow ? options.SlowBy : 1),
            WorkKind.Evaluation => Over(size, options.EvaluatedUsersPerSecond),
            _ => Over(size, options.DiskBytesPerSecond),
        } * Slowdown;
        return seconds + (kind == WorkKind.Gradient ? PausesWithin(now, seconds) : 0);
    }

    /// <summary>Seconds that a shard is busy with a message of rows.</summary>
    public double ServiceSecondsOf(long bytes) => Over(bytes, options.ShardBytesPerSecond) * Slowdown;

    private static double Over(long size, double rate) => rate > 0 ? size / rate : 0;

    /// <summary>Pauses come as a Poisson process; those that fall into the work lengthen it.</summary>
    private double PausesWithin(double now, double seconds)
    {
        if (options.PauseEverySeconds <= 0)
        {
            return 0;
        }

        if (_nextPause < now)
        {
            _nextPause = now + Gap(); // those while idle harm nobody, and the process has no memory
        }

        var paused = 0.0;
        while (_nextPause < now + seconds)
        {
            paused += options.Pause.Draw(ref _random);
            _nextPause += Gap();
        }

        _nextPause += paused;
        return paused;
    }

    private double Gap() => -options.PauseEverySeconds * Math.Log(1 - _random.NextDouble());
}
