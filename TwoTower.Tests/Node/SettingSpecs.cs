using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Node;

public class SettingSpecs
{
    private static readonly RunSettings s_defaults = new(new TrainingOptions(), new DataOptions());

    public static TheoryData<string> Keys => [.. SettingCatalogue.All.Select(setting => setting.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_setting_takes_its_own_printed_value_and_keeps_everything_else(string key)
    {
        var setting = SettingCatalogue.Find(key);

        var again = setting.Apply(s_defaults, setting.Read(s_defaults));

        Assert.All(SettingCatalogue.All, other => Assert.Equal(other.Read(s_defaults), other.Read(again)));
    }

    [Fact]
    public void Keys_are_unique() => Assert.Equal(SettingCatalogue.All.Count, SettingCatalogue.All.Select(setting => setting.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count());

    [Fact]
    public void An_unknown_key_names_the_nearest()
    {
        var refusal = Assert.Throws<SettingException>(() => SettingCatalogue.Find("optimiser.learningrate"));

        Assert.Contains("optimizer.learningRate", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("loss.temperature", "0")]
    [InlineData("loss.temperature", "NaN")]
    [InlineData("optimizer.learningRate", "-1")]
    [InlineData("train.workers", "0")]
    [InlineData("train.workers", "two")]
    [InlineData("train.consistency", "ssp:-1")]
    [InlineData("evaluate.cutoffs", "10,,50")]
    [InlineData("loss.kind", "hinge")]
    [InlineData("model.normalise", "1")]
    [InlineData("data.trainShare", "1")]
    [InlineData("data.trainShare", "0")]
    [InlineData("data.validationShare", "-0.1")]
    [InlineData("data.minimumTrainHistory", "-1")]
    [InlineData("data.minimumTrainHistory", "some")]
    public void An_impossible_value_is_refused_with_the_key(string key, string value)
    {
        var refusal = Assert.Throws<SettingException>(() => SettingCatalogue.Find(key).Apply(s_defaults, value));

        Assert.StartsWith(key, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_settings_of_the_split_reach_the_data_options_in_any_order()
    {
        // On the way both shares together are above 1; only what comes out counts.
        var settings = new ResolvedSettings("mine");
        settings.Set("data.validationShare", "0.3", "--set");
        settings.Set("data.trainShare", "0.5", "--set");
        settings.Set("data.minimumTrainHistory", "2", "--set");

        Assert.Equal((0.5, 0.3, 2), (settings.Values.Data.TrainShare, settings.Values.Data.ValidationShare, settings.Values.Data.MinimumTrainHistory));
        settings.Set("data.minimumTrainHistory", "auto", "--set");
        Assert.Null(settings.Values.Data.MinimumTrainHistory);
    }

    [Fact]
    public void The_later_source_wins_and_is_remembered()
    {
        var settings = RecipeReader.Read("seed-bpr");
        settings.Set("optimizer.learningRate", "0.1", "--set");

        Assert.Equal(0.1, settings.Values.Training.Optimizer.LearningRate);
        Assert.Equal("--set", settings.SourceOf("optimizer.learningRate"));
        Assert.Equal("recipe seed-bpr", settings.SourceOf("loss.kind"));
        Assert.Equal("default", settings.SourceOf("train.leaseSeconds"));
    }

    [Theory]
    [InlineData("{ \"loss\": { \"kinds\": \"bpr\" } }", "loss.kind")]
    [InlineData("{ \"loss\": ", "not JSON")]
    [InlineData("[1]", "JSON object")]
    public void A_recipe_that_cannot_be_used_is_refused_with_the_reason(string json, string reason)
    {
        var refusal = Assert.Throws<SettingException>(() => RecipeReader.Apply(new ResolvedSettings("mine"), json, "mine", "recipe mine"));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_failing_set_up_is_what_the_question_says()
    {
        var options = RecipeReader.Read("seed-bpr").Values.Training;

        Assert.Equal((128, 1, 1024, 0.05), (options.Model.Dim, options.Loss.Negatives, options.BatchSize, options.Optimizer.LearningRate));
        Assert.Equal(TwoTower.Model.Optimizers.OptimizerKind.Adagrad, options.Optimizer.Kind);
        Assert.Equal(TwoTower.Model.Losses.NegativeSampling.Uniform, options.Loss.Sampling);
    }
}
