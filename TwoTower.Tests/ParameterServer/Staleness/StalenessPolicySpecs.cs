using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer.Staleness;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.ParameterServer.Staleness;

/// <summary>Every policy by numbers worked out by hand. Worker 0 pulls, worker 1 changes rows, worker 0 pushes.</summary>
public class StalenessPolicySpecs
{
    [Theory]
    [InlineData("divide")]
    [InlineData("delay-compensation")]
    [InlineData("gap-aware")]
    public void Where_nothing_is_stale_a_policy_changes_nothing_however_rows_are_rounded(string text)
    {
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Workers = 2, Consistency = Consistency.Bsp, PullPrecision = RowPrecision.Int8 };
        Assert.True(options.StalenessPolicy.TryParse(text, out var policy));

        var (without, with) = (Train(options), Train(options with { StalenessPolicy = policy }));

        Assert.Equal(without, with);

        static string Train(TrainingOptions options) =>
            SimulatedTraining.Run(new TrainingPlan(options, SmallData.Make()), new WorldOptions()).Training.ParametersSha256;
    }

    [Fact]
    public void None_applies_a_stale_gradient_as_it_is()
    {
        var shard = new SmallShard("asp");
        var pulled = shard.Pull(0, 0, 1);
        shard.Turn(1, 0, 0, 0.5f, 1);
        var before = shard[1];

        shard.Push(0, 1, 0, 1f, pulled);

        Assert.Equal(before - 1f, shard[1], 1e-6f);
    }

    [Fact]
    public void Divide_takes_a_step_of_one_over_tau_by_the_rows_own_tau()
    {
        var shard = new SmallShard("asp", "divide");
        var pulled = shard.Pull(0, 0, 1, 2, 3);
        for (var batch = 0; batch < 3; batch++)
        {
            shard.Turn(1, batch, batch, 0.5f, 1);
        }

        shard.Turn(1, 3, 3, 0.5f, 2);
        var before = (shard[1], shard[2], shard[3]);

        shard.Push(0, 4, 0, 1f, pulled);

        Assert.Equal(before.Item1 - (1f / 3), shard[1], 1e-6f); // τ = 3
        Assert.Equal(before.Item2 - 1f, shard[2], 1e-6f); // τ = 1
        Assert.Equal(before.Item3 - 1f, shard[3], 1e-6f); // nobody touched it
    }

    [Fact]
    public void Under_softsync_divide_scales_each_gradient_before_the_mean()
    {
        var shard = new SmallShard("softsync:1", "divide");
        var early = shard.Pull(0, 0, 1);
        for (var update = 0; update < 2; update++)
        {
            shard.Turn(0, 2 * update, 2 * update, 0.5f, 2);
            shard.Turn(1, (2 * update) + 1, (2 * update) + 1, 0.5f, 1);
        }

        var before = shard[1];
        shard.Turn(1, 4, 9, 1f, 1); // τ = 0
        shard.Push(0, 5, 0, 1f, early); // τ = 2

        Assert.Equal(before - ((1f + 0.5f) / 2), shard[1], 1e-6f);
    }

    [Fact]
    public void Delay_compensation_adds_lambda_g_g_times_what_the_row_has_moved()
    {
        var shard = new SmallShard("asp", "delay-compensation");
        var pulled = shard.Pull(0, 0, 1);
        shard.Turn(1, 0, 0, 0.5f, 1); // mean square 0.05 · 0.25 = 0.0125; the row moves by −0.5
        var before = shard[1];

        shard.Push(0, 1, 0, 0.4f, pulled);

        // Mean square 0.95 · 0.0125 + 0.05 · 0.16 = 0.019875; g = 0.4 + 2 / √(0.019875 + 1e-7) · 0.16 · (−0.5).
        Assert.Equal(before - (0.4 - (2 / Math.Sqrt(0.0198751) * 0.08)), shard[1], 1e-5);
    }

    [Fact]
    public void A_pull_that_fell_out_of_the_bounded_memory_is_taken_as_not_stale()
    {
        var shard = new SmallShard("asp", "delay-compensation");
        var first = shard.Pull(0, 0, 1);
        shard.Pull(0, 1, 1);
        shard.Pull(0, 2, 1); // a worker without prefetch has two batches on their way at most
        shard.Turn(1, 0, 0, 0.5f, 1);
        var before = shard[1];

        shard.Push(0, 1, 0, 0.4f, first);

        Assert.Equal(before - 0.4f, shard[1], 1e-6f);
    }

    [Theory]
    [InlineData("drop:2", true)]
    [InlineData("drop:1", false)]
    public void Drop_acknowledges_and_counts_what_is_too_stale_and_leaves_the_rows_alone(string policy, bool applied)
    {
        var shard = new SmallShard("asp", policy);
        var pulled = shard.Pull(0, 0, 1);
        shard.Turn(1, 0, 0, 0.5f, 1);
        shard.Turn(1, 1, 1, 0.5f, 2); // a version of the shard, whatever the row
        var before = shard[1];

        var acks = shard.Push(0, 2, 0, 1f, pulled);

        Assert.Single(acks);
        Assert.Equal(applied ? before - 1f : before, shard[1], 1e-6f);
        Assert.Equal(applied ? 0 : 1, shard.State.Staleness.Dropped);
        Assert.Equal((3, 3), (shard.State.Version, shard.State.Applied));
        Assert.Single(shard.Push(0, 2, 0, 1f, pulled)); // again: known, whether it was applied or not
        Assert.Equal(applied ? 3 : 2, shard.Pull(1, 2, 1).Version);
    }

    [Fact]
    public void Gap_aware_divides_by_one_plus_the_way_moved_in_usual_steps()
    {
        var shard = new SmallShard("asp", "gap-aware", change: options =>
            options with { StalenessPolicy = options.StalenessPolicy with { GapMemory = 0.5 } });
        var pulled = shard.Pull(0, 0, 1, 2);
        shard.Turn(1, 0, 0, 0.5f, 1); // step −0.5: mean square 0.5 · 0.25, corrected by 1 / (1 − 0.5) to 0.25, so C = 0.5
        var before = (shard[1], shard[2]);

        shard.Push(0, 1, 0, 1f, pulled);

        Assert.Equal(before.Item1 - 0.5f, shard[1], 1e-5f); // G = 1 + 0.5 / 0.5
        Assert.Equal(before.Item2 - 1f, shard[2], 1e-6f); // it has not moved

        // Steps −0.5 twice: mean square 0.5 · 0.125 + 0.125 = 0.1875, corrected by 1 / (1 − 0.25) to 0.25
        // again. Then a third pull is one step behind.
        var second = shard.Pull(0, 1, 1);
        shard.Turn(1, 2, 1, 0.25f, 1); // mean square 0.5 · 0.1875 + 0.5 · 0.0625 = 0.125, corrected by 1 / (1 − 0.125) to 1 / 7
        var third = shard[1];
        shard.Push(0, 3, 1, 1f, second);

        Assert.Equal(third - (1 / (1 + (0.25 * Math.Sqrt(7)))), shard[1], 1e-5);
    }

    [Fact]
    public void A_parameter_that_has_not_moved_keeps_its_gradient_even_when_no_step_is_known()
    {
        float[] gradient = [1f, 2f];

        new GapAware(0.9).Adapt(new StaleRow(gradient, [1f, 1f], [1f, 1f], [0f, 0f, 3f], 5));

        Assert.Equal([1f, 2f], gradient);
    }

    [Fact]
    public void A_parameter_whose_steps_were_all_0_is_not_held_where_it_is_by_a_gap()
    {
        float[] gradient = [1f];

        new GapAware(0.9).Adapt(new StaleRow(gradient, [1f], [1.01f], [0f, 3f], 5));

        Assert.Equal([1f], gradient);
    }
}
