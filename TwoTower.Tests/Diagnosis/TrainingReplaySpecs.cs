using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Tests.Training;

namespace TwoTower.Tests.Diagnosis;

public class TrainingReplaySpecs
{
    [Fact]
    public async Task A_replay_is_the_bulk_synchronous_training_of_one_worker()
    {
        var data = SmallData.Make();
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        { Consistency = Consistency.Bsp, Workers = 1, Epochs = 2 };
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
        using var replay = new TrainingReplay(options.Model, options.Loss, options.Optimizer,
            new TrainingSet(data.Users.Count, data.Items.Count, data.Train), options.BatchSize, 2, options.Seed);

        var (one, first) = replay.Epoch(replay.Initial(), 0);
        var (_, second) = replay.Epoch(one, 1);

        Assert.Equal(outcome.LossByEpoch[0], first, 1e-9);
        Assert.Equal(outcome.LossByEpoch[1], second, 1e-9);
    }

    [Fact]
    public void Reading_changes_nothing_and_tells_the_step_that_would_be_taken()
    {
        var set = new TrainingSet(2, 2, new InteractionLog([0, 1], [0, 1], new long[2]));
        using var replay = new TrainingReplay(new ModelOptions { Dim = 4, InitStd = 1 }, new LossOptions { MaskKnownPositives = false },
            new OptimizerOptions { Kind = OptimizerKind.Sgd, LearningRate = 0.5 }, set, 2, 1, 1);
        var state = replay.Initial();
        float[] before = [.. state.Users.Values, .. state.Items.Values];

        var reading = replay.Read(state, 0, 1);
        Assert.Equal<float>(before, state.Users.Values.Concat(state.Items.Values));
        replay.Epoch(state, 0);

        float[] after = [.. state.Users.Values, .. state.Items.Values];
        var steps = before.Zip(after, (a, b) => (double)b - a).Chunk(4).Select(row => Math.Sqrt(row.Sum(x => x * x))).ToArray();
        Assert.Equal(4, reading.Rows);
        Assert.Equal(steps.Average(), reading.StepNorm, 1e-6);
        Assert.Equal(0.5, reading.EffectiveRate, 1e-4);
        Assert.Equal(reading.GradientNorm * 0.5, reading.StepNorm, 1e-6);
        Assert.Equal(steps.Zip(before.Chunk(4), (step, row) => step / Math.Sqrt(row.Sum(x => x * x))).Average(),
            reading.RelativeStep, 1e-6);
    }

    [Theory]
    [InlineData(OptimizerKind.Adagrad, true)]
    [InlineData(OptimizerKind.RowwiseAdagrad, true)]
    [InlineData(OptimizerKind.Sgd, false)]
    public void The_rate_of_Adagrad_falls_from_epoch_to_epoch_and_that_of_plain_descent_does_not(OptimizerKind kind, bool falls)
    {
        using var replay = new TrainingReplay(ReplayedTraining.Model, new LossOptions { Kind = LossKind.Bpr, Temperature = 1 },
            new OptimizerOptions { Kind = kind, LearningRate = 0.05 }, ReplayedTraining.Set, 128, 8, 1);
        var state = replay.Initial();
        var rates = new List<double>();
        for (var epoch = 0; epoch < 8; epoch++)
        {
            (state, _) = replay.Epoch(state, epoch);
            rates.Add(replay.Read(state, 0, 4).EffectiveRate);
        }

        Assert.Equal(falls, rates[^1] < 0.7 * rates[0]);
        Assert.Equal(falls ? rates.OrderDescending() : rates, rates);
        Assert.Equal(!falls, Math.Abs(rates[^1] - 0.05) < 1e-4);
    }

    [Fact]
    public void An_optimizer_that_forgets_has_its_first_rate_again()
    {
        using var replay = new TrainingReplay(ReplayedTraining.Model, new LossOptions(),
            new OptimizerOptions { Kind = OptimizerKind.Adagrad, LearningRate = 0.05 }, ReplayedTraining.Set, 128, 1, 1);
        var (end, _) = replay.Epoch(replay.Initial(), 0);

        var fresh = replay.Forgetting(end);

        Assert.Equal(end.Users.Values, fresh.Users.Values);
        Assert.NotSame(end.Users.Values, fresh.Users.Values);
        Assert.Equal(replay.Read(end, 0, 4), replay.Read(end, 0, 4)); // reading is no step
        Assert.True(replay.Read(fresh, 0, 4).StepNorm > 2 * replay.Read(end, 0, 4).StepNorm);
    }

    [Fact]
    public void Towers_with_layers_are_not_replayed() => Assert.Throws<ArgumentException>(() => new TrainingReplay(
        new ModelOptions { Dim = 4, UserTower = TowerSpec.Parse("relu") }, new LossOptions(), new OptimizerOptions(),
        ReplayedTraining.Set, 16, 1, 1));
}
