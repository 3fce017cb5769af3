using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Simulation;

/// <summary>Rows that travel rounded: the same numbers wherever training runs, and fewer bytes.</summary>
public class PrecisionSpecs
{
    private static TrainingOptions Options => InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
    { Workers = 3, Consistency = Consistency.Bsp, Model = new ModelOptions { Dim = 64 } };

    [Theory]
    [InlineData(RowPrecision.BFloat16, RowPrecision.Int8)]
    [InlineData(RowPrecision.Int8, RowPrecision.BFloat16)]
    public async Task Rounded_pulls_and_pushes_train_the_same_model_live_and_simulated_and_another_than_whole_floats(RowPrecision pull,
        RowPrecision push)
    {
        var options = Options with { PullPrecision = pull, PushPrecision = push };

        var live = await InvariantSpecs.Train(options);
        var simulated = SimulatedTrainingSpecs.Simulate(options,
            new WorldOptions { Network = NetworkOptions.Preset("wan") with { Duplication = 0.1, Loss = 0.02 } }).Training;

        Assert.Equal(live.ParametersSha256, simulated.ParametersSha256);
        Assert.NotEqual((await InvariantSpecs.Train(Options)).ParametersSha256, live.ParametersSha256);
    }

    [Fact]
    public void Traffic_falls_with_the_bits_in_the_direction_that_is_rounded()
    {
        var whole = Traffic(Options);
        var pulls = Traffic(Options with { PullPrecision = RowPrecision.BFloat16 });
        var pushes = Traffic(Options with { PushPrecision = RowPrecision.Int8 });

        // Per row 64 values and 8 bytes of key and version: 264 bytes as floats, 136 as bfloat16, 74 as int8. Headers are the rest.
        Assert.Equal(whole.Pushes, pulls.Pushes);
        Assert.Equal(whole.Rows, pushes.Rows);
        Assert.InRange((double)pulls.Rows / whole.Rows, 136 / 264.0, (136 / 264.0) + 0.03);
        Assert.InRange((double)pushes.Pushes / whole.Pushes, 74 / 264.0, (74 / 264.0) + 0.03);
    }

    private static (long Rows, long Pushes) Traffic(TrainingOptions options)
    {
        var meter = new Meter();
        SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()),
            new WorldOptions { Network = NetworkOptions.Preset("ideal") }, [meter]);
        return (meter.Rows, meter.Pushes);
    }

    private sealed class Meter : IWorldObserver
    {
        public long Rows { get; private set; }

        public long Pushes { get; private set; }

        public void Sent(double now, in Crossing crossing)
        {
            Rows += crossing.Message is ParameterProtocol.Rows ? crossing.Bytes : 0;
            Pushes += crossing.Message is ParameterProtocol.Push ? crossing.Bytes : 0;
        }
    }
}
