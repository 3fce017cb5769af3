using Akka.Configuration;
using CsCheck;
using TwoTower.Actors.Hosting.Majority;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster.Majority;

/// <summary>A shard's leave to take pushes never outlives the sight of a majority, whatever the network does to the
/// messages and whatever the clocks say.</summary>
public class MajoritySpecs
{
    private const double Lease = 2, Every = 0.25;

    [Fact]
    public void Nobody_holds_a_lease_once_the_coordinator_has_been_cut_off_from_a_majority_for_the_length_of_a_lease() =>
        Gen.Select(Gen.Int[1, 7], Gen.Int, Gen.Double[1, 6], Gen.Double[0, 6], Gen.Double[0, 0.5])
            .Sample((members, seed, cut, longest, loss) =>
            {
                var world = new World(members, seed, longest, loss);
                // So many that neither they nor their echoes are a majority, not even by the first member.
                var side = Enumerable.Range(0, members).OrderByDescending(member => member).Take((members - 1) / 2).ToHashSet();
                if (side.Count == 0)
                {
                    return;
                }

                world.Coordinator = side.First();
                world.Cut = (cut, side);
                world.Run(cut + Lease, always: () => { });
                world.Run(cut + 20, always: () => Assert.DoesNotContain(true, world.Holding()));
            }, iter: 300);

    [Fact]
    public void A_member_that_is_cut_off_from_the_coordinator_holds_no_lease_after_the_length_of_one_and_the_majority_goes_on() =>
        Gen.Select(Gen.Int[3, 7], Gen.Int, Gen.Double[1, 6], Gen.Double[0, 6]).Sample((members, seed, cut, longest) =>
        {
            var world = new World(members, seed, longest, loss: 0);
            var side = Enumerable.Range(0, members).OrderByDescending(member => member).Take((members - 1) / 2).ToHashSet();
            world.Coordinator = 0;
            world.Cut = (cut, side);
            world.Run(cut + Lease, always: () => { });
            world.Run(cut + 20, always: () => Assert.All(side, member => Assert.False(world.Holding()[member])));
            world.Delay = 0.1; // the network is well again
            world.Run(cut + 30, always: () => { });
            world.Run(cut + 35, always: () => Assert.All(Enumerable.Range(0, members).Except(side),
                member => Assert.True(world.Holding()[member])));
        }, iter: 200);

    [Fact]
    public void Whoever_holds_a_lease_does_so_because_a_majority_answered_pulses_that_were_sent_within_its_length() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int, Gen.Double[0, 4], Gen.Double[0, 0.8]).Sample((members, seed, longest, loss) =>
        {
            var world = new World(members, seed, longest, loss);
            world.Run(15, always: () =>
            {
                if (world.Holding().Contains(true))
                {
                    var insight = Enumerable.Range(0, members).Where(member => world.InSight[member] >= world.Now - Lease).ToArray();
                    Assert.True(insight.Length * 2 > members || (insight.Length * 2 == members && insight.Contains(0)),
                        $"{insight.Length} of {members} were in sight");
                }
            });
        }, iter: 300);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    public void In_a_cluster_that_is_well_everybody_holds_a_lease_all_the_time_even_when_every_message_is_late(double late)
    {
        var world = new World(5, seed: 1, longest: late, loss: 0);
        world.Run(2, always: () => { });
        world.Run(30, always: () => Assert.All(world.Holding(), Assert.True));
    }

    [Fact]
    public void Half_of_the_members_are_a_majority_only_with_the_first()
    {
        Assert.Equal(1, After(["a", "b", "c", "d"], ("a", 1), ("b", 2)).Since);
        Assert.Equal(double.NegativeInfinity, After(["a", "b", "c", "d"], ("b", 1), ("c", 2)).Since);
        Assert.Equal(2, After(["a", "b", "c", "d"], ("a", 1), ("b", 2), ("c", 3), ("d", 4)).Since);
        Assert.Equal(2, After(["a", "b", "c"], ("a", 1), ("b", 2), ("c", 3)).Since);
        Assert.Equal(3, After(["a", "b"], ("a", 3), ("b", 2)).Since);
        Assert.Equal(double.NegativeInfinity, After(["a", "b"], ("b", 2)).Since);
        Assert.Equal(double.NegativeInfinity, After([]).Since);
    }

    [Fact]
    public void Whoever_is_no_member_counts_for_nothing_nor_does_an_answer_to_what_was_not_sent()
    {
        var grants = After(["a", "b", "c"], ("a", 1), ("x", 1));
        Assert.False(grants.Hear(new MajorityProtocol.Echo("b", 9, 0), now: 5));
        Assert.Equal(double.NegativeInfinity, grants.Since);

        Assert.True(grants.Hear(new MajorityProtocol.Echo("b", 2, 0), now: 5));
        Assert.Equal(1, grants.Since);
        grants.SetMembers(["a", "c", "d"]);
        Assert.Equal(double.NegativeInfinity, grants.Since);
    }

    [Fact]
    public void A_pulse_that_comes_late_takes_no_lease_back_and_gives_none_that_is_over()
    {
        var lease = new MajorityLease();
        lease.Take(new MajorityProtocol.Pulse("a", 100, Heard: 1, Seconds: 2), now: 1.5);
        lease.Take(new MajorityProtocol.Pulse("a", 99, Heard: 0.5, Seconds: 2), now: 1.6);
        Assert.True(lease.IsHeld(2.9));
        Assert.False(lease.IsHeld(3));

        lease.Take(new MajorityProtocol.Pulse("a", 101, Heard: 1.5, Seconds: 2), now: 60);
        Assert.False(lease.IsHeld(60));
        lease.Take(new MajorityProtocol.Pulse("a", 102, Heard: 61, Seconds: 2), now: 60); // another life's clock
        Assert.False(lease.IsHeld(60));
    }

    [Fact]
    public void With_the_settings_that_every_node_has_a_lease_is_over_long_before_anybody_takes_over()
    {
        var cluster = ConfigurationFactory.ParseString(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cluster.hocon")))
            .GetConfig("akka.cluster");
        var (pause, stable, margin) = (cluster.GetTimeSpan("failure-detector.acceptable-heartbeat-pause"),
            cluster.GetTimeSpan("split-brain-resolver.stable-after"), cluster.GetTimeSpan("down-removal-margin"));

        var times = MajorityTimes.Within(margin);

        Assert.Equal("keep-majority", cluster.GetString("split-brain-resolver.active-strategy"));
        Assert.True(times.Lease < margin.TotalSeconds, $"{times.Lease} s"); // also where a member is removed that still hears pulses
        Assert.True(times.Lease + 1 < (pause + stable).TotalSeconds, $"{times.Lease} s");
        Assert.True(times.Pulse * 4 <= times.Lease, $"{times.Pulse} s");
        Assert.Throws<ArgumentException>(() => MajorityTimes.Within(TimeSpan.Zero));
    }

    private static MajorityGrants After(string[] members, params (string Member, double Heard)[] echoes)
    {
        var grants = new MajorityGrants(Lease);
        grants.SetMembers(members);
        foreach (var (member, heard) in echoes)
        {
            grants.Hear(new MajorityProtocol.Echo(member, heard, 0), now: 100);
        }

        return grants;
    }

    /// <summary>A coordinator and members with clocks of their own, and a network that delays,
    /// reorders and loses, and can be cut.</summary>
    private sealed class World
    {
        private const double Step = 0.05;
        private readonly Random _random;
        private readonly MajorityGrants _grants = new(Lease);
        private readonly MajorityLease[] _leases;
        private readonly double[] _offsets;
        private readonly double _offset;
        private readonly double _loss;
        private readonly List<(double At, int Member, object Message)> _network = [];
        private long _steps;

        public World(int members, int seed, double longest, double loss)
        {
            (_random, _loss, Delay) = (new Random(seed), loss, longest);
            _leases = [.. Enumerable.Range(0, members).Select(_ => new MajorityLease())];
            _offsets = [.. _leases.Select(_ => _random.NextDouble() * 1000)];
            _offset = _random.NextDouble() * 1000;
            InSight = [.. _leases.Select(_ => double.NegativeInfinity)];
            _grants.SetMembers([.. Enumerable.Range(0, members).Select(NameOf)]);
        }

        public double Now => _steps * Step;

        public double Delay { get; set; }

        public int Coordinator { get; set; }

        public (double At, HashSet<int> Side) Cut { get; set; } = (double.PositiveInfinity, []);

        /// <summary>When each member last had a pulse.</summary>
        public double[] InSight { get; }

        public bool[] Holding() => [.. _leases.Select((lease, member) => lease.IsHeld(Now + _offsets[member]))];

        public void Run(double until, Action always)
        {
            for (; Now < until; _steps++)
            {
                if (_steps % (long)Math.Round(Every / Step) == 0)
                {
                    for (var member = 0; member < _leases.Length; member++)
                    {
                        Send(member, _grants.To(NameOf(member), Now + _offset));
                    }
                }

                foreach (var due in _network.Where(sent => sent.At <= Now).ToArray())
                {
                    _network.Remove(due);
                    if (due.Message is MajorityProtocol.Pulse pulse)
                    {
                        InSight[due.Member] = Now;
                        _leases[due.Member].Take(pulse, Now + _offsets[due.Member]);
                        Send(due.Member, new MajorityProtocol.Echo(pulse.Node, pulse.Sent, Now + _offsets[due.Member]));
                    }
                    else
                    {
                        _grants.Hear((MajorityProtocol.Echo)due.Message, Now + _offset);
                    }
                }

                always();
            }
        }

        /// <summary>Once the network is cut nothing is sent over the cut, but what was on its way may still arrive, however late.</summary>
        private void Send(int member, object message)
        {
            if ((Now < Cut.At || Cut.Side.Contains(member) == Cut.Side.Contains(Coordinator)) && _random.NextDouble() >= _loss)
            {
                _network.Add((Now + (_random.NextDouble() * Delay), member, message));
            }
        }

        private static string NameOf(int member) => $"node-{member}";
    }
}
