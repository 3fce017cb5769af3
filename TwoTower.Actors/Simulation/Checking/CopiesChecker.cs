using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 10: a released answer is on R other servers. What a host promises to keep, as many other servers have said they have,
/// or all that are there or are known to come when there are fewer. And copies of earlier terms are given up only when as many as promised
/// have been given new ones: what is lost after that is not lost with every server that had it, but
/// because they were told to forget it.</summary>
internal sealed class CopiesChecker : InvariantChecker
{
    private readonly ShardHosts _hosts;
    private readonly int _copies;

    internal CopiesChecker(ShardHosts hosts, int copies, long seed)
        : base("a released answer is on R other servers", seed) => (_hosts, _copies) = (hosts, copies);

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        if (_copies > 0 && crossing is { Speaker: { } releasing, Message: ReplicaProtocol.Release release })
        {
            OnRelease(now, crossing, _hosts.LifeOf(releasing), release);
            return;
        }

        if (_copies == 0 || crossing is not { Speaker: { } host, Message: ParameterProtocol.PushAck or ParameterProtocol.Fenced }
            || ShardHosts.Change.Of(crossing.Message) is not { } change)
        {
            return;
        }

        var (shard, term, own) = (((IWithShardId)crossing.Message).Shard, _hosts.TermOf(host), _hosts.LifeOf(host));
        var needed = _hosts.Troubled.Contains(own)
            ? 0 : Math.Min(_copies, _hosts.ThereFor(shard, term).Union(_hosts.ExpectedBy(own, now)).Count(server => server != own));
        var held = _hosts.HoldersOf(shard, term, change).Count(server => server != own);
        if (held < needed)
        {
            throw Violation(now, crossing,
                $"{shard} on {own} releases {crossing.Message}, and {held} other servers have said that they have it",
                $"at least {needed}, of the {_copies} that train.durability promises");
        }
    }

    private void OnRelease(double now, in Crossing crossing, string own, ReplicaProtocol.Release release)
    {
        var installed = _hosts.InstalledUnder(release.Shard, release.Term).Count(server => server != own);
        if (installed < _copies)
        {
            throw Violation(now, crossing,
                $"{release.Shard} on {own} tells {crossing.To} that its copy is of no use, and {installed} other servers have been given "
                + $"one under term {release.Term.Number}", $"at least {_copies}, which train.durability promises");
        }
    }
}
