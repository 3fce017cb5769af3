using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Work;
using static TwoTower.Tests.Simulation.WorldRig;

namespace TwoTower.Tests.Simulation;

/// <summary>The machines of a simulated world compute, write, crash and come back as their options say, to the tick where
/// that can be worked out by hand.</summary>
public class MachineSpecs
{
    [Fact]
    public void What_had_left_a_machine_before_it_crashed_arrives_and_what_waited_in_its_interface_does_not()
    {
        using var rig = Rig(Slow);
        rig.Send(W0, S0, Sized(500, 1)); // out at 0.5
        rig.Send(W0, S0, Sized(500, 2)); // out at 1.0
        rig.At(0.7, () => rig.World.Crash(W0));
        rig.At(0.8, () => rig.World.Restart(W0));
        rig.At(0.8, () => rig.Send(W0, S1, Sized(500, 3))); // the interface is empty: out at 1.3
        rig.Pump();

        Assert.Equal([1.5], rig.TimesAt(S0));
        Assert.Equal([2.3], rig.TimesAt(S1));
        Assert.Equal("down", Assert.Single(rig.Drops).Reason);
    }

    [Fact]
    public void What_waits_in_the_interface_of_a_machine_that_crashes_never_reaches_its_next_actor()
    {
        using var rig = Rig(Slow);
        rig.Send(W0, S0, Sized(500, 1)); // reaches the interface at 1.0, would be in at 1.5
        rig.At(1.2, () => rig.World.Crash(S0));
        rig.At(1.3, () => rig.World.Restart(S0));
        rig.At(1.3, () => rig.Send(W1, S0, Sized(500, 2))); // in at 2.8
        rig.Pump();

        Assert.Equal([2.8], rig.TimesAt(S0));
        Assert.Equal("down", Assert.Single(rig.Drops).Reason);
    }

    [Fact]
    public void Those_who_watch_a_node_are_told_of_its_crash_when_it_is_detected_unless_it_was_back_before()
    {
        using var rig = Rig(new NetworkOptions(), detection: 2);
        Order(W0, S0);
        Order(W1, S0);
        Order(W0, S1);
        Order(W1, S0, unwatch: true);
        rig.At(1, () => rig.World.Crash(S0));
        rig.At(1, () => rig.World.Crash(S1));
        rig.At(2, () => rig.World.Restart(S1));
        rig.Pump();

        var (at, seconds, message) = Assert.Single(rig.Received);
        Assert.Equal((W0, 3.0), (at, seconds));
        Assert.Equal("shard-0", Assert.IsType<Terminated>(message).ActorRef.Path.Name);

        Order(W1, S0); // begins to watch what is down already
        rig.Pump();
        Assert.Equal((W1, 5.0), (rig.Received[^1].At, rig.Received[^1].Seconds));

        void Order(NodeId watcher, NodeId watched, bool unwatch = false)
        {
            rig.World.Link(watcher, watcher).Tell(new WatchOrder(rig.World.Link(watcher, watched), unwatch));
        }
    }

    [Fact]
    public void A_write_whose_machine_crashes_leaves_nothing_and_a_lost_one_is_lost_once()
    {
        using var rig = new WorldRig(new WorldOptions { Network = new(), Compute = new() { DiskBytesPerSecond = 100 } }, S0, W0);
        var written = new List<string>();
        Write("whole", 0);
        Write("torn", 5);
        rig.At(5.5, () => rig.World.Crash(S0));
        rig.Pump();

        Assert.Equal(["whole"], written);
        Assert.Equal(1.0, Assert.Single(rig.Received).Seconds);

        rig.World.LoseNextWrite(S0);
        Assert.False(rig.World.TakeLostWrite(W0));
        Assert.True(rig.World.TakeLostWrite(S0));
        Assert.False(rig.World.TakeLostWrite(S0));

        void Write(string what, double at) =>
            rig.At(at, () => rig.Send(W0, S0, new WorkOrder(rig.World.WorkOn(S0), WorkKind.DiskWrite, 100, () =>
            {
                written.Add(what);
                return what;
            })));
    }

    [Fact]
    public void A_machine_computes_one_gradient_after_the_other()
    {
        using var rig = new WorldRig(new WorldOptions { Network = new(), Compute = new() { ExamplesPerSecond = 10 } }, S0, W0);
        rig.Send(S0, W0, new WorkOrder(rig.World.WorkOn(W0), WorkKind.Gradient, 20, () => "first"));
        rig.Send(S0, W0, new WorkOrder(rig.World.WorkOn(W0), WorkKind.Gradient, 10, () => "second"));
        rig.Pump();

        Assert.Equal([2.0, 3.0], rig.TimesAt(W0));
    }
}
