using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Replication;

// What stands in for the network and the disk.
public partial class ShardHostSpecs
{
    /// <summary>Lets messages through to an actor, or keeps them until it is opened.</summary>
    private sealed class Gate : ReceiveActor
    {
        public sealed record Command(bool Closed) : INoSerializationVerificationNeeded;

        public sealed record Instead(IActorRef Target) : INoSerializationVerificationNeeded;

        /// <summary>Loses the first message of a kind.</summary>
        public sealed record Lose(Func<object, bool> Kind) : INoSerializationVerificationNeeded;

        public static readonly Command Open = new(Closed: false), Close = new(Closed: true);
        private readonly Queue<(object Message, IActorRef Sender)> _kept = new();
        private bool _closed;
        private Lose? _lose;

        public Gate(IActorRef target)
            : this(target, null)
        {
        }

        /// <param name="target">To whom messages go.</param>
        /// <param name="seen">Takes those that come here, whether they are let through or not.</param>
        public Gate(IActorRef target, System.Collections.Concurrent.ConcurrentQueue<object>? seen)
        {
            Receive<Lose>(lose => _lose = lose);
            Receive<Command>(command =>
            {
                _closed = command.Closed;
                while (!_closed && _kept.TryDequeue(out var kept))
                {
                    target.Tell(kept.Message, kept.Sender);
                }
            });
            Receive<Instead>(other => target = other.Target);
            ReceiveAny(message =>
            {
                seen?.Enqueue(message);
                if (_lose?.Kind(message) ?? false)
                {
                    _lose = null;
                    return;
                }

                if (_closed)
                {
                    _kept.Enqueue((message, Sender));
                }
                else
                {
                    target.Forward(message);
                }
            });
        }
    }

    private sealed class MemoryStore : IShardStore
    {
        private volatile ShardRecord? _record;

        /// <summary>What a disk does that is full: writes that fail, with their reason, until it is null.</summary>
        public volatile string? Full;

        private Term _term;

        public Term Claim(ShardId shard, Term term) => _term = term > _term ? term : _term;

        public void Save(ShardRecord record, Term term) => _record = Full is { } reason ? throw new IOException(reason) : term >= _term
            ? record.Copy() : throw new IOException("another host has begun");

        public ShardRecord? Load(ShardId shard) => _record;
    }

    private sealed class BrokenStore : IShardStore
    {
        public Term Claim(ShardId shard, Term term) => term;

        public void Save(ShardRecord record, Term term) => throw new IOException("torn");

        public ShardRecord? Load(ShardId shard) => throw new IOException("the file is torn");
    }
}
