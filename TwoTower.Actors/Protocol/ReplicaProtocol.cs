using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol;

/// <summary>Host of a shard ↔ standbys on other server nodes. Every message may be lost, doubled or overtaken.</summary>
internal static class ReplicaProtocol
{
    /// <summary>A host that starts: "From now on take nothing of a lower term. What do you hold of the shard?"</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Term">The term that the host wants to begin.</param>
    /// <param name="WithRecord">Whether it wants the copy itself, or only to know how far it goes.</param>
    [Manifest("r.recall.1")]
    public sealed record Recall(ShardId Shard, Term Term, bool WithRecord) : IWithShardId;

    /// <summary>The answer to <see cref="Recall"/>.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Asked">The term of the question.</param>
    /// <param name="Server">Who answers.</param>
    /// <param name="Term">The term of the copy; <see cref="Term.None"/> when there is none.</param>
    /// <param name="Sequence">The last operation in it.</param>
    /// <param name="Record">The copy, when it was asked for and there is one.</param>
    [Manifest("r.held.2")]
    public sealed record Held(ShardId Shard, Term Asked, string Server, Term Term, long Sequence, ShardRecord? Record) : IWithShardId;

    /// <summary>"Hold this copy of the shard." Repeating it is harmless.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Term">The host's term.</param>
    /// <param name="Sequence">The last operation in the copy.</param>
    /// <param name="Record">The copy; null is the shard as its blueprint begins it.</param>
    [Manifest("r.install.2")]
    public sealed record Install(ShardId Shard, Term Term, long Sequence, ShardRecord? Record) : IWithShardId;

    /// <summary>The answer to <see cref="Install"/>: the copy is there, with operations up to this one.</summary>
    [Manifest("r.installed.1")]
    public sealed record Installed(ShardId Shard, Term Term, string Server, long Sequence) : IWithShardId;

    /// <summary>The host was sent this request as its n-th; a standby does it after the one before. Repeating it is harmless.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Term">The host's term.</param>
    /// <param name="Sequence">Its number, growing by one.</param>
    /// <param name="Request">A pull, push, fence, read or export: what can change a shard.</param>
    [Manifest("r.operation.2")]
    public sealed record Operation(
        ShardId Shard, Term Term, long Sequence,
        [OneOf(
            typeof(ParameterProtocol.Pull), typeof(ParameterProtocol.Push), typeof(ParameterProtocol.Fence), typeof(SnapshotProtocol.Read),
            typeof(StateProtocol.Export))]
        IWithShardId Request) : IWithShardId, IOwnsBuffers
    {
        /// <inheritdoc />
        public object Copy() => Request is IOwnsBuffers owner ? this with { Request = (IWithShardId)owner.Copy() } : this;

        /// <inheritdoc />
        public void Return() => (Request as IOwnsBuffers)?.Return();
    }

    /// <summary>The standby has done every operation up to this one.</summary>
    [Manifest("r.ack.1")]
    public sealed record OperationAck(ShardId Shard, Term Term, string Server, long Sequence) : IWithShardId;

    /// <summary>The standby was sent an operation of a term of which it holds no copy: it has to be given one first.</summary>
    [Manifest("r.absent.1")]
    public sealed record Absent(ShardId Shard, Term Term, string Server) : IWithShardId;

    /// <summary>The answer to anything of a lower term than one that the standby knows: another host is the shard.</summary>
    /// <param name="Shard">Which shard.</param>
    /// <param name="Term">The higher term.</param>
    /// <param name="Server">Who refuses.</param>
    [Manifest("r.refused.1")]
    public sealed record Refused(ShardId Shard, Term Term, string Server) : IWithShardId;

    /// <summary>The shard needs no copy there (any more). Not answered: a copy that is left is of a lower term and harmless.</summary>
    [Manifest("r.release.1")]
    public sealed record Release(ShardId Shard, Term Term) : IWithShardId;
}
