using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Compute;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Sizing;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>With numerics off the same actors send the same messages, and sizes that no machine here holds can be tried.</summary>
public class SizedRunSpecs
{
    private static TrainingOptions Options => new()
    {
        Workers = 20,
        Shards = 4,
        BatchSize = 64,
        Epochs = 1,
        Consistency = Consistency.Ssp(4),
        Patience = 0,
        Model = new() { Dim = 16 },
    };

    private static SizedModel Billion => new() { Users = 1_000_000_000, Items = 50_000_000, Examples = 64 * 200 };

    [Theory]
    [InlineData("bsp")]
    [InlineData("ssp:3")]
    [InlineData("asp")]
    public void A_billion_rows_train_to_the_end_and_every_batch_is_applied_once_on_every_shard(string consistency)
    {
        Assert.True(Consistency.TryParse(consistency, out var model));

        var outcome = SimulatedTraining.Run(new SizedRun(Options with { Consistency = model }, Billion), new WorldOptions()).Training;

        Assert.Equal(StopReason.Finished, outcome.Reason);
        Assert.All(outcome.Shards, shard => Assert.Equal(200, shard.Pushes));
        Assert.Equal(1_050_000_000, outcome.Shards.Sum(shard => shard.Rows));
        Assert.Equal(0, outcome.Staleness.BoundViolations);
    }

    [Fact]
    public void Two_runs_of_one_seed_take_the_same_virtual_time_and_another_seed_another()
    {
        var world = new WorldOptions { Network = NetworkOptions.Preset("cloud") };
        double Seconds(long seed) => SimulatedTraining.Run(new SizedRun(Options with { Seed = seed }, Billion), world).VirtualSeconds;

        Assert.Equal(Seconds(1), Seconds(1));
        Assert.NotEqual(Seconds(1), Seconds(2));
    }

    [Fact]
    public void Counted_messages_have_the_size_of_those_with_values_and_no_frame()
    {
        var rows = RowBlock.Rent(RowKeys.Rent(7), 16);
        var real = new ParameterProtocol.Rows(new ShardId(1), new WorkerId(2), 3, 4, rows, rows);
        var counted = real with { Users = RowBlock.Counted(7, 16), Items = RowBlock.Counted(7, 16) };

        Assert.Equal(WireSize.Of(real), WireSize.Of(counted));
        Assert.Throws<WireException>(() => WireFormat.Encode(counted));
        Assert.Same(counted.Users.Values, ((ParameterProtocol.Rows)counted.Copy()).Users.Values);
        counted.Return();

        var part = new SnapshotProtocol.Part(new ShardId(0), 1, 1, false, new float[160], []);
        Assert.Equal(WireSize.Of(part), WireSize.Of(part with { Users = [], Absent = 640 }));
        Assert.Throws<WireException>(() => WireFormat.Encode(part with { Users = [], Absent = 640 }));
    }

    [Theory]
    [InlineData(LossKind.InBatchSoftmax)]
    [InlineData(LossKind.SampledSoftmax)]
    [InlineData(LossKind.FullSoftmax)]
    public void As_many_messages_of_each_kind_go_out_as_with_numerics_and_their_sizes_differ_only_by_the_rows_drawn(LossKind loss)
    {
        var options = InvariantSpecs.Options(loss, OptimizerKind.Adagrad) with
        {
            Workers = 3,
            Consistency = Consistency.Asp,
            Epochs = 1,
            Patience = 0
        };
        options = options with { Loss = options.Loss with { Negatives = 20 } };
        var data = SmallData.Make();
        var world = new WorldOptions { Network = NetworkOptions.Preset("lan") };
        var (real, sized) = (new MessageCounts(), new MessageCounts());

        SimulatedTraining.Run(new TrainingPlan(options, data), world, [real]);
        SimulatedTraining.Run(
            new SizedRun(options, new SizedModel
            {
                Users = data.Users.Count,
                Items = data.Items.Count,
                Examples = data.Train.Count,
                UserSkew = 0
            }), world, [sized]);

        Assert.Equal(real.Counts, sized.Counts);
        Assert.InRange(sized.Bytes, 0.7 * real.Bytes, 1.4 * real.Bytes);
    }

    [Fact]
    public void What_limits_a_run_is_named()
    {
        var compute = new Saturation(new WorldOptions());
        SimulatedTraining.Run(new SizedRun(Options, Billion), new WorldOptions
        {
            Network = NetworkOptions.Preset("local"),
            Compute = new ComputeOptions { ExamplesPerSecond = 1000 }
        }, [compute]);
        Assert.InRange(compute.WorkerCompute, 0.8, 1);

        var slow = new WorldOptions
        {
            Network = NetworkOptions.Preset("lan") with { BytesPerSecond = 1e6 },
            Compute = new ComputeOptions { ExamplesPerSecond = 1e7 }
        };
        var network = new Saturation(slow);
        SimulatedTraining.Run(new SizedRun(Options, Billion with { Users = 100_000, Items = 10_000 }), slow, [network]);
        Assert.InRange(Math.Max(network.Sending.Share, network.Receiving.Share), 0.7, 1.01);
        Assert.InRange(network.WorkerCompute, 0, 0.1);
        Assert.StartsWith("shard-", network.Sending.Node.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Zipf_draws_fall_off_as_the_law_says()
    {
        foreach (var exponent in new[] { 0, 0.5, 1, 1.3 })
        {
            var law = new Zipf(50, exponent);
            var random = new SeededRandom(11);
            var counts = new int[50];
            const int draws = 200_000;
            for (var n = 0; n < draws; n++)
            {
                counts[law.Draw(ref random)]++;
            }

            var total = Enumerable.Range(1, 50).Sum(rank => Math.Pow(rank, -exponent));
            for (var rank = 0; rank < 50; rank++)
            {
                var expected = draws * Math.Pow(rank + 1, -exponent) / total;
                Assert.InRange(counts[rank], expected - (5 * Math.Sqrt(expected)), expected + (5 * Math.Sqrt(expected)));
            }
        }
    }

    [Fact]
    public void Zipf_draws_stay_within_the_ranks_however_many_there_are() =>
        Gen.Select(Gen.Long[1, 4_000_000_000], Gen.Double[0, 3], Gen.Long).Sample((ranks, exponent, seed) =>
        {
            var random = new SeededRandom(seed);
            Assert.InRange(new Zipf(ranks, exponent).Draw(ref random), 0, ranks - 1);
        });

    [Fact]
    public void The_formula_puts_rows_where_the_stored_layout_does()
    {
        foreach (var kind in new[] { PartitionerKind.Range, PartitionerKind.Modulo, PartitionerKind.Hash })
        {
            var layout = TableLayout.Create(kind, 7, new int[100]);
            Assert.All(Enumerable.Range(0, 100), row => Assert.Equal(layout.ShardOf(row), SizedModel.ShardOf(kind, row, 100, 7)));
        }
    }

    [Fact]
    public void What_needs_stored_rows_is_refused()
    {
        Assert.Contains("balanced",
            Assert.Throws<WorldException>(() => new SizedRun(Options with { Partitioner = PartitionerKind.Balanced }, Billion)).Message,
            StringComparison.OrdinalIgnoreCase);
        Assert.Contains("train.hotRows", Assert.Throws<WorldException>(() => new SizedRun(Options with { HotRows = 1 }, Billion)).Message,
            StringComparison.Ordinal);
        Assert.Throws<WorldException>(() => new SizedRun(Options, Billion with { Users = 0 }));
        Assert.Throws<WorldException>(() => new SizedRun(Options, Billion with { ItemSkew = -1 }));
    }

    private sealed class MessageCounts : IWorldObserver
    {
        public SortedDictionary<string, int> Counts { get; } = new(StringComparer.Ordinal);

        public long Bytes { get; private set; }

        public void Sent(double now, in Crossing crossing)
        {
            // Whether a shard is pulled from, and so how often, depends on the rows drawn.
            if (crossing.Message is ParameterProtocol.Pull or ParameterProtocol.Rows)
            {
                Bytes += crossing.Bytes;
                return;
            }

            Bytes += crossing.Message is SnapshotProtocol.Evaluated ? 0 : crossing.Bytes;
            var name = crossing.Message.GetType().Name;
            Counts[name] = Counts.GetValueOrDefault(name) + 1;
        }
    }
}
