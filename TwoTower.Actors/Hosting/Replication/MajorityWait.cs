using Akka.Actor;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>How the host of a shard waits while a majority of the cluster is out of sight: another side may be about to begin with another
/// host, which would not know what is taken here.</summary>
/// <param name="blueprint">What the host was made from.</param>
/// <param name="clock">Now, in seconds of the scheduler's clock.</param>
/// <param name="timers">Look again every <see cref="Every"/> from now on (true), or no more (false).</param>
internal sealed class MajorityWait(ShardHostBlueprint blueprint, Func<double> clock, Action<bool> timers)
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private readonly Queue<(ParameterProtocol.Push Push, IActorRef Sender)> _kept = new();
    private double _since;
    private bool _isWaiting;
    private bool _isKnown;

    /// <summary>Whether a majority is in sight.</summary>
    public bool IsOver => blueprint.HoldsMajority() || blueprint.Shard.Probe.Plants(PlantedFault.MajorityNotAwaited);

    /// <summary>Keeps a push until there is a majority; when there are too many, it is sent again.</summary>
    public void Keep(ParameterProtocol.Push push, IActorRef sender)
    {
        blueprint.Shard.Probe.Reached(ProtocolState.PushHeldWithoutMajority);
        if (_kept.Count < ShardHostActor.MostWaiting)
        {
            _kept.Enqueue((push, sender));
        }
        else
        {
            push.Return();
        }

        Begin();
    }

    /// <summary>Begins to look, unless that is done already.</summary>
    public void Begin()
    {
        if (!_isWaiting)
        {
            (_isWaiting, _since) = (true, clock());
            timers(true);
        }
    }

    /// <summary>Looks.</summary>
    /// <returns>Whether the wait has ended.</returns>
    public bool Look()
    {
        if (!IsOver)
        {
            // A moment is nothing to speak of: pulses of a busy machine come late.
            if (!_isKnown && clock() - _since >= blueprint.Times.Retry)
            {
                _isKnown = true;
                blueprint.WaitsForMajority(true);
            }

            return false;
        }

        timers(false);
        _isWaiting = false;
        Forget();
        return true;
    }

    /// <summary>The pushes that were kept, each once: one that finds the majority gone is kept again.</summary>
    public IEnumerable<(ParameterProtocol.Push Push, IActorRef Sender)> TakeKept()
    {
        for (var left = _kept.Count; left > 0 && _kept.TryDequeue(out var kept); left--)
        {
            yield return kept;
        }
    }

    /// <summary>The host stops.</summary>
    public void End()
    {
        while (_kept.TryDequeue(out var kept))
        {
            kept.Push.Return();
        }

        Forget();
    }

    private void Forget()
    {
        if (_isKnown)
        {
            _isKnown = false;
            blueprint.WaitsForMajority(false);
        }
    }
}
