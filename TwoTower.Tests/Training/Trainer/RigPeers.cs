using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Training.Trainer;

/// <summary>A worker that computes nothing: it asks, pushes, reports, and asks again for what is not answered.</summary>
internal sealed class RigWorker(WorkerId id, int shards)
{
    private long _birth;
    private long _ordinal;
    private bool _welcomed;
    private Lease? _lease;
    private bool _offering;
    private SortedSet<int> _unacknowledged = [];
    private BatchReport? _report;

    public WorkerId Id => id;

    private string Name => $"w{id.Value}";

    public void Join(long birth, Action<string, string, object> send)
    {
        (_birth, _ordinal, _welcomed, _lease, _offering, _report) = (birth, 0, false, null, false, null);
        _unacknowledged.Clear();
        send("trainer", Name, new LeaseProtocol.Join(id, _birth));
    }

    public void Retry(Action<string, string, object> send)
    {
        if (!_welcomed)
        {
            send("trainer", Name, new LeaseProtocol.Join(id, _birth));
        }
        else if (_report is not null)
        {
            send("trainer", Name, new LeaseProtocol.Completed(id, _birth, _ordinal, _report));
        }
        else if (_offering)
        {
            send("trainer", Name, new LeaseProtocol.Offer(id, _birth, _ordinal));
        }
        else if (_lease is null)
        {
            send("trainer", Name, new LeaseProtocol.LeaseRequest(id, _birth, _ordinal));
        }
        else
        {
            Push(send);
        }
    }

    public void Receive(object message, Action<string, string, object> send, Func<long> nextBirth)
    {
        switch (message)
        {
            case LeaseProtocol.Welcome welcome when welcome.Birth == _birth && !_welcomed:
                _welcomed = true;
                Ask(send);
                break;
            case LeaseProtocol.Unknown unknown when unknown.Birth == _birth:
                Join(nextBirth(), send);
                break;
            case ParameterProtocol.Fenced fenced when fenced.Birth == _birth:
                Join(nextBirth(), send);
                break;
            case LeaseProtocol.LeaseGranted granted when granted.Birth == _birth && granted.Ordinal == _ordinal && _lease is null
                && _report is null:
                _lease = granted.Lease;
                if (_lease.RoundSize == 0)
                {
                    _offering = true;
                    send("trainer", Name, new LeaseProtocol.Offer(id, _birth, _ordinal));
                }
                else
                {
                    BeginPush(send);
                }

                break;
            case LeaseProtocol.OfferAccepted accepted when accepted.Birth == _birth && accepted.Ordinal == _ordinal && _offering:
                (_offering, _lease) = (false, accepted.Lease);
                BeginPush(send);
                break;
            case LeaseProtocol.OfferDeclined declined when declined.Birth == _birth && declined.Ordinal == _ordinal && _offering:
                (_offering, _lease) = (false, null);
                Ask(send);
                break;
            case ParameterProtocol.PushAck ack when _lease is not null && !_offering && ack.Batch == _lease.Batch
                && _unacknowledged.Remove(ack.Shard.Value) && _unacknowledged.Count == 0:
                _report = new BatchReport(_lease.Batch, new BatchLoss(1 + (_lease.Batch.Number % 7), 0, 1), _lease.Count, 1, 0, default);
                _lease = null;
                send("trainer", Name, new LeaseProtocol.Completed(id, _birth, _ordinal, _report));
                break;
            case LeaseProtocol.CompletionRecorded recorded when recorded.Birth == _birth && recorded.Ordinal == _ordinal
                && _report is not null:
                _report = null;
                Ask(send);
                break;
        }
    }

    private void Ask(Action<string, string, object> send) => send("trainer", Name, new LeaseProtocol.LeaseRequest(id, _birth, ++_ordinal));

    private void BeginPush(Action<string, string, object> send)
    {
        _unacknowledged = [.. Enumerable.Range(0, shards)];
        Push(send);
    }

    private void Push(Action<string, string, object> send)
    {
        foreach (var shard in _unacknowledged)
        {
            send($"s{shard}", Name, new RigPush(id, _birth, _lease!));
        }
    }
}

/// <summary>A push without rows.</summary>
internal sealed record RigPush(WorkerId Worker, long Birth, Lease Lease);

/// <summary>A shard that only counts batches and remembers fences. It never dies.</summary>
internal sealed class RigShard(ShardId id)
{
    private readonly BatchSet _applied = new();
    private readonly Dictionary<int, long> _fences = [];
    private long _furthest;

    public ShardId Id => id;

    public bool Refuses(WorkerId worker, long birth) => _fences.GetValueOrDefault(worker.Value, -1) >= birth;

    public bool IsAt(long step) => _applied.Frontier == step && _applied.Gaps == 0;

    public void Receive(object message, string from, Action<string, string, object> send)
    {
        var name = $"s{id.Value}";
        switch (message)
        {
            case RigPush push when Refuses(push.Worker, push.Birth):
                send(from, name, new ParameterProtocol.Fenced(id, push.Worker, push.Birth, _furthest));
                break;
            case RigPush push:
                _applied.Add(push.Lease.Batch.Number);
                _furthest = Math.Max(_furthest, push.Lease.Clock);
                send(from, name, new ParameterProtocol.PushAck(id, push.Worker, push.Lease.Batch, 1, 0, 0));
                break;
            case ParameterProtocol.Fence fence:
                _fences[fence.Worker.Value] = Math.Max(fence.Birth, _fences.GetValueOrDefault(fence.Worker.Value, -1));
                send(from, name, new ParameterProtocol.Fenced(id, fence.Worker, fence.Birth, _furthest));
                break;
            case StateProtocol.Inquire inquire:
                send(from, name, new StateProtocol.Standing(id, inquire.Completed, _applied.Frontier, _applied.Frontier < inquire.Completed
                    || _applied.Frontier + _applied.Gaps < inquire.Completed + inquire.Beyond));
                break;
            case StateProtocol.Export export:
                var image = new TableImage([], [], []);
                send(from, name, new StateProtocol.Image(id, export.Step, _applied.Frontier, _applied.Gaps > 0, image, image, default,
                    new StalenessCounts()));
                break;
        }
    }
}
