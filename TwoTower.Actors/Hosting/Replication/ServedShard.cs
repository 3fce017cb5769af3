using System.Globalization;
using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>The second part of a host's life: a shard that answers requests, its standbys, the copies that they are given, and the answers
/// that wait for them.</summary>
/// <remarks>Who has done what is decided by <see cref="ReplicationLog{T}"/>, who is a standby by <see cref="StandbyChoice"/>.</remarks>
internal sealed class ServedShard
{
    private readonly ShardHostBlueprint _blueprint;
    private readonly HostPeers _peers;
    private readonly MajorityWait _majority;
    private readonly IActorRef _self;
    private readonly int _replicas;
    private readonly SortedDictionary<string, CopyUnderWay> _giving = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _doneAtRetry = new(StringComparer.Ordinal);
    private double? _lackingSince;
    private bool _released;

    /// <summary>A shard that begins, with standbys that are given what it begins with.</summary>
    /// <param name="blueprint">What the host was made from.</param>
    /// <param name="peers">The servers.</param>
    /// <param name="majority">Holds answers back while no majority is in sight.</param>
    /// <param name="self">The host.</param>
    /// <param name="shard">The shard's actor.</param>
    /// <param name="term">The host's term.</param>
    /// <param name="sequence">Operations before this host's first.</param>
    public ServedShard(ShardHostBlueprint blueprint, HostPeers peers, MajorityWait majority, IActorRef self, IActorRef shard, Term term,
        long sequence)
    {
        (_blueprint, _peers, _majority, _self, Actor, Term) = (blueprint, peers, majority, self, shard, term);
        _replicas = blueprint.Shard.Options.Durability.Replicas;
        Log = new(blueprint.Id, term, sequence, blueprint.Shard.Options.WhenCopiesLack == WhenCopiesLack.Wait ? _replicas : 0);
        AwaitComing();
    }

    /// <summary>The shard's actor.</summary>
    public IActorRef Actor { get; }

    /// <summary>The host's term.</summary>
    public Term Term { get; }

    /// <summary>Operations, and how far each standby is.</summary>
    public ReplicationLog<HeldAnswers.Answer> Log { get; }

    /// <summary>Bytes of the copies on their way that their receivers have confirmed.</summary>
    public long Sent => _giving.Values.Sum(copy => copy.Sent);

    /// <summary>Is called when anything may have become safe.</summary>
    public Action Progressed { get; set; } = () => { };

    /// <summary>Sends a copy again that was lost on its way, to a server that is no standby; false when none is meant for it.</summary>
    public Func<string, bool> GiveLastAgain { get; set; } = _ => false;

    private ProtocolProbe Probe => _blueprint.Shard.Probe;

    /// <summary>Gives the first standbys what the shard begins with.</summary>
    public void Begin(ShardRecord? record)
    {
        foreach (var standby in StandbyChoice.Choose(_blueprint.Id, _peers.Staying, _peers.Local, [], _replicas))
        {
            Give(standby, Log.Add(standby), record);
        }

        ReleaseOthers();
        PublishCopies();
    }

    /// <summary>A server that is about to be admitted counts among those that must have what is acknowledged.</summary>
    public void AwaitComing() => Log.Awaited = Math.Min(_replicas, _peers.OthersSoon);

    /// <summary>Takes a request that changes the shard into the log, and sends it to the standbys.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool TryReplicate(IWithShardId request)
    {
        var known = request is ParameterProtocol.Push push && Log.Carries(push);
        if (known || !ShardState.IsChangedBy(request))
        {
            return true;
        }

        if (Log.Full)
        {
            return false;
        }

        Log.Append(request);
        foreach (var standby in Log.Standbys)
        {
            SendDue(standby);
        }

        return true;
    }

    /// <summary>Lets answers go out that every standby has what they promise.</summary>
    public void LetGo()
    {
        if (Log.Held > 0 && !_majority.IsOver)
        {
            Probe.Reached(ProtocolState.AnswerHeldWithoutMajority);

            // That a standby is waited for no longer may be this side's opinion alone.
            _majority.Begin();
        }
        else
        {
            foreach (var answer in Log.Release())
            {
                answer.To.Tell(answer.Message, _self);
            }
        }

        Progressed();
    }

    /// <summary>Membership has changed.</summary>
    public void ChooseStandbys()
    {
        var before = Log.Standbys.ToArray();
        var chosen = StandbyChoice.Choose(_blueprint.Id, _peers.Staying, _peers.Local, Log.Standbys, _replicas);
        foreach (var standby in chosen.Except(before))
        {
            Probe.Reached(ProtocolState.StandbyChosenWhileServing);

            // First those that come: what those who go had to acknowledge waits for them.
            AskForCopy(standby);
        }

        foreach (var standby in before.Except(chosen))
        {
            if (!Log.IsInstalled(standby))
            {
                Probe.Reached(ProtocolState.StandbyReplacedWhileInstalling);
            }

            Log.Remove(standby);
            _giving.Remove(standby);
            _doneAtRetry.Remove(standby);
        }

        PublishCopies();
        LetGo();
    }

    /// <summary>The shard's actor has made a copy for a standby.</summary>
    public void OnCopied(ParameterShardActor.Copied copied)
    {
        var (at, standby) = (copied.Request.Name[..copied.Request.Name.IndexOf('@')],
            copied.Request.Name[(copied.Request.Name.IndexOf('@') + 1)..]);
        if (Log.Standbys.Contains(standby) && !Log.IsInstalled(standby))
        {
            Give(standby, long.Parse(at, CultureInfo.InvariantCulture), copied.Record);
        }
    }

    /// <summary>Lets the shard's actor finish, and make a last copy.</summary>
    public void TakeLastCopy() => Actor.Tell(new ParameterShardActor.TakeCopy(string.Empty, Last: true), _self);

    /// <summary>Sends a copy.</summary>
    public void Give(string server, long sequence, ShardRecord? record)
    {
        if (_peers.Install(server, Term, sequence, record) is { } copy)
        {
            _giving[server] = copy;
        }
    }

    /// <summary>A copy is there, or nobody is to have it any more.</summary>
    public void EndCopy(string server) => _giving.Remove(server);

    /// <summary>A server has the copy that it was given.</summary>
    public void OnInstalled(ReplicaProtocol.Installed installed)
    {
        if (Log.Install(installed.Server, installed.Sequence))
        {
            _giving.Remove(installed.Server);
            SendDue(installed.Server);
            ReleaseOthers();
            PublishCopies();
        }

        LetGo();
    }

    /// <summary>A standby has done operations.</summary>
    public void OnOperationAck(ReplicaProtocol.OperationAck ack)
    {
        if (ack.Term == Term)
        {
            Log.Acknowledge(ack.Server, ack.Sequence);
            SendDue(ack.Server);
            LetGo();
        }
    }

    /// <summary>A standby that was started again has lost its copy.</summary>
    public void OnAbsent(ReplicaProtocol.Absent absent)
    {
        if (absent.Term == Term && Log.IsInstalled(absent.Server))
        {
            _blueprint.Say($"{ServerRef.AddressIn(absent.Server)} has lost its copy of {_blueprint.Id} and is given another.");
            AskForCopy(absent.Server);
            PublishCopies();
        }
    }

    /// <summary>A server says how far its copy is, because it was asked what has become of one that is on its way.</summary>
    /// <param name="held">What it holds.</param>
    /// <param name="installed">Is told that the copy is there after all.</param>
    public void OnHeld(ReplicaProtocol.Held held, Action<ReplicaProtocol.Installed> installed)
    {
        if (held.Asked != Term || !_giving.TryGetValue(held.Server, out var copy))
        {
            return;
        }

        if (held.Term == Term)
        {
            // its word that the copy has come is lost
            installed(new ReplicaProtocol.Installed(_blueprint.Id, Term, held.Server, held.Sequence));
        }

        if (_giving.ContainsKey(held.Server))
        {
            _peers.AskOnceMore(held.Server, copy);
        }
    }

    /// <summary>The endpoint says what is on its way.</summary>
    public void OnTraffic(EndpointTraffic traffic)
    {
        if (!_giving.TryGetValue(traffic.About, out var copy))
        {
            return;
        }

        var step = copy.OnTraffic(traffic.ToSend > 0, traffic.Sent, traffic.ToSend);
        PublishCopies();
        if (step == CopyUnderWay.Step.Ask)
        {
            _peers.AskHeld(traffic.About, Term);
        }
        else if (step == CopyUnderWay.Step.Again)
        {
            GiveAgain(traffic.About);
        }
    }

    /// <summary>Sends operations again to standbys that have not moved since this was last asked.</summary>
    public void SendAgain()
    {
        foreach (var standby in Log.Standbys.ToArray())
        {
            if (Log.DoneBy(standby) is not { } done)
            {
                continue; // its copy is on its way
            }

            if (done < Log.Last && _doneAtRetry.TryGetValue(standby, out var before) && before == done)
            {
                Probe.Reached(ProtocolState.OperationsSentAgain);
                Log.Rewind(standby);
                SendDue(standby);
            }

            _doneAtRetry[standby] = done;
        }
    }

    /// <summary>Asks what has become of the copies that are on their way.</summary>
    public void LookAfterCopies()
    {
        foreach (var (server, copy) in _giving)
        {
            _peers.AskIfDue(server, copy);
        }
    }

    private void AskForCopy(string standby)
    {
        var from = Log.Add(standby);
        _ = Probe.Plants(PlantedFault.CopyNotAwaited) && Log.Install(standby, from);
        _giving.Remove(standby);
        Actor.Tell(new ParameterShardActor.TakeCopy($"{Log.Last}@{standby}", Last: false), _self);
    }

    private void GiveAgain(string server)
    {
        Probe.Reached(ProtocolState.CopyTakenAgain);
        if (GiveLastAgain(server))
        {
            return;
        }

        if (Log.Standbys.Contains(server))
        {
            AskForCopy(server);
        }
        else
        {
            _giving.Remove(server);
        }
    }

    private void SendDue(string standby)
    {
        foreach (var operation in Log.Due(standby))
        {
            _peers.Tell(standby, operation);
        }
    }

    /// <summary>When as many as promised have copies, those of earlier terms are of no use. Before
    /// that they may be the only ones.</summary>
    private void ReleaseOthers()
    {
        if (!_released && Log.Standbys.Count >= _replicas && Log.AllInstalled)
        {
            _released = true;
            foreach (var server in _peers.Names.Except(Log.Standbys))
            {
                _peers.Tell(server, new ReplicaProtocol.Release(_blueprint.Id, Term));
            }
        }
    }

    /// <summary>Says how many copies there are, and since when too few.</summary>
    private void PublishCopies()
    {
        var there = Log.Standbys.Count(Log.IsInstalled);
        if (Log.Standbys.Count < _replicas)
        {
            Probe.Reached(ProtocolState.FewerCopiesThanPromised);
        }

        _lackingSince = there < _replicas ? _lackingSince ?? _peers.Now : null;
        _blueprint.Copies(
            new ShardCopies(_blueprint.Id.Value, _replicas, there, _peers.Others, Sent, _giving.Values.Sum(copy => copy.ToSend),
                Waits: Log.Least > there), _lackingSince);
    }
}
