using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Serialization;
using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>Messages between real actor systems: ours arrive as they were, nothing else is made from what comes off the wire, and a bad
/// frame costs no connection.</summary>
public class WireSerializerSpecs
{
    [Fact]
    public async Task Every_kind_of_message_crosses_from_system_to_system()
    {
        await using var systems = new RemoteSystems();
        var (target, received) = Inbox(systems);
        var sent = WireMessages.Kinds.Select(kind => kind.Single()).Where(message => WireFormat.SizeOf(message) < 100_000).ToArray();

        // What is longer than a transport's frame goes in pieces, which is the endpoints' business.
        Assert.InRange(sent.Length, WireMessages.Kinds.Count - 1, WireMessages.Kinds.Count);
        foreach (var message in sent)
        {
            target.Tell(message);
        }

        await RemoteSystems.Until(() => received.Count == sent.Length, "every message's arrival");
        Assert.Equal(sent.Select(WireMessages.Describe), received.Select(entry => WireMessages.Describe(entry.Message)));
        Assert.Empty(systems.Complaints);
    }

    [Fact]
    public async Task Unknown_manifests_malformed_frames_and_foreign_types_are_refused_and_the_connection_stays()
    {
        await using var systems = new RemoteSystems();
        var (target, received) = Inbox(systems);
        target.Tell(new SnapshotProtocol.Taken(1));
        await RemoteSystems.Until(() => received.Count == 1, "the first message's arrival");

        target.Tell(new WireFrame("s.taken.9", [0x91, 0], EndpointProtocol.NoShard));
        target.Tell(new WireFrame("s.part.2", [0xC1, 0xFF, 0x00], EndpointProtocol.NoShard));
        target.Tell(new WireFrame("p.rows.2", [], EndpointProtocol.NoShard));
        target.Tell(new Version(1, 2));
        target.Tell(new SnapshotProtocol.Taken(2));

        await RemoteSystems.Until(() => received.Count == 2, "the last message's arrival");
        await RemoteSystems.Until(() => systems.Complaints.Count(complaint => complaint.Contains("s.taken.9", StringComparison.Ordinal)
            || complaint.Contains("no 's.part.2'", StringComparison.Ordinal)
            || complaint.Contains("no 'p.rows.2'", StringComparison.Ordinal)
            || complaint.Contains("System.Version has no form on the wire", StringComparison.Ordinal)) == 4, "the refusals in the log");
        Assert.Equal([1L, 2L], received.Select(entry => ((SnapshotProtocol.Taken)entry.Message).Step));
        Assert.Empty(systems.Disconnections);
    }

    [Fact]
    public async Task Json_from_a_peer_is_refused_without_looking_up_the_type_it_names()
    {
        await using var systems = new RemoteSystems();
        var (_, received) = Inbox(systems);
        var stranger = systems.Start("stranger", string.Empty);
        Assert.IsType<NewtonSoftJsonSerializer>(stranger.Serialization.FindSerializerForType(typeof(Version)));
        var target = RemoteSystems.Over(stranger, systems.There, await systems.There.ActorSelection("/user/inbox")
            .ResolveOne(TimeSpan.FromSeconds(5)));

        target.Tell(new Version(1, 2));

        await RemoteSystems.Until(() => systems.Complaints.Any(complaint => complaint.Contains("of JSON", StringComparison.Ordinal)),
            "the refusal in the log");
        target.Tell("text is Akka's own and passes");
        await RemoteSystems.Until(() => !received.IsEmpty, "what comes after it");
        Assert.Equal(["text is Akka's own and passes"], received.Select(entry => entry.Message));
        Assert.Empty(systems.Disconnections);
    }

    [Fact]
    public async Task What_is_encoded_beforehand_arrives_as_the_message_and_buffers_are_left_alone_otherwise()
    {
        await using var systems = new RemoteSystems();
        var (target, received) = Inbox(systems);
        var pull = new ParameterProtocol.Pull(new ShardId(3), new WorkerId(1), 7, 9, RowKeys.Rent(20), RowKeys.Rent(0));
        for (var n = 0; n < 20; n++)
        {
            pull.Users.Array[n] = n * n;
        }

        target.Tell(pull);
        target.Tell(new WireFrame("p.pull.2", WireFormat.Encode(pull), pull.Shard));

        await RemoteSystems.Until(() => received.Count == 2, "both arrivals");
        Assert.All(received, entry => Assert.Equal(WireMessages.Describe(pull), WireMessages.Describe(entry.Message)));
    }

    private static (IActorRef Target, ConcurrentQueue<(object Message, IActorRef Sender)> Received) Inbox(RemoteSystems systems)
    {
        var received = new ConcurrentQueue<(object Message, IActorRef Sender)>();
        var inbox = systems.There.ActorOf(Props.Create(() => new RemoteSystems.Inbox(received)), "inbox");
        return (RemoteSystems.Over(systems.Here, systems.There, inbox), received);
    }
}
