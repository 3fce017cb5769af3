using CsCheck;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Tests.Training;

/// <summary>Read copies of hot rows save pulls, and never beyond what consistency allows.</summary>
public class HotRowSpecs
{
    private static TrainingOptions Options => InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
    { Workers = 4, Consistency = Consistency.Ssp(4), Shards = 2, Epochs = 6, Patience = 0 };

    private static WorldOptions World => new()
    {
        Network = NetworkOptions.Preset("lan"),
        Compute = new ComputeOptions { ExamplesPerSecond = 1000, Factor = Distribution.Parse("lognormal:1:0.5") },
    };

    [Fact]
    public void The_hot_rows_are_the_most_accessed_and_a_row_without_accesses_is_not_one()
    {
        var hot = new HotSet([3, 9, 0, 9, 1], 4);

        Assert.Equal(4, hot.Count);
        Assert.Equal([2, 0, -1, 1, 3], Enumerable.Range(0, 5).Select(hot.IndexOf));
        Assert.Equal(-1, new HotSet([3, 9], 0).IndexOf(1));
    }

    [Fact]
    public void A_copy_serves_as_long_as_the_refresh_says_and_the_later_pull_wins()
    {
        var copies = new RowCopies(new HotSet([5, 7], 1), 2, 3);
        copies.Keep(0, 10, [1, 1], 4, 40);
        copies.Keep(1, 10, [2, 3], 5, 50);

        Assert.Null(copies.Find(0, 10)); // not hot
        Assert.Equal([2f, 3f], copies.Find(1, 13)!.Values);
        Assert.Null(copies.Find(1, 14));

        copies.Keep(1, 9, [8, 8], 3, 30); // rows that come late
        Assert.Equal((10L, 5, 50L), (copies.Find(1, 13)!.Clock, copies.Find(1, 13)!.Version, copies.Find(1, 13)!.ShardVersion));

        copies.Clear();
        Assert.Null(copies.Find(1, 10));
    }

    [Fact]
    public void A_copy_is_never_older_than_the_refresh() =>
        Gen.Select(Gen.Int[0, 5], Gen.Select(Gen.Bool, Gen.Int[0, 30]).Array[0, 60]).Sample((refresh, steps) =>
        {
            var copies = new RowCopies(new HotSet([1], 1), 1, refresh);
            var latest = long.MinValue;
            foreach (var (keep, clock) in steps)
            {
                if (keep)
                {
                    copies.Keep(0, clock, [clock], clock, clock);
                    latest = Math.Max(latest, clock);
                }
                else
                {
                    var usable = refresh > 0 && latest >= 0 && clock - latest <= refresh;
                    Assert.Equal(usable ? latest : null, copies.Find(0, clock)?.Clock);
                }
            }
        });

    [Fact]
    public void The_distance_in_clocks_is_that_to_the_oldest_push_of_another_that_a_batch_missed()
    {
        var history = new PushHistory(3);
        foreach (var (worker, clock) in new[] { (0, 1L), (1, 5L), (2, 2L), (0, 9L) })
        {
            history.Add(worker, clock);
        }

        Assert.Equal(8, history.ClocksAhead(1, 10, 1)); // missed 5 (its own), 2 and 9
        Assert.Equal(1, history.ClocksAhead(1, 10, 3));
        Assert.Equal(0, history.ClocksAhead(1, 10, 4));
        Assert.Equal(0, history.ClocksAhead(0, 10, 3)); // its own
        Assert.Equal(0, history.ClocksAhead(0, 10, long.MaxValue)); // read nothing here
    }

    [Fact]
    public void Copies_save_pulled_bytes_and_leave_what_is_pushed_as_it_was()
    {
        var (with, without) = (new Pulled(), new Pulled());
        SimulatedTraining.Run(new TrainingPlan(Options, SmallData.Make()), World, [without]);
        var outcome = SimulatedTraining.Run(new TrainingPlan(Options with { HotRows = 20, HotRowsRefresh = 3 }, SmallData.Make()),
            World, [with]);

        Assert.InRange(with.Rows, 1, 0.8 * without.Rows);
        Assert.Equal(without.Pushed, with.Pushed);
        Assert.Equal(StopReason.Finished, outcome.Training.Reason);
    }

    [Theory]
    [InlineData(4, 0)]
    [InlineData(4, 1)]
    [InlineData(4, 4)]
    [InlineData(9, 5)]
    public void What_is_read_is_never_staler_than_the_consistency_bound_whatever_the_refresh(int bound, int refresh)
    {
        var options = Options with { Consistency = Consistency.Ssp(bound), HotRows = 30, HotRowsRefresh = refresh };
        var world = World with { Network = NetworkOptions.Preset("wan") with { Loss = 0.02, Reordering = 0.2 } };

        var outcome = SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), world).Training;

        Assert.Equal(0, outcome.Staleness.BoundViolations);
        Assert.InRange(outcome.Staleness.MaxClocks, refresh == bound ? 0 : 1, bound);
    }

    [Fact]
    public void Copies_make_what_is_pushed_measurably_staler()
    {
        var fresh = SimulatedTraining.Run(new TrainingPlan(Options with { Consistency = Consistency.Asp }, SmallData.Make()), World)
            .Training.Staleness;
        var copied =
            SimulatedTraining.Run(new TrainingPlan(Options with { Consistency = Consistency.Asp, HotRows = 30, HotRowsRefresh = 8 },
            SmallData.Make()), World).Training.Staleness;

        Assert.InRange(copied.Mean, 1.5 * fresh.Mean, 100);
        Assert.InRange(copied.MaxClocks, 8, 1000); // the shard sees that copies were used 8 clocks after their pull
    }

    [Theory]
    [InlineData("bsp", 1)]
    [InlineData("ssp:3", 4)]
    public void Copies_older_than_the_bound_are_refused(string consistency, int refresh)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));

        var refused = Assert.Throws<TrainingException>(() =>
            new TrainingRun(new TrainingPlan(Options with { Consistency = model, HotRows = 5, HotRowsRefresh = refresh },
            SmallData.Make())));

        Assert.Contains("train.hotRowsRefresh", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Live_workers_keep_copies_too()
    {
        var plain = await InvariantSpecs.Train(Options with { Workers = 1, Consistency = Consistency.Asp });
        var copied = await InvariantSpecs.Train(Options with
        {
            Workers = 1,
            Consistency = Consistency.Asp,
            HotRows = 30,
            HotRowsRefresh = 3
        });

        Assert.InRange(copied.Shards.Sum(shard => shard.Bytes), 1, 0.95 * plain.Shards.Sum(shard => shard.Bytes));
        Assert.True(copied.Staleness.Mean > plain.Staleness.Mean);
    }

    [Fact]
    public async Task Under_bsp_a_refresh_of_0_changes_no_bit()
    {
        var plain = await InvariantSpecs.Train(Options with { Consistency = Consistency.Bsp });
        var copied = await InvariantSpecs.Train(Options with { Consistency = Consistency.Bsp, HotRows = 30 });

        Assert.Equal(plain.ParametersSha256, copied.ParametersSha256);
    }

    private sealed class Pulled : IWorldObserver
    {
        public long Rows { get; private set; }

        public long Pushed { get; private set; }

        public void Delivered(double now, in Crossing crossing)
        {
            switch (crossing.Message)
            {
                case ParameterProtocol.Rows rows:
                    Rows += rows.Users.Count + rows.Items.Count;
                    break;
                case ParameterProtocol.Push push:
                    Pushed += push.Users.Count + push.Items.Count;
                    break;
            }
        }
    }
}
