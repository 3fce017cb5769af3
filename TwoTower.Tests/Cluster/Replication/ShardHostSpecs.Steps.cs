using Akka.Actor;
using TwoTower.Actors.Hosting.Majority;
using TwoTower.Actors.Hosting.Replication;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Work;

namespace TwoTower.Tests.Cluster.Replication;

// What specs do with servers and hosts.
public partial class ShardHostSpecs
{
    private void StartServers(ShardBlueprint blueprint, params string[] names)
    {
        _bsp = blueprint.Options.Consistency.Kind == ConsistencyKind.Bsp;
        foreach (var name in names)
        {
            var standby = Sys.ActorOf(StandbyActor.Props(name, blueprint));
            _servers[name] = (standby, standby);
        }
    }

    private IActorRef StartHost(ShardBlueprint blueprint, string on, params string[] there)
    {
        var watch = CreateTestProbe();
        var host = Sys.ActorOf(ShardHostActor.Props(new ShardHostBlueprint(
            SmallReplica.Shard, blueprint, _store, RealTimeWork.Instance, target => target, watch, new ServerRef(on, _servers[on].Way))
        {
            Times = new ReplicationTimes { Retry = 0.05 },
            HoldsMajority = () => _majority,
            AskTraffic = OnTrafficAsked,
            WaitsForMajority = new MajorityNotice(Say).Tell,
            Copies = (copies, _) => _copies.Enqueue(copies),
            Say = Say,
        }));
        watch.ExpectMsg<ServerWatch.Subscribe>(Limit);
        Change(host, there);
        return host;
    }

    private void Say(string text)
    {
        lock (_said)
        {
            _said.Add(text);
        }
    }

    private void Change(IActorRef host, params string[] there) =>
        host.Tell(
        new ServersChanged(
        [.. there.Select(text => text.Split(' '))
        .Select(words => new ServerRef(words[0], _servers[words[0]].Way, Leaving: words.Length > 1))]));

    /// <summary>Pushes batches until all are acknowledged that can be: under BSP not the first half of a round. A half that has not been
    /// acknowledged to anybody is sent again.</summary>
    private void Push(IActorRef host, int from, int to)
    {
        for (var batch = _bsp ? from - (from % 2) : from; batch < to; batch++)
        {
            var worker = CreateTestProbe();
            host.Tell(SmallReplica.Pull(batch), worker);
            host.Tell(SmallReplica.Push(batch), worker);
            if (!_bsp || batch % 2 == 1)
            {
                worker.FishForMessage<ParameterProtocol.PushAck>(ack => ack.Batch.Number == batch, Limit);
            }
        }
    }

    /// <summary>Until the host has handed its shard over and ended.</summary>
    private void HandOff(IActorRef host)
    {
        Watch(host);
        host.Tell(ShardHostActor.HandOff.Instance);
        FishForMessage<Terminated>(_ => true, Limit);
    }

    private void HasWhatAnUndisturbedShardHas(IActorRef host, ShardBlueprint blueprint, int pushes) =>
        Assert.Equal(SmallReplica.Describe(SmallReplica.Undisturbed(blueprint, pushes).Export(pushes)),
            SmallReplica.Describe(Export(host, pushes)));

    private long Applied(IActorRef host)
    {
        host.Tell(new StateProtocol.Inquire(SmallReplica.Shard, 0, 0), TestActor);
        return FishForMessage<StateProtocol.Standing>(_ => true, Limit).Applied;
    }

    private StateProtocol.Image Export(IActorRef host, long step)
    {
        host.Tell(new StateProtocol.Export(SmallReplica.Shard, step), TestActor);
        return FishForMessage<StateProtocol.Image>(_ => true, Limit);
    }
}
