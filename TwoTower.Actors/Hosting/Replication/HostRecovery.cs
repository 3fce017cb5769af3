using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The first part of a host's life: how it finds out what the shard knew before it. It asks every server, fetches the newest copy,
/// claims the shard's record on disk where there is one, and then the shard begins.</summary>
/// <param name="blueprint">What the host was made from.</param>
/// <param name="peers">The servers.</param>
/// <param name="self">The host, which is told what the disk says: <see cref="Loaded"/>,
/// <see cref="Outbid"/>, <see cref="NotLoaded"/>.</param>
/// <param name="begin">The shard begins: with the record, and the copy that was found, each of which may be null.</param>
/// <remarks>Who knows what is decided by <see cref="ShardRecall"/>.</remarks>
internal sealed class HostRecovery(ShardHostBlueprint blueprint, HostPeers peers, IActorRef self,
    Action<ShardRecord?, ReplicaProtocol.Held?> begin)
{
    private readonly ShardRecall _recall = new(blueprint.Id, blueprint.NewLife(), blueprint.Local.Name);
    private (string From, CopyUnderWay Copy)? _fetching;
    private ReplicaProtocol.Held? _found;
    private bool _isLoading;
    private bool _isOverdue;

    /// <summary>The term with which the shard begins.</summary>
    public Term Term => _recall.Term;

    /// <summary>Why the shard cannot begin; null as long as it may.</summary>
    public string? Refusal { get; private set; }

    /// <summary>Membership has changed.</summary>
    public void OnServers()
    {
        _recall.SetServers(peers.Names);
        GoOn();
    }

    /// <summary>Asks everybody who has not answered; when all have, fetches the newest copy; when that is there, begins.</summary>
    public void GoOn()
    {
        if (_isLoading || Refusal is not null || !peers.Names.Contains(peers.Local))
        {
            return;
        }

        if (!_recall.Complete && !blueprint.Shard.Probe.Plants(PlantedFault.RecallNotAwaited)
            && !(_isOverdue && _recall.Silent.Count < _recall.Servers))
        {
            foreach (var server in _recall.Silent)
            {
                peers.Tell(server, new ReplicaProtocol.Recall(blueprint.Id, _recall.Term, WithRecord: false));
            }

            return;
        }

        if (!_recall.Complete)
        {
            blueprint.Say($"{blueprint.Id} goes on without what {string.Join(", ", _recall.Silent)} may know of it: no answer for "
                + $"{blueprint.Times.Recall} s.");
        }

        if (_recall.Best is { Record: null } best)
        {
            if (_fetching?.From != best.Server)
            {
                blueprint.Shard.Probe.Reached(ProtocolState.CopyFetched);
                Fetch(best.Server);
            }

            return;
        }

        _found = _recall.Best;
        if (blueprint.Store is { } store && blueprint.Shard.Options.Durability.Every is not null)
        {
            _isLoading = true;
            var term = _recall.Term;
            blueprint.Work.Run(self, WorkKind.DiskWrite, 0, () => ClaimAndLoad(store, term)); // a claim is written down
            return;
        }

        Begin(_found?.Record);
    }

    /// <summary>A server says what it holds.</summary>
    public void OnHeld(ReplicaProtocol.Held held)
    {
        if (!_isLoading && _fetching is var (from, coming) && held is { Record: null }
            && (held.Server, held.Asked, held.Term) == (from, _recall.Term, _recall.Best?.Term))
        {
            peers.AskOnceMore(from, coming); // it has what was asked for, and nothing of it has come
            return;
        }

        _recall.Hear(held);
        if (_recall.Complete || _isOverdue)
        {
            GoOn();
        }
    }

    /// <summary>The disk has given what it has.</summary>
    public void OnLoaded(ShardRecord? loaded)
    {
        // The disk knows what was acknowledged; a copy that was handed off knows that too, and what was not.
        var found = _found?.Record;
        Begin(found is not null && (loaded is null || found.Knowledge.CompareTo(loaded.Knowledge) >= 0) ? found : loaded);
    }

    /// <summary>The store knows a host of a higher term, perhaps of a cluster that is gone by now.</summary>
    public void OnOutbid(Term term)
    {
        (_isLoading, _found, _fetching) = (false, null, null);
        blueprint.Shard.Probe.Reached(ProtocolState.RecallOutbid);
        _recall.Outbid(term);
        GoOn();
    }

    /// <summary>A server knows a host of a higher term.</summary>
    public void OnRefused(Term term)
    {
        if (_recall.Outbid(term))
        {
            blueprint.Shard.Probe.Reached(ProtocolState.RecallOutbid);
            _fetching = null;
            GoOn();
        }
    }

    /// <summary>The disk cannot be read.</summary>
    public void OnNotLoaded(string reason)
    {
        Refusal = $"{blueprint.Id} cannot go on from its checkpoint: {reason}";
        blueprint.Say(Refusal);
    }

    /// <summary>Servers have been silent for as long as is waited for them.</summary>
    public void OnOverdue()
    {
        _isOverdue = true;
        GoOn();
    }

    /// <summary>Asks what has become of the copy that is fetched.</summary>
    public void LookAfterCopy()
    {
        if (_fetching is var (from, coming))
        {
            peers.AskIfDue(from, coming);
        }
    }

    /// <summary>The endpoint says what is on its way.</summary>
    public void OnTraffic(EndpointTraffic traffic)
    {
        if (_fetching is not var (from, coming) || from != traffic.About)
        {
            return;
        }

        var step = coming.OnTraffic(traffic.Comes);
        if (step == CopyUnderWay.Step.Ask)
        {
            peers.Tell(from, new ReplicaProtocol.Recall(blueprint.Id, _recall.Term, WithRecord: false));
        }
        else if (step == CopyUnderWay.Step.Again)
        {
            Fetch(from);
        }
    }

    private void Begin(ShardRecord? record)
    {
        var found = _found;
        (_found, _fetching) = (null, null); // what was found may be long
        begin(record, found);
    }

    private void Fetch(string from)
    {
        _fetching = (from, new CopyUnderWay(peers.Now));
        peers.Tell(from, new ReplicaProtocol.Recall(blueprint.Id, _recall.Term, WithRecord: true));
    }

    private object ClaimAndLoad(IShardStore store, Term term)
    {
        try
        {
            return store.Claim(blueprint.Id, term) is var known && known > term ? new Outbid(known) : new Loaded(store.Load(blueprint.Id));
        }
        catch (Exception unreadable)
        {
            return new NotLoaded(unreadable.Message);
        }
    }

    /// <summary>What the disk has of the shard; null for nothing.</summary>
    public sealed record Loaded(ShardRecord? Record) : INoSerializationVerificationNeeded;

    /// <summary>The disk cannot be read.</summary>
    public sealed record NotLoaded(string Reason) : INoSerializationVerificationNeeded;

    /// <summary>A host of a higher term has claimed the record.</summary>
    public sealed record Outbid(Term Term) : INoSerializationVerificationNeeded;
}
