using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Cluster.Replication;

/// <summary>What is acknowledged is kept: over deaths of hosts and standbys, hand-offs, two hosts at once and
/// a bad network between servers.</summary>
public partial class ShardHostSpecs() : TestKit("""
    akka { loglevel = ERROR, stdout-loglevel = OFF, loggers = [], log-dead-letters = off
           actor.guardian-supervisor-strategy = "Akka.Actor.StoppingSupervisorStrategy"
           actor.serialize-messages = on } # hosts and standbys take every message apart, as over the network
    """ + "\n" + WireHosting.Configuration)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly SortedDictionary<string, (IActorRef Standby, IActorRef Way)> _servers = new(StringComparer.Ordinal);
    private readonly List<string> _said = [];
    private IShardStore? _store;
    private bool _bsp;
    private volatile bool _majority = true;

    [Theory]
    [InlineData("bsp", 20)]
    [InlineData("bsp", 21)]
    [InlineData("asp", 20)]
    public void An_acknowledged_push_survives_the_sudden_death_of_its_server_and_no_bit_is_lost(string consistency, int before)
    {
        var blueprint = SmallReplica.Blueprint(consistency, Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, before);

        Sys.Stop(host);
        Sys.Stop(_servers["a"].Standby);
        var next = StartHost(blueprint, "b", "b");
        Push(next, before, 40);

        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 40);
        Assert.True(_copies.Last() is { Lacks: true, There: 0, Wanted: 1, Others: 0 });
    }

    [Fact]
    public void A_push_is_acknowledged_when_all_standbys_have_it_and_not_before()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(2));
        StartServers(blueprint, "a", "b", "c");
        var gate = Sys.ActorOf(Props.Create(() => new Gate(_servers["c"].Standby)));
        _servers["c"] = (_servers["c"].Standby, gate);
        var host = StartHost(blueprint, "a", "a", "b", "c");
        Push(host, 0, 1);

        gate.Tell(Gate.Close);
        host.Tell(SmallReplica.Push(1), TestActor);
        host.Tell(new StateProtocol.Inquire(SmallReplica.Shard, 0, 0), TestActor);

        ExpectMsg<StateProtocol.Recovered>(Limit);
        Assert.Equal(2, ExpectMsg<StateProtocol.Standing>(Limit).Applied);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        gate.Tell(Gate.Open);
        Assert.Equal(1, ExpectMsg<ParameterProtocol.PushAck>(Limit).Batch.Number);
    }

    [Fact]
    public void A_fence_waits_for_the_standbys_and_is_known_to_the_next_host()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a", "b");
        host.Tell(new ParameterProtocol.Fence(SmallReplica.Shard, new WorkerId(0), 1), TestActor);
        FishForMessage<ParameterProtocol.Fenced>(_ => true, Limit);

        Sys.Stop(host);
        var next = StartHost(blueprint, "b", "b");
        next.Tell(SmallReplica.Push(0, birth: 1), TestActor);

        FishForMessage<ParameterProtocol.Fenced>(_ => true, Limit);
    }

    [Fact]
    public void A_batch_that_comes_from_a_new_life_while_the_push_of_a_fenced_one_is_on_its_way_reaches_the_standbys_too()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var gate = Sys.ActorOf(Props.Create(() => new Gate(_servers["b"].Standby)));
        _servers["b"] = (_servers["b"].Standby, gate);
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 1, 2);
        gate.Tell(Gate.Close);
        host.Tell(new ParameterProtocol.Fence(SmallReplica.Shard, new WorkerId(0), 1), TestActor);
        host.Tell(SmallReplica.Push(0, birth: 1), TestActor);
        host.Tell(SmallReplica.Push(0, birth: 2), TestActor);
        gate.Tell(Gate.Open);
        FishForMessage<ParameterProtocol.PushAck>(_ => true, Limit);

        Sys.Stop(host);
        _servers["b"] = (_servers["b"].Standby, _servers["b"].Standby);
        var next = StartHost(blueprint, "b", "b");

        next.Tell(new StateProtocol.Inquire(SmallReplica.Shard, 0, 0), TestActor);
        Assert.Equal(2, FishForMessage<StateProtocol.Standing>(_ => true, Limit).Applied);
    }

    [Fact]
    public void A_host_whose_place_another_has_taken_acknowledges_nothing_more_and_stops()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b", "c");
        var old = StartHost(blueprint, "a", "a", "b", "c");
        Push(old, 0, 4);

        // The cluster has given the first host up, which does not know it.
        var next = StartHost(blueprint, "c", "b", "c");
        Push(next, 4, 6);
        Watch(old);
        old.Tell(SmallReplica.Push(6), TestActor);

        FishForMessage<Terminated>(gone => gone.ActorRef.Equals(old), Limit);
        Push(next, 6, 10);
        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 10);
    }

    [Fact]
    public void A_standby_that_is_lost_is_replaced_and_the_replacement_has_everything()
    {
        var blueprint = SmallReplica.Blueprint("bsp", Durability.Replica(1));
        StartServers(blueprint, "a", "b", "c");
        var host = StartHost(blueprint, "a", "a", "b", "c");
        Push(host, 0, 11);

        Sys.Stop(_servers["b"].Standby);
        Change(host, "a", "c");
        Push(host, 11, 15);
        Sys.Stop(host);
        var next = StartHost(blueprint, "c", "c");
        Push(next, 15, 20);

        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 20);
    }

    [Fact]
    public void A_server_that_is_leaving_is_asked_for_what_it_holds_and_is_given_nothing_more_to_keep()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b", "c");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 5);
        Sys.Stop(host);

        var next = StartHost(blueprint, "c", "c", "b leaving");
        Assert.Equal(5, Applied(next));
        Push(next, 5, 8);
        Sys.Stop(_servers["b"].Standby);
        Push(next, 8, 10);
        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 10);
    }

    [Fact]
    public void A_server_that_comes_later_is_given_the_copy_that_was_missing()
    {
        var blueprint = SmallReplica.Blueprint("bsp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a");
        Push(host, 0, 7);

        Change(host, "a", "b");
        Push(host, 7, 9);
        Sys.Stop(host);
        var next = StartHost(blueprint, "b", "b");
        Push(next, 9, 12);

        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 12);
    }

    [Fact]
    public void A_standby_that_was_started_again_is_given_another_copy()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Replica(1));
        StartServers(blueprint, "a", "b");
        var reborn = Sys.ActorOf(StandbyActor.Props("b", blueprint));
        var gate = Sys.ActorOf(Props.Create(() => new Gate(_servers["b"].Standby)));
        _servers["b"] = (_servers["b"].Standby, gate);
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 5);

        gate.Tell(new Gate.Instead(reborn));
        Push(host, 5, 9);
        Sys.Stop(host);
        _servers["b"] = (reborn, reborn);
        var next = StartHost(blueprint, "b", "b");

        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 9);
    }

    [Theory]
    [InlineData("none", "b")]
    [InlineData("none", "a")]
    [InlineData("replica:1", "b")]
    [InlineData("checkpoint:2", "b")]
    public void A_hand_off_loses_nothing_not_even_a_round_that_is_not_whole(string durability, string to)
    {
        Assert.True(Durability.TryParse(durability, out var kept));
        var blueprint = SmallReplica.Blueprint("bsp", kept);
        _store = kept.Every is null ? null : new MemoryStore();
        StartServers(blueprint, "a", "b");
        var host = StartHost(blueprint, "a", "a", "b");
        Push(host, 0, 10);
        host.Tell(SmallReplica.Push(10), TestActor);

        HandOff(host);
        var next = StartHost(blueprint, to, "a", "b");

        // Only the other half of the round: the first is there.
        next.Tell(SmallReplica.Push(11), TestActor);
        Assert.Equal(11, FishForMessage<ParameterProtocol.PushAck>(ack => ack.Batch.Number >= 10, Limit).Batch.Number);
        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Lost_doubled_and_reordered_messages_between_servers_cost_time_and_nothing_else(int seed)
    {
        var blueprint = SmallReplica.Blueprint("bsp", Durability.Replica(2));
        StartServers(blueprint, "a", "b", "c");
        foreach (var name in new[] { "b", "c" })
        {
            var standby = _servers[name].Standby;
            _servers[name] = (standby, Sys.ActorOf(LossyLink.Before(standby, seed + name[0], loss: 0.1, doubling: 0.2, holding: 0.2)));
        }

        var host = StartHost(blueprint, "a", "a", "b", "c");
        Push(host, 0, 30);
        Sys.Stop(host);
        var next = StartHost(blueprint, "c", "b", "c");
        Push(next, 30, 40);

        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 40);
    }
}
