using System.Collections.Concurrent;
using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Tests.Cluster.Replication;

// Copies that are long on their way, that are lost there, and that are missing.
public partial class ShardHostSpecs
{
    private readonly ConcurrentQueue<ShardCopies> _copies = new();
    private readonly ConcurrentQueue<object> _crossed = new();
    private volatile bool _underWay;

    [Fact]
    public void A_copy_that_takes_its_time_is_sent_once_and_the_shard_is_whole_when_it_has_come()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var gate = Watched("b");
        gate.Tell(Gate.Close);
        _underWay = true;
        var host = StartHost(blueprint, "a", "a");
        Push(host, 0, 3);
        Change(host, "a", "b");
        host.Tell(SmallReplica.Push(3), TestActor);

        AwaitCondition(() => _asked >= 20, Limit); // many times what it takes until a message without an answer is sent again
        Assert.Single(_crossed.OfType<ReplicaProtocol.Install>());
        Assert.True(_copies.Last() is { Lacks: true, Others: 1, Waits: false });

        gate.Tell(Gate.Open);
        _underWay = false;
        FishForMessage<ParameterProtocol.PushAck>(ack => ack.Batch.Number == 3, Limit);
        AwaitCondition(() => !_copies.Last().Lacks, Limit);
        Assert.Single(_crossed.OfType<ReplicaProtocol.Install>());
    }

    [Fact]
    public void A_copy_that_is_lost_on_its_way_is_sent_again()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var gate = Watched("b");
        gate.Tell(new Gate.Lose(message => message is ReplicaProtocol.Install));
        var host = StartHost(blueprint, "a", "a");
        Push(host, 0, 3);
        Change(host, "a", "b");
        host.Tell(SmallReplica.Push(3), TestActor);

        FishForMessage<ParameterProtocol.PushAck>(ack => ack.Batch.Number == 3, Limit);
        Assert.Equal(2, _crossed.OfType<ReplicaProtocol.Install>().Count());
    }

    [Fact]
    public void A_copy_that_is_lost_on_its_way_to_a_host_that_starts_is_asked_for_again()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 5);
        Sys.Stop(host);
        var gate = Watched("b");
        gate.Tell(new Gate.Lose(message => message is ReplicaProtocol.Recall { WithRecord: true }));

        var next = StartHost(blueprint, "a", "a", "b");

        Assert.Equal(5, Applied(next));
        Assert.Equal(2, _crossed.OfType<ReplicaProtocol.Recall>().Count(recall => recall.WithRecord));
    }

    [Fact]
    public void What_is_acknowledged_waits_for_a_server_that_is_about_to_be_there_and_for_nobody_when_it_does_not_come()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a");
        host.Tell(new ServersChanged([new ServerRef("a", _servers["a"].Way)]) { Coming = ["b"] });
        host.Tell(SmallReplica.Push(0), TestActor);
        Assert.Equal(1, Applied(host)); // taken, and not acknowledged before this

        Change(host, "a", "b");
        Assert.Equal(0, ExpectMsg<ParameterProtocol.PushAck>(Limit).Batch.Number);
        AwaitCondition(() => _copies.Last() is { Lacks: false }, Limit); // as late as this, as a copy has it

        host.Tell(new ServersChanged([new ServerRef("a", _servers["a"].Way)]) { Coming = ["c"] });
        host.Tell(SmallReplica.Push(1), TestActor);
        Assert.Equal(2, Applied(host));
        Change(host, "a");
        Assert.Equal(1, ExpectMsg<ParameterProtocol.PushAck>(Limit).Batch.Number);
    }

    [Fact]
    public void By_the_setting_nothing_is_acknowledged_while_copies_lack_and_everything_once_they_are_there()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        blueprint = blueprint with { Options = blueprint.Options with { WhenCopiesLack = WhenCopiesLack.Wait } };
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a");
        host.Tell(SmallReplica.Push(0), TestActor);
        host.Tell(SmallReplica.Push(1), TestActor);

        Assert.Equal(2, Applied(host)); // taken, and not acknowledged before this
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        Assert.True(_copies.Last() is { Lacks: true, Others: 0, Waits: true });

        Change(host, "a", "b");
        Assert.Equal(0, ExpectMsg<ParameterProtocol.PushAck>(Limit).Batch.Number);
        Assert.Equal(1, ExpectMsg<ParameterProtocol.PushAck>(Limit).Batch.Number);
        AwaitCondition(() => _copies.Last() is { Lacks: false, Waits: false }, Limit);

        // And again when that server dies.
        Change(host, "a");
        host.Tell(SmallReplica.Push(2), TestActor);
        Assert.Equal(3, Applied(host));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void While_a_shard_moves_it_survives_the_death_of_its_new_server_as_well_as_of_its_old_one(string left, string dead)
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 5);

        HandOff(host);
        Sys.Stop(_servers[dead].Standby); // before the next host has begun

        Assert.Equal(5, Applied(StartHost(blueprint, left, left)));
    }

    [Fact]
    public void Copies_of_an_earlier_host_are_kept_until_as_many_as_promised_have_new_ones()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b", "c");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 5);
        Sys.Stop(host);

        var next = StartHost(blueprint, "c", "c", "b leaving");
        Assert.Equal(5, Applied(next)); // and has nobody else to give a copy to
        Sys.Stop(next);
        Sys.Stop(_servers["c"].Standby);

        Assert.Equal(5, Applied(StartHost(blueprint, "a", "a", "b leaving")));
    }

    [Fact]
    public void A_shard_that_waits_for_copies_can_move_all_the_same_and_loses_nothing()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        blueprint = blueprint with { Options = blueprint.Options with { WhenCopiesLack = WhenCopiesLack.Wait } };
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a");
        host.Tell(SmallReplica.Push(0), TestActor);
        Assert.Equal(1, Applied(host));

        HandOff(host);

        Assert.Equal(1, Applied(StartHost(blueprint, "a", "a")));
    }

    private int _asked;

    /// <summary>An answer of the endpoint, which says that something is on its way as long as the spec does.</summary>
    private void OnTrafficAsked(IActorRef way, string server, IActorRef host)
    {
        _ = way;
        Interlocked.Increment(ref _asked);
        host.Tell(_underWay ? new EndpointTraffic(server, 1, 2, Comes: true) : EndpointTraffic.None(server));
    }

    private IActorRef Watched(string server)
    {
        var standby = _servers[server].Standby;
        var gate = Sys.ActorOf(Props.Create(() => new Gate(standby, _crossed)));
        _servers[server] = (standby, gate);
        return gate;
    }
}
