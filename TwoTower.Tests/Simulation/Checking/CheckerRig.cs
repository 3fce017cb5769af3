using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>Messages made up to show checkers what they are there for: two shards, two workers, three
/// batches of ten examples an epoch.</summary>
public abstract class CheckerRig
{
    private protected static readonly NodeId W0 = NodeId.Worker(0);
    private protected static readonly NodeId W1 = NodeId.Worker(1);
    private readonly long[] _versions = new long[2];

    private protected CheckerSet Checkers { get; set; } = new(Consistency.Ssp(2), shards: 2, examples: 30, seed: 42);

    private protected long Number { get; set; }

    private protected double Now { get; set; }

    private protected static ViolationException Found(Action plant) => Assert.Throws<ViolationException>(plant);

    private protected void Batch(long batch, int worker, long clock = 0)
    {
        Lease(batch, worker, clock: clock);
        PushEverywhere(batch, worker, clock);
        Complete(batch, worker);
    }

    private protected void PushEverywhere(long batch, int worker, long clock = 0)
    {
        for (var shard = 0; shard < 2; shard++)
        {
            Push(batch, worker, shard, clock);
            Ack(batch, worker, shard);
        }
    }

    private protected void Lease(long batch, int worker, int? first = null, int count = 10, long clock = 0) =>
        Sent(NodeId.Trainer, NodeId.Worker(worker), new LeaseProtocol.LeaseGranted(
            new WorkerId(worker), 1, batch + 1, LeaseOf(batch, clock) with { First = first ?? (int)(batch % 3 * 10), Count = count }));

    private protected void Pull(NodeId worker, long clock, long ticket)
    {
        var id = new WorkerId(worker.Index);
        Delivered(worker, NodeId.Shard(0), new ParameterProtocol.Pull(new ShardId(0), id, ticket, clock, default, default));
        Sent(NodeId.Shard(0), worker, new ParameterProtocol.Rows(new ShardId(0), id, ticket, 0, default, default));
    }

    private protected void Push(long batch, int worker, int shard, long clock = 0, long birth = 1) => Delivered(
        NodeId.Worker(worker), NodeId.Shard(shard),
        new ParameterProtocol.Push(new ShardId(shard), new WorkerId(worker), birth, LeaseOf(batch, clock), 0, default, default));

    private protected void Ack(long batch, int worker, int shard, long? version = null)
    {
        _versions[shard] = version ?? (_versions[shard] + 1);
        Sent(NodeId.Shard(shard), NodeId.Worker(worker), new ParameterProtocol.PushAck(new ShardId(shard), new WorkerId(worker),
            new BatchId(batch), 0, 0, _versions[shard]));
    }

    private protected void Complete(long batch, int worker, int examples = 10)
    {
        var completed = new LeaseProtocol.Completed(new WorkerId(worker), 1, batch + 1,
            new BatchReport(new BatchId(batch), new BatchLoss(), examples, 0, 0, default));
        Report(completed);
        Sent(NodeId.Trainer, NodeId.Worker(worker), new LeaseProtocol.CompletionRecorded(new WorkerId(worker), 1, batch + 1));
    }

    /// <summary>A batch is done, and its report is all that comes of it.</summary>
    private protected void Reported(long batch, int worker)
    {
        Lease(batch, worker);
        PushEverywhere(batch, worker);
        Report(new LeaseProtocol.Completed(new WorkerId(worker), 1, batch + 1, new BatchReport(new BatchId(batch), new BatchLoss(), 10, 0,
            0, default)));
    }

    private void Report(LeaseProtocol.Completed completed)
    {
        Sent(NodeId.Worker(completed.Worker.Value), NodeId.Trainer, completed);
        Delivered(NodeId.Worker(completed.Worker.Value), NodeId.Trainer, completed);
    }

    private protected void Evaluate(long step, double epoch) =>
        Sent(NodeId.Trainer, NodeId.Evaluator, new SnapshotProtocol.Evaluate(step, epoch));

    private protected void Part(int shard, long step, long applied, bool deliver = true)
    {
        var part = new SnapshotProtocol.Part(new ShardId(shard), step, applied, false, [], []);
        Sent(NodeId.Shard(shard), NodeId.Evaluator, part);
        if (deliver)
        {
            Number--; // the same message arrives
            Delivered(NodeId.Shard(shard), NodeId.Evaluator, part);
        }
    }

    private protected void Taken(long step) => Sent(NodeId.Evaluator, NodeId.Trainer, new SnapshotProtocol.Taken(step));

    private protected void Take(long step)
    {
        Part(0, step, step);
        Part(1, step, step);
        Taken(step);
        Taken(step);
    }

    private protected void Image(int shard, long step, long applied)
    {
        Sent(NodeId.Trainer, NodeId.Shard(shard), new StateProtocol.Export(new ShardId(shard), step));
        ImageSent(shard, step, applied, delivered: true);
    }

    private protected void ImageSent(int shard, long step, long applied, bool delivered)
    {
        var none = new TableImage([], [], []);
        var image = new StateProtocol.Image(new ShardId(shard), step, applied, false, none, none, default, new());
        Sent(NodeId.Shard(shard), NodeId.Trainer, image);
        if (delivered)
        {
            Number--;
            Delivered(NodeId.Shard(shard), NodeId.Trainer, image);
        }
    }

    private protected void Restart(int shard)
    {
        Checkers.Fault(Now, NodeId.Shard(shard), "crash");
        Checkers.Fault(Now, NodeId.Shard(shard), "restart");
    }

    private protected void Recovered(int shard, long frontier, long[] above) =>
        Checkers.OnRecovered(Now, new Crossing(Number++, NodeId.Shard(shard), NodeId.Trainer, "recovered", 0), new ShardId(shard),
            frontier, above);

    private protected void Sent(NodeId from, NodeId to, object message) => Checkers.Sent(Now, new Crossing(Number++, from, to, message, 0));

    private protected void Delivered(NodeId from, NodeId to, object message) =>
        Checkers.Delivered(Now, new Crossing(Number++, from, to, message, 0));

    private protected static Lease LeaseOf(long batch, long clock) =>
        new(new BatchId(batch), (int)(batch / 3), (int)(batch % 3 * 10), 10, clock, batch, 0, 1);
}
