using Akka.Actor;
using Akka.Event;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Replication;

// With a disk.
public partial class ShardHostSpecs
{
    [Fact]
    public void With_checkpoints_the_disk_is_believed_when_it_knows_more_than_a_copy_that_was_left()
    {
        var blueprint = SmallReplica.Blueprint("bsp", Durability.Checkpoint(2));
        _store = new MemoryStore();
        StartServers(blueprint, "a");
        _servers["a"].Standby.Tell(new ReplicaProtocol.Install(SmallReplica.Shard, new Term(1, 1), 0, SmallReplica.Undisturbed(blueprint, 4)
            .Save()), TestActor);
        ExpectMsg<ReplicaProtocol.Installed>(Limit);
        _store.Save(SmallReplica.Undisturbed(blueprint, 8).Save(), new Term(1, 1));

        var host = StartHost(blueprint, "a", "a");
        Push(host, 8, 10);

        HasWhatAnUndisturbedShardHas(host, blueprint, pushes: 10);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_read_is_said_to_whoever_asks()
    {
        var blueprint = SmallReplica.Blueprint("bsp", Durability.Checkpoint(2));
        _store = new BrokenStore();
        StartServers(blueprint, "a");
        var host = StartHost(blueprint, "a", "a");

        host.Tell(SmallReplica.Push(0), TestActor);

        Assert.Contains("torn", ExpectMsg<ParameterProtocol.Nack>(Limit).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_acknowledges_nothing_and_the_next_host_goes_on_from_the_last_that_was()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Checkpoint(2));
        var store = new MemoryStore();
        _store = store;
        StartServers(blueprint, "a");
        var host = StartHost(blueprint, "a", "a");
        Push(host, 0, 4);
        Sys.EventStream.Subscribe(TestActor, typeof(Error));

        Watch(host);
        store.Full = "the disk is full";
        host.Tell(SmallReplica.Push(4), TestActor);
        var seen = new List<object>();
        FishForMessage<object>(message =>
        {
            seen.Add(message);
            return message is Terminated;
        }, Limit);
        Assert.DoesNotContain(seen, message => message is ParameterProtocol.PushAck);
        Assert.Contains(seen, message => message is Error error && error.Cause.Message.Contains("the disk is full",
            StringComparison.Ordinal));

        store.Full = null;
        var next = StartHost(blueprint, "a", "a");
        Assert.Equal(4, Applied(next));
        Push(next, 4, 8);
        HasWhatAnUndisturbedShardHas(next, blueprint, pushes: 8);
    }

    [Fact]
    public void With_checkpoints_a_host_whose_place_another_has_taken_acknowledges_nothing_more_and_the_next_outbids_the_term_on_the_disk()
    {
        var blueprint = SmallReplica.Blueprint("asp", Durability.Checkpoint(1));
        _store = new MemoryStore();
        StartServers(blueprint, "a", "b");
        var old = StartHost(blueprint, "a", "a");
        Push(old, 0, 4);

        // Neither has heard of the other but by the disk.
        var next = StartHost(blueprint, "b", "b");
        Push(next, 4, 6);
        Watch(old);
        old.Tell(SmallReplica.Push(6), TestActor);

        var acknowledged = false;
        FishForMessage<object>(message =>
        {
            acknowledged |= message is ParameterProtocol.PushAck;
            return message is Terminated;
        }, Limit);
        Assert.False(acknowledged);
        Push(next, 6, 8);
    }
}
