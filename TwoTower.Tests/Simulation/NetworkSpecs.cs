using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Worlds;
using static TwoTower.Tests.Simulation.WorldRig;

namespace TwoTower.Tests.Simulation;

/// <summary>The links of a simulated world do what their options say, to the tick where that can be worked out by hand.</summary>
public class NetworkSpecs
{
    [Fact]
    public void Messages_of_one_sender_leave_its_interface_one_after_the_other()
    {
        using var rig = Rig(Slow);
        rig.Send(W0, S0, Sized(500));
        rig.Send(W0, S1, Sized(500));
        rig.Pump();

        Assert.Equal([0.5 + 0.5 + 0.5], rig.TimesAt(S0)); // out, over, in
        Assert.Equal([1.0 + 0.5 + 0.5], rig.TimesAt(S1)); // waits for the other to be out
    }

    [Fact]
    public void Messages_to_one_receiver_pass_its_interface_one_after_the_other()
    {
        using var rig = Rig(Slow);
        rig.Send(W0, S0, Sized(500));
        rig.Send(W1, S0, Sized(200));
        rig.Pump();

        // The short one is out at 0.2 and there at 0.7, in at 0.9; the long one reaches the interface at 1.0, when that is free again.
        Assert.Equal([0.9, 1.5], rig.TimesAt(S0));

        rig.Send(W0, S0, Sized(500));
        rig.Send(W1, S0, Sized(500));
        rig.Pump();

        Assert.Equal([1.5 + 1.5, 1.5 + 2.0], rig.TimesAt(S0)[2..]); // both are there at once: one waits
    }

    [Fact]
    public void From_the_moment_at_which_the_network_is_calm_every_message_arrives_once_and_in_order()
    {
        using var rig = Rig(new NetworkOptions
        {
            Latency = new Distribution.Constant(0.1),
            Jitter = new Distribution.Uniform(0, 1),
            Loss = 0.5,
            Duplication = 0.5,
            Reordering = 0.5,
            CalmAfterSeconds = 10
        });
        for (var n = 0; n < 200; n++)
        {
            var number = n;
            rig.At(n * 0.1, () => rig.Send(W0, S0, Sized(48, number)));
        }

        rig.Pump();

        var numbers = rig.Received.Select(received => (int)((SnapshotProtocol.Part)received.Message).Step).ToArray();
        Assert.Equal(Enumerable.Range(100, 100), numbers[^100..]);
        Assert.InRange(rig.Drops.Count, 20, 80);
        Assert.All(rig.Drops, drop => Assert.True(drop.Seconds < 10));
    }

    [Fact]
    public void An_interface_is_as_fast_for_many_small_messages_as_for_a_large_one()
    {
        // Each takes 0.48 of a tick of 100 ns: rounded one by one, a thousand would take no time.
        using var rig = Rig(new NetworkOptions { BytesPerSecond = 1e9 });
        for (var n = 0; n < 1000; n++)
        {
            rig.Send(W0, S0, Sized(48, n));
        }

        rig.Pump();

        Assert.Equal(48e-6 + 48e-9, rig.TimesAt(S0)[^1], 2e-7);
    }

    [Fact]
    public void A_lost_message_has_kept_the_interface_busy_all_the_same()
    {
        using var rig = Rig(Slow with { Loss = 0.5 });
        for (var n = 0; n < 40; n++)
        {
            rig.Send(W0, S0, Sized(500, n));
        }

        rig.Pump();

        Assert.NotEmpty(rig.Drops);
        Assert.All(rig.Received, received => Assert.Equal((0.5 * ((SnapshotProtocol.Part)received.Message).Step) + 1.5,
            received.Seconds, 1e-6));
    }

    [Fact]
    public void Without_reordering_every_link_keeps_its_order() => Gen.Select(
        Gen.Select(Gen.Int[0, 1], Gen.Int[0, 1], Gen.Int[48, 4000], Gen.Int[0, 20]).Array[1, 60],
        Gen.Int[0, 2].Select(n => new[] { 0.0, 1e4, 1e9 }[n]), Gen.Double[0, 0.3], Gen.Long[1, 1000])
        .Sample((sends, bandwidth, share, seed) =>
        {
            var network = new NetworkOptions
            {
                Latency = new Distribution.LogNormal(0.01, 1),
                Jitter = new Distribution.Gamma(0.01, 1),
                BytesPerSecond = bandwidth,
                Loss = share,
                Duplication = share,
            };
            Assert.True(KeepsOrder(network, sends, seed));
            return true;
        }, iter: 25, threads: 1);

    [Fact]
    public void With_reordering_some_messages_overtake()
    {
        var sends = Enumerable.Range(0, 50).Select(n => (0, 0, 48, n)).ToArray();

        Assert.False(KeepsOrder(new NetworkOptions { Latency = new Distribution.LogNormal(0.01, 1), Reordering = 0.5 }, sends, 1));
    }

    [Theory]
    [InlineData(0.1, 0.0)]
    [InlineData(0.0, 0.2)]
    [InlineData(0.3, 0.3)]
    public void Loss_and_duplication_come_at_the_rates_that_were_asked_for(double loss, double duplication)
    {
        using var rig = Rig(new NetworkOptions { Latency = new Distribution.Constant(1e-3), Loss = loss, Duplication = duplication });
        const int Messages = 20_000;
        for (var n = 0; n < Messages; n++)
        {
            rig.Send(W0, S0, Sized(48, n));
        }

        rig.Pump();

        var lost = rig.Drops.Count / (double)Messages;
        var doubled = (rig.Received.Count / (double)(Messages - rig.Drops.Count)) - 1;
        Assert.Equal(loss, lost, 5 * Math.Sqrt(0.25 / Messages)); // five standard deviations at the most
        Assert.Equal(duplication, doubled, 5 * Math.Sqrt(0.25 / (Messages * (1 - loss))));
    }

    [Fact]
    public void A_doubled_message_comes_with_buffers_of_its_own()
    {
        using var rig = Rig(new NetworkOptions { Latency = new Distribution.Constant(1e-3), Duplication = 0.9 });
        for (var n = 0; n < 20; n++)
        {
            rig.Send(W0, S0, new ParameterProtocol.Pull(new ShardId(0), new WorkerId(0), n, 0, RowKeys.Rent(3), RowKeys.Rent(0)));
        }

        rig.Pump();

        var pulls = rig.Received.Select(received => (ParameterProtocol.Pull)received.Message).ToArray();
        Assert.True(pulls.Length > 20);
        Assert.Equal(pulls.Length, pulls.Select(pull => pull.Users.Array).Distinct().Count());
    }

    [Fact]
    public void What_one_link_does_does_not_depend_on_what_passes_another()
    {
        var network = NetworkOptions.Preset("wan") with { BytesPerSecond = 0, Loss = 0.2, Duplication = 0.2, Reordering = 0.2 };

        Assert.Equal(TimesOfOneLink(network, 0), TimesOfOneLink(network, 57));

        static double[] TimesOfOneLink(NetworkOptions network, int others)
        {
            using var rig = Rig(network);
            for (var n = 0; n < 100; n++)
            {
                rig.Send(W0, S0, Sized(48, n));
                for (var other = 0; n == 50 && other < others; other++)
                {
                    rig.Send(W1, S1, Sized(48, other));
                    rig.Send(S0, W0, Sized(48, other));
                }
            }

            rig.Pump();
            return rig.TimesAt(S0);
        }
    }

    [Fact]
    public void A_one_way_partition_is_one_way_and_partitions_compose()
    {
        using var rig = Rig(new NetworkOptions { Latency = new Distribution.Constant(1e-3) });
        var oneWay = new NetworkCut(NodeSet.Of(W0), NodeSet.Of(S0), OneWay: true);
        var both = new NetworkCut(NodeSet.Of(W0), new NodeSet([new NodePattern(NodeRole.Shard, null)]), OneWay: false);

        rig.World.Cut(oneWay);
        Assert.Equal("S0→W0 W0→S1 S1→W0", Reach());
        rig.World.Cut(both);
        Assert.Equal("", Reach());
        rig.World.Heal(oneWay);
        Assert.Equal("", Reach());
        rig.World.Cut(both);
        rig.World.Heal(both);
        Assert.Equal("", Reach()); // it had been cut twice
        rig.World.Heal(both);
        Assert.Equal("W0→S0 S0→W0 W0→S1 S1→W0", Reach());

        string Reach()
        {
            rig.Received.Clear();
            rig.Send(W0, S0, "W0→S0");
            rig.Send(S0, W0, "S0→W0");
            rig.Send(W0, S1, "W0→S1");
            rig.Send(S1, W0, "S1→W0");
            rig.Pump();
            return string.Join(' ', rig.Received.Select(received => received.Message));
        }
    }

    [Fact]
    public void A_message_is_cut_off_when_it_is_sent_into_a_partition_and_when_it_would_arrive_in_one()
    {
        using var rig = Rig(new NetworkOptions { Latency = new Distribution.Constant(1) });
        var cut = new NetworkCut(NodeSet.Of(W0), NodeSet.All, OneWay: false);
        rig.At(0, () => rig.Send(W0, S0, Sized(48, 1))); // would arrive at 1, in the partition
        rig.At(0.5, () => rig.World.Cut(cut));
        rig.At(1.2, () => rig.Send(W0, S0, Sized(48, 2))); // would arrive at 2.2, when it is healed
        rig.At(1.5, () => rig.World.Heal(cut));
        rig.At(1.6, () => rig.Send(W0, S0, Sized(48, 3)));
        rig.Pump();

        Assert.Equal(3, ((SnapshotProtocol.Part)Assert.Single(rig.Received).Message).Step);
        Assert.Equal([(1.0, "partition"), (1.2, "partition")], rig.Drops);
    }

    private static bool KeepsOrder(NetworkOptions network, (int From, int To, int Bytes, int Wait)[] sends, long seed)
    {
        using var rig = new WorldRig(new WorldOptions { Network = network, Seed = seed }, W0, W1, S0, S1);
        var at = 0.0;
        for (var n = 0; n < sends.Length; n++)
        {
            var (from, to, bytes, wait) = sends[n];
            var message = Sized(bytes, (n * 4) + (from * 2) + to);
            at += wait * 1e-3;
            rig.At(at, () => rig.Send(NodeId.Worker(from), NodeId.Shard(to), message));
        }

        rig.Pump();
        return rig.Received.Select(received => ((SnapshotProtocol.Part)received.Message).Step).GroupBy(step => step % 4)
            .All(link => link.SequenceEqual(link.Order()));
    }
}
