using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

// How a host waits while a majority of the cluster is out of sight: another side may be about to begin with another host,
// which would not know what is taken here.
internal sealed partial class ShardHostActor
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);
    private readonly Queue<(ParameterProtocol.Push Push, IActorRef Sender)> _kept = new();
    private double _waitingSince;
    private bool _waitsForMajority;
    private bool _saidSo;

    /// <summary>Keeps a push until there is a majority; when there are too many, it is sent again.</summary>
    private void Keep(ParameterProtocol.Push push, IActorRef sender)
    {
        Probe.Reached(ProtocolState.PushHeldWithoutMajority);
        if (_kept.Count < MostWaiting)
        {
            _kept.Enqueue((push, sender));
        }
        else
        {
            push.Return();
        }

        WaitForMajority();
    }

    private void WaitForMajority()
    {
        if (!_waitsForMajority)
        {
            (_waitsForMajority, _waitingSince) = (true, Now);
            Timers.StartPeriodicTimer(nameof(Look), Look.Instance, s_look);
        }
    }

    private void OnLook()
    {
        if (!HoldsMajority)
        {
            // A moment is nothing to speak of: pulses of a busy machine come late.
            if (!_saidSo && Now - _waitingSince >= _blueprint.Times.Retry)
            {
                _saidSo = true;
                _blueprint.WaitsForMajority(true);
            }

            return;
        }

        Timers.Cancel(nameof(Look));
        _waitsForMajority = false;
        if (_saidSo)
        {
            _saidSo = false;
            _blueprint.WaitsForMajority(false);
        }

        if (_log is not null)
        {
            LetGo();
        }

        // As many as there are: one that finds the majority gone is kept again.
        for (var left = _kept.Count; left > 0 && _kept.TryDequeue(out var kept); left--)
        {
            OnRequest(kept.Push, kept.Sender);
        }
    }

    private sealed class Look : INoSerializationVerificationNeeded
    {
        public static readonly Look Instance = new();
    }
}
