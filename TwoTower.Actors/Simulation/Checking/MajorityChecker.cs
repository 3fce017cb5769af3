using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 10: no push is taken without a majority. A node that has reached no majority of the members for
/// a second acknowledges no push.</summary>
internal sealed class MajorityChecker : InvariantChecker
{
    /// <summary>Longer than any lease (two thirds of down-removal-margin), and no longer than
    /// another side waits before it begins.</summary>
    public const double Grace = 1;

    private readonly ClusterReach _reach;

    internal MajorityChecker(ClusterReach reach, long seed)
        : base("no push is taken without a majority", seed) => _reach = reach;

    /// <inheritdoc />
    public override void Sent(double now, in Crossing crossing)
    {
        if (crossing.Message is ParameterProtocol.PushAck ack && _reach.AloneSince(crossing.From) is { } since && now - since > Grace)
        {
            throw Violation(now, crossing,
                $"{ack.Shard} on {crossing.From} acknowledges batch {ack.Batch.Number}, and the node has reached no majority of "
                + $"the {_reach.Members.Count} members since {since:0.###} s", "no acknowledgement without a majority in sight");
        }
    }
}
