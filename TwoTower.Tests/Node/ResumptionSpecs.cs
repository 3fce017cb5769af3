using System.Text.Json.Nodes;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Storage;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Node;

public class ResumptionSpecs
{
    private static readonly RecommenderData s_data = SmallData.Make();

    [Theory]
    [InlineData("1")]
    [InlineData("2")]
    public void Fewer_epochs_than_are_done_are_refused(string epochs)
    {
        // Two epochs and a part of the third.
        var refusal = Assert.Throws<SettingException>(() => Resumption.WithEpochs(Config(5), Checkpoint(epochs: 2, batches: 1), epochs));

        Assert.Equal($"--epochs {epochs} is less than the 2 and a part that the run has done already.", refusal.Message);
    }

    [Theory]
    [InlineData("cosine", "6", 37L)]
    [InlineData("cosine", "5", null)]
    [InlineData("constant", "6", null)]
    [InlineData("step", "6", null)]
    public void Another_number_of_epochs_is_remembered_where_the_schedule_goes_by_it(string schedule, string epochs, long? cut)
    {
        var config = Config(5);
        config.Settings.Set("optimizer.schedule", schedule, "--set");

        var changed = Resumption.WithEpochs(config, Checkpoint(epochs: 2, batches: 1), epochs);

        Assert.Equal(cut, changed.ScheduleCutAtBatch);
        Assert.Equal(epochs == "5" ? "--set" : "--epochs", changed.Settings.SourceOf("train.epochs"));
        Assert.Equal("--set", changed.Settings.SourceOf("optimizer.schedule"));
    }

    [Theory]
    [InlineData(2, 2, 2, "finished", "has done its 2 epochs")]
    [InlineData(3, 2, 2, "finished", null)]
    [InlineData(2, 2, 1, "finished", null)]
    [InlineData(2, 2, 2, "interrupted", null)]
    public void Nothing_is_left_to_do_where_all_epochs_are_done_and_summed_up(int epochs, int done, int summed, string reason,
        string? expected)
    {
        var summary = new JsonObject
        {
            ["stopReason"] = reason,
            ["lossByEpoch"] = new JsonArray([.. Enumerable.Repeat(0.5, summed).Select(loss => (JsonNode)loss)])
        };

        var nothing = Resumption.NothingToDo("runs/mine", Config(epochs).Settings.Values.Training, Checkpoint(done, 0), summary);

        Assert.Equal(expected is null, nothing is null);
        Assert.Contains(expected ?? string.Empty, nothing ?? string.Empty, StringComparison.Ordinal);
        Assert.Null(Resumption.NothingToDo("runs/mine", Config(epochs).Settings.Values.Training, Checkpoint(done, 0), null));
    }

    [Fact]
    public void A_run_that_stopped_early_has_nothing_left_to_do()
    {
        var config = Config(9);
        config.Settings.Set("evaluate.patience", "2", "--set");
        var summary = new JsonObject { ["stopReason"] = "earlyStopped", ["lossByEpoch"] = new JsonArray(0.5, 0.5, 0.5, 0.5) };
        var checkpoint = Checkpoint(4, 0) with { Evaluations = [(18, 0.9), (36, 0.8), (54, 0.7), (72, 0.6)] };

        Assert.Contains("stopped early after 4 epochs", Resumption.NothingToDo("runs/mine", config.Settings.Values.Training, checkpoint,
            summary), StringComparison.Ordinal);
    }

    [Fact]
    public void A_checkpoint_of_another_size_is_refused_before_anything_is_written()
    {
        var options = Config(5).Settings.Values.Training;
        var good = Checkpoint(epochs: 2, batches: 1);
        Resumption.Check("runs/mine", good, options, s_data);

        var tables = good.Tensors.ToDictionary();
        tables["user/slot1"] = new float[3];
        foreach (var bad in new[] { good with { Step = 40 }, good with { LossByEpoch = [0.5] }, good with { Tensors = tables },
            good with { RowSteps = new Dictionary<string, int[]>() } })
        {
            Assert.Contains("does not fit", Assert.Throws<StorageException>(() => Resumption.Check("runs/mine", bad, options, s_data))
                .Message, StringComparison.Ordinal);
        }
    }

    private static RunConfig Config(int epochs)
    {
        var settings = RecipeReader.Read("recommended");
        settings.Set("model.dim", "2", "--set");
        settings.Set("train.batchSize", "32", "--set");
        settings.Set("train.epochs", $"{epochs}", "--set");
        return new RunConfig(settings, "f");
    }

    /// <summary>After some epochs of 18 batches (576 examples by 32) and some batches of the next.</summary>
    private static TrainingCheckpoint Checkpoint(int epochs, int batches) => new()
    {
        Step = (epochs * 18) + batches,
        Tensors = new[] { "", "/slot0", "/slot1" }.SelectMany(part => new[] { ($"user{part}", new float[120]),
            ($"item{part}", new float[80]) }).ToDictionary(),
        RowSteps = new Dictionary<string, int[]> { ["user"] = new int[60], ["item"] = new int[40] },
        LossByEpoch = [.. Enumerable.Repeat(0.5, epochs)],
        BatchLosses = [.. Enumerable.Repeat(0.5, batches)],
        Evaluations = [],
        BestTensors = null,
    };
}
