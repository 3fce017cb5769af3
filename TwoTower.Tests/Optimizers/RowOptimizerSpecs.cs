using TorchSharp;
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
        using var scope = torch.NewDisposeScope();
        var parameter = new TorchSharp.Modules.Parameter(torch.tensor(row));
        torch.optim.Optimizer reference = kind switch
        {
            OptimizerKind.Sgd => torch.optim.SGD([parameter], 0.1, weight_decay: decay),
            OptimizerKind.Adagrad => torch.optim.Adagrad([parameter], 0.1, weight_decay: decay),
            OptimizerKind.Momentum => torch.optim.SGD([parameter], 0.1, momentum: 0.9, weight_decay: decay),
            OptimizerKind.RmsProp => torch.optim.RMSProp([parameter], 0.1, alpha: 0.99, eps: 1e-8, weight_decay: decay),
            _ => torch.optim.Adam([parameter], 0.1, weight_decay: decay),
        };
        for (var step = 1; step <= 20; step++)
        {
            var gradient = Enumerable.Range(0, Width).Select(_ => (float)random.NextGaussian()).ToArray();
            rule.Step(row, gradient, slots[0], slots[1], step, 0.1f);
            parameter.grad = torch.tensor(gradient);
            reference.step();
        }

        var expected = parameter.detach().data<float>().ToArray();
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
}
