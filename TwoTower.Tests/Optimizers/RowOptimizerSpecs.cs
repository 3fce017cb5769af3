using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Optimizers;

namespace TwoTower.Tests.Optimizers;

public class RowOptimizerSpecs
{
    [Theory]
    [InlineData(OptimizerKind.Sgd, 0.0)]
    [InlineData(OptimizerKind.Sgd, 0.01)]
    [InlineData(OptimizerKind.Adagrad, 0.0)]
    [InlineData(OptimizerKind.Adagrad, 0.01)]
    [InlineData(OptimizerKind.Adam, 0.0)]
    [InlineData(OptimizerKind.Adam, 0.01)]
    [InlineData(OptimizerKind.Momentum, 0.0)]
    [InlineData(OptimizerKind.Momentum, 0.01)]
    [InlineData(OptimizerKind.RmsProp, 0.0)]
    [InlineData(OptimizerKind.RmsProp, 0.01)]
    public void A_row_that_is_touched_every_time_moves_as_in_torch(OptimizerKind kind, double decay)
    {
        const int Width = 37; // not a multiple of any vector width
        var random = new SeededRandom(5);
        var row = Enumerable.Range(0, Width).Select(_ => (float)random.NextGaussian()).ToArray();
        var rule = RowOptimizer.Create(new OptimizerOptions { Kind = kind, WeightDecay = decay });
        var slots = Enumerable.Range(0, 2).Select(_ => new float[Width]).ToArray();
        for (var step = 1; step <= 20; step++)
        {
            var gradient = Enumerable.Range(0, Width).Select(_ => (float)random.NextGaussian()).ToArray();
            rule.Step(row, gradient, slots[0], slots[1], step, 0.1f);
        }

        var expected = TorchsRow(kind, decay);
        Assert.Equal(Width, expected.Length);
        for (var n = 0; n < Width; n++)
        {
            Assert.Equal(expected[n], row[n], 1e-5f);
        }
    }

    [Fact]
    public void Adam_corrects_the_bias_by_the_rows_own_steps_so_its_first_step_has_the_size_of_the_rate()
    {
        var row = new float[8];
        var rule = RowOptimizer.Create(new OptimizerOptions { Kind = OptimizerKind.Adam });

        rule.Step(row, [3f, -2f, 1f, 0.5f, 3f, -2f, 1f, 0.5f], new float[8], new float[8], rowStep: 1, learningRate: 0.1f);

        Assert.All(row, value => Assert.Equal(0.1f, Math.Abs(value), 1e-5f));
    }

    [Theory]
    [InlineData(37, 0.0)]
    [InlineData(8, 0.01)]
    [InlineData(3, 0.01)]
    public void Rowwise_adagrad_divides_a_row_by_the_root_of_its_summed_mean_squares(int width, double decay)
    {
        var random = new SeededRandom(6);
        var row = Enumerable.Range(0, width).Select(_ => (float)random.NextGaussian()).ToArray();
        var expected = row.Select(value => (double)value).ToArray();
        var sum = 0.0;
        var rule = RowOptimizer.Create(new OptimizerOptions { Kind = OptimizerKind.RowwiseAdagrad, WeightDecay = decay });
        Assert.Equal(1, rule.SlotWidth(width));
        var slot = new float[1];
        for (var step = 1; step <= 20; step++)
        {
            var gradient = Enumerable.Range(0, width).Select(_ => (float)random.NextGaussian()).ToArray();
            rule.Step(row, gradient, slot, default, step, 0.1f);
            var full = gradient.Select((g, n) => g + (decay * expected[n])).ToArray();
            sum += full.Sum(g => g * g) / width;
            for (var n = 0; n < width; n++)
            {
                expected[n] -= 0.1 * full[n] / (Math.Sqrt(sum) + 1e-10);
            }
        }

        for (var n = 0; n < width; n++)
        {
            Assert.Equal(expected[n], row[n], 1e-5);
        }
    }

    /// <summary>Where torch.optim (TorchSharp 0.107.0 over libtorch 2.10.0) leaves the row after the same 20 gradients at a rate of 0.1:
    /// SGD, its momentum of 0.9, Adagrad and Adam with torch's defaults, RMSProp with alpha 0.99 and eps 1e-8, each without and with
    /// weight_decay 0.01. Written down, because those optimizers give libtorch numbers that nobody
    /// holds, and are banned here for it.</summary>
    private static float[] TorchsRow(OptimizerKind kind, double decay)
    {
        using var file = new StreamReader(typeof(RowOptimizerSpecs).Assembly.GetManifestResourceStream(typeof(RowOptimizerSpecs),
            "torch-optimizers.csv")!);
        var line = file.ReadToEnd().Split('\n')
            .Single(line => line.StartsWith(FormattableString.Invariant($"{kind},{decay},"), StringComparison.Ordinal));
        return [.. line.Split(',').Skip(2).Select(value => float.Parse(value, CultureInfo.InvariantCulture))];
    }
}
