using TwoTower.Model.Optimizers;

namespace TwoTower.Tests.Optimizers;

public class LearningRateScheduleSpecs
{
    [Fact]
    public void Warm_up_rises_linearly_to_the_base_rate()
    {
        var schedule = new LearningRateSchedule(new OptimizerOptions { LearningRate = 1, WarmupSteps = 4 }, 10, 100);

        Assert.Equal([0.25, 0.5, 0.75, 1.0, 1.0, 1.0], Enumerable.Range(0, 6).Select(step => schedule.At(step)));
    }

    [Fact]
    public void Step_decay_multiplies_after_every_so_many_epochs()
    {
        var options = new OptimizerOptions { LearningRate = 1, Schedule = ScheduleKind.StepDecay, DecayEveryEpochs = 2, DecayFactor = 0.5 };
        var schedule = new LearningRateSchedule(options, 10, 100);

        Assert.Equal([1.0, 1.0, 0.5, 0.25], new[] { 0, 19, 20, 40 }.Select(step => schedule.At(step)));
    }

    [Fact]
    public void Cosine_falls_from_the_base_rate_to_the_floor()
    {
        var options = new OptimizerOptions { LearningRate = 1, Schedule = ScheduleKind.Cosine, FinalShare = 0.1, WarmupSteps = 10 };
        var schedule = new LearningRateSchedule(options, 10, 110);

        Assert.Equal(1.0, schedule.At(10), 12);
        Assert.Equal(0.55, schedule.At(60), 12);
        Assert.Equal(0.1, schedule.At(110), 12);
        Assert.Equal(0.1, schedule.At(500), 12);
    }
}
