using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Tests.Cluster.Replication;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>Every checker of a cluster finds the violation that it is there for, planted in messages made up for it, and says nothing of
/// the same messages without it.</summary>
public class ClusterCheckerSpecs
{
    private const string HostA = "akka://twotower/user/server-0.1/region/shard-0-1#11",
        HostB = "akka://twotower/user/server-1.1/region/shard-0-1#12", HostC = "akka://twotower/user/server-2.1/region/shard-0-1#13";
    private static readonly NodeId S0 = NodeId.Server(0), S1 = NodeId.Server(1), S2 = NodeId.Server(2), W0 = NodeId.Worker(0);
    private static readonly Term First = new(1, 7), Second = new(2, 5);
    private readonly ClusterCheckers _checkers = new(new CheckerSet(Consistency.Asp, shards: 1, examples: 300, seed: 42),
        copies: 1, seed: 42);
    private long _number;
    private double _now;

    public ClusterCheckerSpecs()
    {
        foreach (var node in new[] { NodeId.Trainer, S0, S1, S2, W0 })
        {
            Fault(node, "up");
        }
    }

    [Fact]
    public void Healthy_messages_pass()
    {
        BeginWithBatch0();
        Fault(S0, "crash");
        Begin(HostB, S1, Second, ("server-2:1#1", S2));
        GoOnWithBatch1();
    }

    [Fact]
    public void An_acknowledgement_of_a_term_that_is_over_is_found()
    {
        BeginWithBatch0();
        Begin(HostB, S1, Second, ("server-0:1#1", S0), ("server-2:1#1", S2));
        GoOnWithBatch1();

        Assert.Equal("one term of a shard acknowledges", Found(() => Ack(HostA, S0, batch: 0)));
    }

    [Fact]
    public void An_acknowledgement_before_another_server_has_the_push_is_found()
    {
        BeginWithCopy();
        Push(S0, batch: 0);
        Sent(HostA, S0, S1, new ReplicaProtocol.Operation(SmallReplica.Shard, First, 1, SmallReplica.Push(0))); // on its way

        Assert.Equal("a released answer is on R other servers", Found(() => Ack(HostA, S0, batch: 0)));
    }

    [Fact]
    public void Where_no_other_server_is_there_an_acknowledgement_needs_none()
    {
        Begin(HostA, S0, First, ("server-1:1#1", S1));
        Push(S0, batch: 0);
        Fault(S1, "crash");
        Ack(HostA, S0, batch: 0);
    }

    [Fact]
    public void An_acknowledgement_from_the_smaller_side_of_a_split_network_is_found_when_its_leave_has_run_out()
    {
        Begin(HostA, S0, First);
        _now = 10;
        Fault(null, "partition server-0 | *");
        _now = 10.6;
        Push(S0, batch: 0);
        Ack(HostA, S0, batch: 0); // it may have leave for so long
        _now = 11.5;
        Push(S0, batch: 1);

        Assert.Equal("no push is taken without a majority", Found(() => Ack(HostA, S0, batch: 1)));
        Fault(null, "heal server-0 | *");
        Ack(HostA, S0, batch: 1);
    }

    [Fact]
    public void A_promoted_shard_without_a_push_that_a_living_server_had_is_found_and_when_all_are_gone_it_is_not()
    {
        BeginWithBatch0();
        Fault(S0, "crash");
        Begin(HostC, S2, Second, ("server-1:1#1", S1));

        Assert.Equal("a moved or promoted shard has every acknowledged push", Found(() => Recovered(HostC, S2, frontier: 0)));
        Fault(S1, "crash");
        Recovered("akka://twotower/user/server-2.1/region/shard-0-2#14", S2, frontier: 0);
    }

    [Fact]
    public void A_copy_that_is_given_up_before_another_server_has_a_new_one_is_found()
    {
        BeginWithBatch0();
        Fault(S0, "crash");
        Begin(HostC, S2, Second, ("server-1:1#1", S1));

        Assert.Equal("a released answer is on R other servers",
            Found(() => Sent(HostC, S2, S1, new ReplicaProtocol.Release(SmallReplica.Shard, Second))));
        Copy(HostC, S2, Second, "server-3:1#1", NodeId.Server(3));
        Sent(HostC, S2, S1, new ReplicaProtocol.Release(SmallReplica.Shard, Second));
    }

    [Fact]
    public void A_copy_that_is_released_is_nobodys_any_more()
    {
        BeginWithBatch0();
        Delivered(HostB, S2, S1, new ReplicaProtocol.Release(SmallReplica.Shard, First));
        Fault(S0, "crash");
        Begin(HostC, S2, Second, ("server-1:1#1", S1));
        Recovered(HostC, S2, frontier: 0);
    }

    [Fact]
    public void A_message_that_crosses_in_pieces_is_seen_when_its_last_piece_is_there()
    {
        BeginWithCopy();
        Push(S0, batch: 0);
        var frame = WireFormat.Encode(new ReplicaProtocol.Operation(SmallReplica.Shard, First, 1, SmallReplica.Push(0)));
        var (half, manifest) =
            (frame.Length / 2, WireFormat.ManifestOf(new ReplicaProtocol.Operation(SmallReplica.Shard, First, 1, SmallReplica.Push(0))));
        foreach (var (offset, length) in new[] { (half, frame.Length - half), (0, half) })
        {
            Sent(HostA, S0, S1, new EndpointProtocol.Chunk(SmallReplica.Shard, 3, 1, manifest, offset, frame.Length,
                frame.AsMemory(offset, length)));
        }

        Delivered("standby", S1, S0, new ReplicaProtocol.OperationAck(SmallReplica.Shard, First, "server-1:1#1", 1));
        Ack(HostA, S0, batch: 0);
    }

    /// <summary>The first host, on the first server, with a copy on the second.</summary>
    private void BeginWithCopy()
    {
        Begin(HostA, S0, First, ("server-1:1#1", S1), ("server-2:1#1", S2));
        Copy(HostA, S0, First, "server-1:1#1", S1);
    }

    /// <summary>And a batch that both have and that is acknowledged.</summary>
    private void BeginWithBatch0()
    {
        BeginWithCopy();
        Keep(HostA, S0, First, batch: 0, sequence: 1, "server-1:1#1", S1);
        Ack(HostA, S0, batch: 0);
    }

    /// <summary>The second host, on the second server, goes on from its copy with the next batch, and has a copy on the third.</summary>
    private void GoOnWithBatch1()
    {
        Copy(HostB, S1, Second, "server-2:1#1", S2);
        Recovered(HostB, S1, frontier: 1);
        Keep(HostB, S1, Second, batch: 1, sequence: 2, "server-2:1#1", S2);
        Ack(HostB, S1, batch: 1);
    }

    private void Begin(string host, NodeId at, Term term, params (string Life, NodeId Node)[] others)
    {
        foreach (var (life, node) in others)
        {
            Sent(host, at, node, new ReplicaProtocol.Recall(SmallReplica.Shard, term, WithRecord: false));
            Delivered("standby", node, at, new ReplicaProtocol.Held(SmallReplica.Shard, term, life, Term.None, 0, null));
        }
    }

    private void Copy(string host, NodeId at, Term term, string life, NodeId node)
    {
        Sent(host, at, node, new ReplicaProtocol.Install(SmallReplica.Shard, term, 0, null));
        Delivered("standby", node, at, new ReplicaProtocol.Installed(SmallReplica.Shard, term, life, 0));
    }

    private void Keep(string host, NodeId at, Term term, long batch, long sequence, string life, NodeId node)
    {
        Push(at, batch);
        Sent(host, at, node, new ReplicaProtocol.Operation(SmallReplica.Shard, term, sequence, SmallReplica.Push(batch)));
        Delivered("standby", node, at, new ReplicaProtocol.OperationAck(SmallReplica.Shard, term, life, sequence));
    }

    private void Push(NodeId at, long batch) => Delivered("worker", W0, at, SmallReplica.Push(batch));

    private void Ack(string host, NodeId at, long batch) =>
        Sent(host, at, W0, new ParameterProtocol.PushAck(SmallReplica.Shard, new WorkerId((int)(batch % 2)), new BatchId(batch), 0, 0,
            batch + 1));

    private void Recovered(string host, NodeId at, long frontier) =>
        Sent(host, at, W0, new StateProtocol.Recovered(SmallReplica.Shard, frontier, []));

    private void Fault(NodeId? node, string what) => _checkers.Fault(_now, node, what);

    private void Sent(string speaker, NodeId from, NodeId to, object message) =>
        _checkers.Sent(_now, new Crossing(_number++, from, to, message, 0) { Speaker = speaker });

    private void Delivered(string speaker, NodeId from, NodeId to, object message) =>
        _checkers.Delivered(_now, new Crossing(_number++, from, to, message, 0) { Speaker = speaker });

    private static string Found(Action happens) => Assert.Throws<ViolationException>(happens).Invariant;
}
