using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Node.Calibration;

/// <summary>What the conversation between actors costs inside one process, besides gradients.</summary>
/// <param name="WorkerSeconds">Worker seconds per example for building batches, packing and unpacking rows.</param>
/// <param name="ShardSeconds">Shard seconds per example for applying gradients.</param>
/// <param name="ShardBytesPerSecond">Bytes of rows per second that one shard reads out or applies; 0 when too quick to measure.</param>
/// <param name="Latency">Seconds of a message one way.</param>
/// <param name="EvaluatedUsersPerSecond">Users per second that an evaluation ranks for, on all cores; 0 when none was timed.</param>
internal sealed record MessageCost(double WorkerSeconds, double ShardSeconds, double ShardBytesPerSecond, double Latency,
    double EvaluatedUsersPerSecond)
{
    /// <summary>What a run of one worker shows. Time that neither the worker nor the shards in its way were busy for was
    /// spent by messages on their way.</summary>
    /// <param name="options">The run's settings, with one worker.</param>
    /// <param name="time">Thread seconds of the run.</param>
    /// <param name="examples">Examples of the run.</param>
    /// <param name="bytes">Bytes of rows that all shards sent and took.</param>
    /// <param name="secondsPerBatch">Wall seconds of a batch, without evaluations.</param>
    /// <param name="batches">Batches of the run.</param>
    /// <param name="evaluatedUsersPerSecond">As timed, or 0.</param>
    public static MessageCost Of(TrainingOptions options, TimeSplit time, long examples, long bytes, double secondsPerBatch, long batches,
        double evaluatedUsersPerSecond)
    {
        // Under bsp the next lease waits for the acknowledgements and for the trainer; elsewhere it is
        // asked for as soon as the gradient is there.
        var synchronous = options.Consistency.Kind == ConsistencyKind.Bsp;
        var hops = synchronous ? 6 : 4; // lease, pull and, under bsp, push: there and back
        var worker = (time.Pull + time.Gather + time.Gemm + time.Softmax + time.Gradient + time.Push) / batches;

        // The simulated shard serves pulls and pushes at one rate, each about half of its bytes, and all shards at a time.
        var shards = time.Apply / batches / options.Shards * (synchronous ? 1 : 0.5);
        return new MessageCost(
            (time.Pull + time.Push) / examples, time.Apply / examples, time.Apply > 0 ? bytes / time.Apply : 0,
            Math.Max(0, secondsPerBatch - worker - shards) / hops, evaluatedUsersPerSecond);
    }
}
