using CsCheck;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Simulation;
using TwoTower.Model;
using TwoTower.Node.Calibration;

namespace TwoTower.Tests.Planning;

/// <summary>What timings are taken to say about a machine.</summary>
public class CalibrationSpecs
{
    [Fact]
    public void The_speed_is_the_median_and_one_slow_batch_does_not_move_it()
    {
        var speed = KernelSpeed.Of([(100, 0.010), (100, 0.010), (200, 0.020), (100, 0.010), (100, 1.0)]);

        Assert.Equal(10_000, speed.ExamplesPerSecond, 6);
        Assert.Equal((0.04 + 1.0) / 5 / 0.010, speed.MeanFactor, 6);
        Assert.Equal(5, speed.Batches);
    }

    [Fact]
    public void Batches_of_two_speeds_have_the_spread_of_their_sample()
    {
        var speed = KernelSpeed.Of([(10, 1), (10, 3)]);

        Assert.Equal(5, speed.ExamplesPerSecond, 9);
        Assert.Equal(Math.Sqrt(2) / 2, speed.Cv, 9);
        Assert.Equal(1, speed.MeanFactor, 9);
        Assert.Equal("lognormal:1:0.7071", speed.Factor);
    }

    [Fact]
    public void A_spread_that_is_tiny_is_a_constant()
    {
        Assert.Equal("constant:1", KernelSpeed.Of([(100, 0.0100), (100, 0.01001), (100, 0.00999)]).Factor);
        Assert.Equal("constant:1", KernelSpeed.Of([(7, 0.5)]).Factor);
    }

    [Fact]
    public void Lognormal_timings_give_their_own_parameters_back()
    {
        var law = new Distribution.LogNormal(1, 0.4);
        var random = new SeededRandom(3);
        var timings = new List<(int, double)>();
        for (var n = 0; n < 50_000; n++)
        {
            timings.Add((1000, 0.01 * law.Draw(ref random)));
        }

        var speed = KernelSpeed.Of(timings);
        var factor = Assert.IsType<Distribution.LogNormal>(Distribution.Parse(speed.Factor));

        Assert.InRange(factor.Cv, 0.38, 0.42);
        Assert.InRange(factor.Mean / speed.ExamplesPerSecond, 0.0099e-3, 0.0101e-3); // the mean time of an example survives
    }

    [Fact]
    public void The_mean_time_survives_whatever_the_timings() =>
        Gen.Double[1e-5, 1].Array[1, 40].Sample(seconds =>
        {
            var speed = KernelSpeed.Of([.. seconds.Select(time => (50, time))]);
            Assert.Equal(seconds.Average() / 50, speed.MeanSeconds, 9);
        });

    [Fact]
    public void No_timings_and_batches_without_time_are_refused()
    {
        Assert.Throws<ArgumentException>(() => KernelSpeed.Of([]));
        Assert.Throws<ArgumentException>(() => KernelSpeed.Of([(5, 0)]));
        Assert.Throws<ArgumentException>(() => KernelSpeed.Of([(0, 1)]));
    }

    [Theory]
    [InlineData("asp", 4, 0.5)]
    [InlineData("bsp", 6, 1)]
    public void What_nobody_was_busy_for_was_spent_by_messages_on_their_way(string consistency, int hops, double shareOfApply)
    {
        Assert.True(Consistency.TryParse(consistency, out var kind));
        var time = new TimeSplit(Pull: 1, Gather: 1, Gemm: 2, Softmax: 1, Gradient: 1, Push: 1, Apply: 4, Wait: 0);

        var cost = MessageCost.Of(new TrainingOptions { Shards = 4, Consistency = kind }, time, 10_000, 8_000_000, 0.1, 100, 0);

        Assert.Equal((0.1 - 0.07 - (0.01 * shareOfApply)) / hops, cost.Latency, 9);
        Assert.Equal((2e-4, 4e-4, 2e6), (Math.Round(cost.WorkerSeconds, 9), Math.Round(cost.ShardSeconds, 9), cost.ShardBytesPerSecond));
        Assert.Equal(0, MessageCost.Of(new TrainingOptions(), time, 10_000, 1, 0.01, 100, 0).Latency);
    }
}
