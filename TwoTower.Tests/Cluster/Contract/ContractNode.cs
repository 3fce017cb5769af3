using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>One life of a node: what runs on it is the same whatever is beneath.</summary>
/// <param name="Label">What the spec calls it.</param>
/// <param name="Host">The node.</param>
internal sealed record ContractNode(string Label, INodeHost Host)
{
    /// <summary>Shards that there are.</summary>
    public const int Shards = 6;

    /// <summary>Role of the nodes that have shards and the singleton.</summary>
    public const string Role = ClusterNode.Server;

    /// <summary>Name of the singleton, and of the actor that writes down what the node is told.</summary>
    public const string Singleton = "chair", Recorder = "recorder";

    /// <summary>All shards.</summary>
    public static IReadOnlyList<string> AllShards { get; } =
        [.. Enumerable.Range(0, Shards).Select(shard => new ShardId(shard).ToString())];

    /// <summary>The actor that writes down what the node is told.</summary>
    public IActorRef Subscriber { get; private init; } = ActorRefs.Nobody;

    /// <summary>The members as the node sees them.</summary>
    public IMembership Membership => Host.Membership;

    /// <summary>Starts what runs on every node; before it has joined.</summary>
    public static ContractNode Start(string label, INodeHost host, IReadOnlyList<string> roles, Diary diary)
    {
        diary.Name(host.Membership.Name, label);
        var recorder = host.Start(Props.Create(() => new RecorderActor(label, diary)), Recorder);
        host.Membership.Subscribe(recorder);
        if (roles.Contains(Role))
        {
            host.StartSingleton(Singleton, Role, Props.Create(() => new ResidentActor(label, Singleton, diary)));
            host.StartRegion(Role, shard => Props.Create(() => new ResidentActor(label, shard.ToString(), diary)), Go.Instance);
        }
        else
        {
            host.StartRegionProxy(Role);
        }

        var (proxy, region) = (host.Proxy(Singleton, Role), host.Region);
        host.Start(Props.Create(() => new PostmanActor(label, proxy, region, diary)), "postman");
        return new ContractNode(label, host) { Subscriber = recorder };
    }

    /// <summary>Whether the node sees another as up.</summary>
    public bool Sees(ContractNode other) =>
        Membership.Members.Any(member => member.Name == other.Membership.Name && member.Status == PeerStatus.Up);

    /// <summary>Whether the node has another among the members.</summary>
    public bool Knows(ContractNode other) => Membership.Members.Any(member => member.Name == other.Membership.Name);

    /// <summary>A member as the node sees it.</summary>
    public Peer PeerOf(ContractNode other) => Membership.Members.Single(member => member.Name == other.Membership.Name);

    /// <summary>A letter to a shard; −1 for the singleton. It has a number of its own.</summary>
    public sealed record Letter(int To, int Number) : IWithShardId
    {
        public ShardId Shard => new(To);
    }

    /// <summary>The hand-off message.</summary>
    private sealed class Go
    {
        public static readonly Go Instance = new();
    }

    private sealed class RecorderActor : ReceiveActor
    {
        public RecorderActor(string label, Diary diary)
        {
            Receive<MembersAre>(now =>
            {
                foreach (var member in now.Members)
                {
                    diary.Write(label, (Happening)member.Status, diary.LabelOf(member.Name));
                }
            });
            Receive<PeerChanged>(change => diary.Write(label, (Happening)change.Peer.Status, diary.LabelOf(change.Peer.Name)));
            Receive<PeerUnreachable>(lost => diary.Write(label, Happening.Unreachable, diary.LabelOf(lost.Peer.Name)));
            Receive<ActorIdentity>(answer => diary.Write(label, answer.Subject is null ? Happening.NotFound : Happening.Found,
                (string)answer.MessageId));
            ReceiveAny(_ => { });
        }
    }

    /// <summary>A shard, or the singleton.</summary>
    private sealed class ResidentActor : ReceiveActor
    {
        private readonly Action<Happening> _write;

        public ResidentActor(string label, string name, Diary diary)
        {
            _write = what => diary.Write(label, what, name);
            Receive<Letter>(letter => diary.Arrive(letter.Number));
            Receive<Go>(_ =>
            {
                _write(Happening.HandedOff);
                diary.Go(Self);
            });
            Receive<Diary.Going>(_ => Context.Stop(Self));
        }

        protected override void PreStart() => _write(Happening.Began);

        protected override void PostStop() => _write(Happening.Ended);
    }

    /// <summary>Writes to everybody, again and again.</summary>
    private sealed class PostmanActor : ReceiveActor, IWithTimers
    {
        public PostmanActor(string label, IActorRef proxy, IActorRef region, Diary diary) => Receive<Round>(_ =>
        {
            if (diary.Writing)
            {
                for (var shard = 0; shard < Shards; shard++)
                {
                    region.Tell(new Letter(shard, diary.Post(label, new ShardId(shard).ToString())));
                }

                proxy.Tell(new Letter(-1, diary.Post(label, Singleton)));
            }
        });

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Round), Round.Instance, TimeSpan.FromSeconds(0.1));

        private sealed class Round
        {
            public static readonly Round Instance = new();
        }
    }
}
