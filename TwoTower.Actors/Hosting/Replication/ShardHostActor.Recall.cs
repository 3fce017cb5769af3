using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting.Replication;

// How a host finds out what the shard knew before it.
internal sealed partial class ShardHostActor
{
    private ReplicaProtocol.Held? _found;
    private bool _loading;
    private bool _overdue;

    /// <summary>Asks everybody who has not answered; when all have, fetches the newest copy; when that is there, begins.</summary>
    private void GoOnRecalling()
    {
        if (_loading || _refusal is not null || !_servers.ContainsKey(_blueprint.Local.Name))
        {
            return;
        }

        if (!_recall.Complete && !Probe.Plants(PlantedFault.RecallNotAwaited) && !(_overdue && _recall.Silent.Count < _recall.Servers))
        {
            foreach (var server in _recall.Silent)
            {
                Tell(server, new ReplicaProtocol.Recall(_id, _recall.Term, WithRecord: false));
            }

            return;
        }

        if (!_recall.Complete)
        {
            _blueprint.Say(
                $"{_id} goes on without what {string.Join(", ", _recall.Silent)} may know of it: no answer for {_blueprint.Times.Recall} s.");
        }

        if (_recall.Best is { Record: null } best)
        {
            if (_fetching?.From != best.Server)
            {
                Probe.Reached(ProtocolState.CopyFetched);
                Fetch(best.Server);
            }

            return;
        }

        _found = _recall.Best;
        if (_blueprint.Store is { } store && _blueprint.Shard.Options.Durability.Every is not null)
        {
            _loading = true;
            var term = _recall.Term;
            _blueprint.Work.Run(Self, WorkKind.DiskWrite, 0, () => ClaimAndLoad(store, term)); // a claim is written down
            return;
        }

        Begin(_found?.Record);
    }

    private object ClaimAndLoad(IShardStore store, Term term)
    {
        try
        {
            return store.Claim(_id, term) is var known && known > term ? new Outbid(known) : new Loaded(store.Load(_id));
        }
        catch (Exception unreadable)
        {
            return new NotLoaded(unreadable.Message);
        }
    }

    private void OnHeld(ReplicaProtocol.Held held)
    {
        if (_shard is not null)
        {
            OnHeldMeanwhile(held);
        }
        else if (!_loading && _fetching is var (from, coming) && held is { Record: null } && (held.Server, held.Asked, held.Term) == (from,
            _recall.Term, _recall.Best?.Term))
        {
            AskOnceMore(from, coming); // it has what was asked for, and nothing of it has come
        }
        else
        {
            _recall.Hear(held);
            if (_recall.Complete || _overdue)
            {
                GoOnRecalling();
            }
        }
    }

    private void OnLoaded(ShardRecord? loaded)
    {
        // The disk knows what was acknowledged; a copy that was handed off knows that too, and what was not.
        var found = _found?.Record;
        Begin(found is not null && (loaded is null || found.Knowledge.CompareTo(loaded.Knowledge) >= 0) ? found : loaded);
    }

    /// <summary>The store knows a host of a higher term, perhaps of a cluster that is gone by now.</summary>
    private void OnOutbid(Outbid outbid)
    {
        (_loading, _found, _fetching) = (false, null, null);
        Probe.Reached(ProtocolState.RecallOutbid);
        _recall.Outbid(outbid.Term);
        GoOnRecalling();
    }

    private void OnNotLoaded(NotLoaded failure)
    {
        _refusal = $"{_id} cannot go on from its checkpoint: {failure.Reason}";
        _blueprint.Say(_refusal);
        while (_waiting.TryDequeue(out var waiting))
        {
            Self.Tell(waiting.Request, waiting.Sender);
        }
    }

    private void Begin(ShardRecord? record)
    {
        Timers.Cancel(nameof(Overdue));
        _term = _recall.Term;
        _blueprint.Began();
        if (_found is not null && record is { } found && found.Round.Count + found.Waiting.Count > 0)
        {
            Probe.Reached(ProtocolState.PromotedWithPushHalfAcknowledged);
        }

        _log = new(_id, _term, _found?.Sequence ?? 0, _blueprint.Shard.Options.WhenCopiesLack == WhenCopiesLack.Wait ? _replicas : 0);
        AwaitComing();
        _shard = Context.ActorOf(
            ParameterShardActor.Props(_id, _blueprint.Shard, _blueprint.Store, _blueprint.Work, new ShardBeginning(record, _term))
                .WithDispatcher(Context.Props.Dispatcher), "shard");
        Context.Watch(_shard);
        foreach (var standby in StandbyChoice.Choose(_id, _staying, _blueprint.Local.Name, [], _replicas))
        {
            GiveCopy(standby, _log.Add(standby), record);
        }

        ReleaseOthers();
        TellCopies();
        while (_waiting.TryDequeue(out var waiting))
        {
            ServeOrKeep((IWithShardId)waiting.Request, waiting.Sender);
        }

        (_found, _fetching) = (null, null);
    }
}
