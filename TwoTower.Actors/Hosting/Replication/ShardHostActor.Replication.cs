using Akka.Actor;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

// How a host keeps its standbys at what the shard knows.
internal sealed partial class ShardHostActor
{
    private readonly Dictionary<string, long> _doneAtRetry = new(StringComparer.Ordinal);
    private bool _released;
    private long _taken;
    private long _peers;

    private void ServeOrKeep(IWithShardId request, IActorRef sender)
    {
        if (request is ParameterProtocol.Push push && !HoldsMajority)
        {
            Keep(push, sender);
        }
        else
        {
            Serve(request, sender);
        }
    }

    private void Serve(IWithShardId request, IActorRef sender)
    {
        var known = request is ParameterProtocol.Push push && _log!.Carries(push);
        if (!known && ShardState.IsChangedBy(request))
        {
            if (_log!.Full)
            {
                (request as IOwnsBuffers)?.Return();
                return;
            }

            _log.Append(request);
            foreach (var standby in _log.Standbys)
            {
                SendDue(standby);
            }
        }

        // The shard is told what the standbys are told, in the same order.
        if (!_answers.TryGetValue(sender, out var answers))
        {
            _answers.Add(sender, answers = new HeldAnswers(sender, Self, Probe, Self.Path / "answers" / $"{_peers++}", _provider));
            Context.Watch(sender);
        }

        _shard!.Tell(request, answers);
        if (request is ParameterProtocol.Push)
        {
            _blueprint.Took(++_taken);
        }
    }

    private void OnPeerGone(Terminated gone)
    {
        if (_answers.Remove(gone.ActorRef, out var answers))
        {
            _shard?.Tell(new ParameterShardActor.PeerGone(answers));
        }
    }

    private void SendDue(string standby)
    {
        foreach (var operation in _log!.Due(standby))
        {
            Tell(standby, operation);
        }
    }

    private void OnAnswer(HeldAnswers.Answer answer)
    {
        _log!.Hold(answer);
        LetGo();
    }

    private void LetGo()
    {
        if (_log!.Held > 0 && !HoldsMajority)
        {
            Probe.Reached(ProtocolState.AnswerHeldWithoutMajority);

            // That a standby is waited for no longer may be this side's opinion alone.
            WaitForMajority();
        }
        else
        {
            foreach (var answer in _log.Release())
            {
                answer.To.Tell(answer.Message, Self);
            }
        }

        if (_leaving)
        {
            GoOnLeaving();
        }
    }

    /// <summary>A server that is about to be let in is one that a copy can be given to: what is acknowledged before would be on this server
    /// alone, although others are there.</summary>
    private void AwaitComing()
    {
        if (_log is not null)
        {
            _log.Awaited = Math.Min(_replicas, _coming + _staying.Count(server => server != _blueprint.Local.Name));
        }
    }

    private void ChooseStandbys()
    {
        var (before, chosen) = (_log!.Standbys.ToArray(), StandbyChoice.Choose(_id, _staying, _blueprint.Local.Name, _log.Standbys,
            _replicas));
        foreach (var standby in chosen.Except(before))
        {
            Probe.Reached(ProtocolState.StandbyChosenWhileServing);

            // First those that come: what those who go had to acknowledge waits for them.
            AskForCopy(standby);
        }

        foreach (var standby in before.Except(chosen))
        {
            if (!_log.IsInstalled(standby))
            {
                Probe.Reached(ProtocolState.StandbyReplacedWhileInstalling);
            }

            _log.Remove(standby);
            _giving.Remove(standby);
            _doneAtRetry.Remove(standby);
        }

        TellCopies();
        LetGo();
    }

    private void OnOperationAck(ReplicaProtocol.OperationAck ack)
    {
        if (_log is not null && ack.Term == _term)
        {
            _log.Acknowledge(ack.Server, ack.Sequence);
            SendDue(ack.Server);
            LetGo();
        }
    }

    /// <summary>A standby that was started again has lost its copy.</summary>
    private void OnAbsent(ReplicaProtocol.Absent absent)
    {
        if (_log is not null && absent.Term == _term && _log.IsInstalled(absent.Server))
        {
            _blueprint.Say($"{ServerRef.AddressIn(absent.Server)} has lost its copy of {_id} and is given another.");
            AskForCopy(absent.Server);
            TellCopies();
        }
    }

    private void SendAgain()
    {
        foreach (var standby in _log!.Standbys.ToArray())
        {
            if (_log.DoneBy(standby) is not { } done)
            {
                continue; // its copy is on its way
            }

            if (done < _log.Last && _doneAtRetry.TryGetValue(standby, out var before) && before == done)
            {
                Probe.Reached(ProtocolState.OperationsSentAgain);
                _log.Rewind(standby);
                SendDue(standby);
            }

            _doneAtRetry[standby] = done;
        }
    }

    /// <summary>When as many as promised have copies, those of earlier terms are of no use. Before
    /// that they may be the only ones.</summary>
    private void ReleaseOthers()
    {
        if (!_released && _log!.Standbys.Count >= _replicas && _log.AllInstalled)
        {
            _released = true;
            foreach (var server in _servers.Keys.Except(_log.Standbys))
            {
                Tell(server, new ReplicaProtocol.Release(_id, _term));
            }
        }
    }
}
