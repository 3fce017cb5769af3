using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Losses;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Losses;

/// <summary>A temperature that is a row of the item table.</summary>
public class LearnedTemperatureSpecs
{
    private const int Batch = 24;

    public static TheoryData<LossKind, bool, string> Variants => new()
    {
        { LossKind.InBatchSoftmax, false, "none" },
        { LossKind.InBatchSoftmax, true, "none" },
        { LossKind.InBatchSoftmax, true, "relu,linear:7,batchnorm" },
        { LossKind.SampledSoftmax, true, "none" },
        { LossKind.FullSoftmax, true, "linear:7" },
        { LossKind.Bpr, false, "none" },
        { LossKind.Bpr, true, "linear:7,batchnorm" },
    };

    [Theory]
    [MemberData(nameof(Variants))]
    public void Its_gradient_is_the_slope_of_the_loss_and_everything_else_is_as_with_a_fixed_one(LossKind kind, bool bias, string itemTower)
    {
        const double Temperature = 0.4;
        const float Step = 0.01f;
        var model = SoftmaxColumnSpecs.Model(normalise: true, bias) with { ItemTower = TowerSpec.Parse(itemTower) };
        var loss = new LossOptions { Kind = kind, Negatives = 5, Sampling = NegativeSampling.Uniform, MaskKnownPositives = false };

        var here = new Run(model, loss, Temperature, 0);
        var (above, below) = (new Run(model, loss, Temperature, Step), new Run(model, loss, Temperature, -Step));
        var @fixed = new Run(model, loss with { Temperature = Temperature }, null, 0);

        var slope = (above.Loss - below.Loss) / (2 * Step) / Batch;
        Assert.InRange(Math.Abs(slope), 0.01, 10);
        Assert.Equal(slope, here.TemperatureGradient, 1e-3);
        Assert.Equal(@fixed.Loss, here.Loss, 1e-4);
        Assert.All(@fixed.UserGradient.Zip(here.UserGradient), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
        Assert.All(@fixed.ItemGradient.Zip(here.ItemGradientWithoutTemperature), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    [Fact]
    public async Task It_is_trained_with_everything_else_and_no_sharding_shows_in_it()
    {
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Adam) with
        { Consistency = Consistency.Bsp, Workers = 2 };
        options = options with
        {
            Loss = options.Loss with { LearnTemperature = true, Temperature = 1 },
            Model = options.Model with { PriorStrength = 0.5 }
        };

        var (one, many) = (await InvariantSpecs.Train(options with { Shards = 1 }),
            await InvariantSpecs.Train(options with { Shards = 5, Partitioner = PartitionerKind.Balanced }));

        Assert.Equal(one.ParametersSha256, many.ParametersSha256);
        Assert.InRange(one.Temperature!.Last, 0.01, 0.95); // sharper than it began: the data can be told apart
        Assert.Equal(one.Temperature, many.Temperature);
        Assert.Null((await InvariantSpecs.Train(options with { Loss = options.Loss with { LearnTemperature = false } })).Temperature);
    }

    [Fact]
    public async Task A_resumed_run_goes_on_with_the_temperature_it_had()
    {
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.RowwiseAdagrad) with { Consistency = Consistency.Bsp };
        options = options with { Loss = options.Loss with { LearnTemperature = true, Temperature = 1 } };
        var store = new InvariantSpecs.MemoryStore();
        await LocalTraining.RunAsync(new TrainingPlan(options with { Epochs = 1 }, SmallData.Make(), store));

        var resumed = await LocalTraining.RunAsync(new TrainingPlan(options, SmallData.Make(), null, store.Last));

        Assert.Equal((await InvariantSpecs.Train(options)).Temperature!.Last, resumed.Temperature!.Last);
    }

    [Fact]
    public async Task It_is_held_between_its_bounds_and_neither_decayed_nor_projected()
    {
        var options = InvariantSpecs.Options(LossKind.InBatchSoftmax, OptimizerKind.Sgd) with { Consistency = Consistency.Bsp, Epochs = 1 };
        TrainingOptions With(OptimizerOptions optimizer, double temperature) =>
            options with { Optimizer = optimizer, Loss = options.Loss with { LearnTemperature = true, Temperature = temperature } };

        var thrown = await InvariantSpecs.Train(With(new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 1e5 }, 1));
        var still = await InvariantSpecs.Train(With(new OptimizerOptions
        {
            Kind = OptimizerKind.Sgd,
            LearningRate = 1e-6,
            WeightDecay = 1e5,
            MaxNorm = 0.01
        }, 0.2));

        Assert.Contains(thrown.Temperature!.Last, new[] { LearnedTemperature.Least, LearnedTemperature.Largest }, new Close());
        Assert.Equal(0.2, still.Temperature!.Last, 1e-3);
    }

    [Fact]
    public void A_first_temperature_out_of_its_bounds_is_refused()
    {
        Assert.Contains("0.001", new LossOptions { LearnTemperature = true, Temperature = 0.001 }.Refusal, StringComparison.Ordinal);
        Assert.Null(new LossOptions { LearnTemperature = true, Temperature = 0.01 }.Refusal);
        Assert.Null(new LossOptions { Temperature = 0.001 }.Refusal);
    }

    private sealed class Close : IEqualityComparer<double>
    {
        public bool Equals(double x, double y) => Math.Abs(x - y) < 1e-4 * y;

        public int GetHashCode(double obj) => 0;
    }

    /// <summary>Loss and gradient of one batch of random rows; log(1/T) is moved by a step.</summary>
    private sealed class Run
    {
        private readonly int _temperatureAt;
        private readonly int _width;

        public Run(ModelOptions model, LossOptions loss, double? temperature, float step)
        {
            var set = GradientSpecs.Set();
            var towers = new TowerLayouts(new TowerLayout(model, 0, set.Users, null, 3),
                new TowerLayout(model, 1, set.Items, null, 3, temperature));
            var plan = BatchPlan.For(loss, Batch, set.Items, towers);
            new BatchBuilder(set, loss, new EpochOrder(set.Log.Count, 3), 3, towers).Build(0, 5, Batch, plan);
            _width = model.ItemWidth;
            _temperatureAt = temperature is null
                ? -1 : Array.IndexOf(plan.ItemRows, towers.Items.TemperatureRow!.Value, 0, plan.ItemRowCount) * _width;
            float[] Rows(int table, int[] rows, int count, int width)
            {
                var values = new float[count * width];
                for (var n = 0; n < count; n++)
                {
                    if (table == 1 && rows[n] == towers.Items.TemperatureRow)
                    {
                        towers.Items.Initialise(values.AsSpan(n * width, width), rows[n]);
                        values[n * width] += step;
                        continue;
                    }

                    var random = new SeededRandom(11, table,
                        rows[n] - (temperature is not null && rows[n] > towers.Items.TemperatureRow && table == 1 ? 1 : 0));
                    for (var column = 0; column < width; column++)
                    {
                        values[(n * width) + column] = (float)random.NextGaussian();
                    }
                }

                return values;
            }

            var (users, items) = (Rows(0, plan.UserRows, plan.UserRowCount, model.UserWidth),
                Rows(1, plan.ItemRows, plan.ItemRowCount, _width));
            (UserGradient, ItemGradient) = (new float[users.Length], new float[items.Length]);
            using var kernel = GradientKernel.Create(model, loss, set, Batch, towers);
            Loss = kernel.Compute(plan, users, items, UserGradient, ItemGradient).LossSum;
        }

        public double Loss { get; }

        public float[] UserGradient { get; }

        public float[] ItemGradient { get; }

        public double TemperatureGradient => ItemGradient[_temperatureAt];

        public float[] ItemGradientWithoutTemperature => [.. ItemGradient[.._temperatureAt], .. ItemGradient[(_temperatureAt + _width)..]];
    }
}
