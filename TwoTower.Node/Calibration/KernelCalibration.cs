using System.Diagnostics;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Losses;

namespace TwoTower.Node.Calibration;

/// <summary>Times the gradient kernel of a run on batches of the run's data, on one thread, as a worker computes them.</summary>
internal static class KernelCalibration
{
    private const double WarmUpSeconds = 0.15;
    private const double MeasuredSeconds = 0.4;
    private const int FewestBatches = 5;
    private const int MostBatches = 20_000;

    /// <summary>Measures; takes about half a second.</summary>
    /// <exception cref="TrainingException">The options do not fit the data.</exception>
    public static KernelSpeed Measure(TrainingOptions options, RecommenderData data)
    {
        TorchSharp.torch.set_num_threads(1);
        var run = new TrainingRun(new TrainingPlan(options, data));
        using var tools = run.Tools(shared: false);
        var plan = tools.TakeSlot().Plan;
        var (userWidth, itemWidth) = (options.Model.UserWidth, options.Model.ItemWidth);
        var users = Values(Math.Min(plan.UserRows.Length, run.Towers.Users.Rows) * userWidth, options, 0);
        var items = Values(Math.Min(plan.ItemRows.Length, run.Towers.Items.Rows) * itemWidth, options, 1);
        var (userGradient, itemGradient) = (new float[users.Length], new float[items.Length]);

        // The last batches of an epoch may be small, and small ones have another speed.
        var whole = run.Epochs.LeaseOf(0, 0).Count;
        var timings = new List<(int Examples, double Seconds)>();
        var (began, warm) = (Stopwatch.GetTimestamp(), false);
        for (long batch = 0, n = 0; timings.Count < MostBatches; batch = (batch + 1) % run.Epochs.BatchesPerEpoch)
        {
            var lease = run.Epochs.LeaseOf(batch, 0);
            if (lease.Count != whole)
            {
                continue;
            }

            tools.Builder!.Build(lease.Epoch, lease.First, lease.Count, plan);
            var (userFloats, itemFloats) = (plan.UserRowCount * userWidth, plan.ItemRowCount * itemWidth);
            var start = Stopwatch.GetTimestamp();
            tools.Kernel.Compute(plan, users.AsSpan(0, userFloats), items.AsSpan(0, itemFloats), userGradient.AsSpan(0, userFloats),
                itemGradient.AsSpan(0, itemFloats));
            if (options.Optimizer.ClipNorm > 0)
            {
                GradientClipping.Clip(userGradient.AsSpan(0, userFloats), itemGradient.AsSpan(0, itemFloats), options.Optimizer.ClipNorm);
            }

            if (warm)
            {
                timings.Add((lease.Count, Math.Max(1e-9, Stopwatch.GetElapsedTime(start).TotalSeconds)));
                if (timings.Count >= FewestBatches && Stopwatch.GetElapsedTime(began).TotalSeconds >= MeasuredSeconds)
                {
                    break;
                }
            }
            else if (++n >= FewestBatches && Stopwatch.GetElapsedTime(began).TotalSeconds >= WarmUpSeconds)
            {
                (began, warm) = (Stopwatch.GetTimestamp(), true);
            }
        }

        return KernelSpeed.Of(timings);
    }

    private static float[] Values(int count, TrainingOptions options, int table)
    {
        var random = new SeededRandom(options.Seed, 0xCA11B, table);
        var values = new float[count];
        for (var n = 0; n < count; n++)
        {
            values[n] = (float)(options.Model.InitStd * random.NextGaussian());
        }

        return values;
    }
}
