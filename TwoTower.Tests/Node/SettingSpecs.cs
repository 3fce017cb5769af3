using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Commands;
using TwoTower.Node.Engines;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
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

    [Theory]
    [InlineData("train.consistency", "softsync:4")]
    [InlineData("train.stalenessPolicy", "drop:7")]
    [InlineData("train.stalenessPolicy", "divide")]
    [InlineData("train.stalenessPolicy", "delay-compensation")]
    [InlineData("train.stalenessPolicy", "gap-aware")]
    [InlineData("train.stalenessInjection", "uniform:16")]
    [InlineData("train.stalenessInjection", "geometric:0.5")]
    [InlineData("train.durability", "checkpoint:3")]
    [InlineData("train.durability", "replica:2")]
    [InlineData("optimizer.kind", "rowwise-adagrad")]
    public void A_value_is_printed_as_it_was_given(string key, string value)
    {
        var setting = SettingCatalogue.Find(key);

        Assert.Equal(value, setting.Read(setting.Apply(s_defaults, value)));
    }

    [Fact]
    public void Commands_without_a_cluster_refuse_copies_on_other_servers_and_say_what_they_need()
    {
        var settings = new ResolvedSettings("mine");
        settings.Set("train.durability", "replica:1", "--set");

        foreach (var (engine, needs) in new (ITrainingEngine Engine, string Needs)[] { (new LiveEngine(), "needs the cluster"),
            (new SimulationEngine(tracePath: null), "--topology cluster") })
        {
            Assert.Contains(needs, Assert.Throws<SettingException>(() => engine.Check(settings)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Keys_are_unique() => Assert.Equal(SettingCatalogue.All.Count, SettingCatalogue.All.Select(setting => setting.Key)
        .Distinct(StringComparer.OrdinalIgnoreCase).Count());

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
    [InlineData("train.consistency", "softsync:0")]
    [InlineData("train.durability", "replica:0")]
    [InlineData("train.durability", "replica:")]
    [InlineData("train.durability", "checkpoint")]
    [InlineData("train.stalenessPolicy", "drop:")]
    [InlineData("train.stalenessPolicy", "halve")]
    [InlineData("train.stalenessInjection", "geometric:0")]
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

        Assert.Equal((0.5, 0.3, 2),
            (settings.Values.Data.TrainShare, settings.Values.Data.ValidationShare, settings.Values.Data.MinimumTrainHistory));
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
    public void A_value_that_a_recipe_cannot_have_names_the_recipe()
    {
        var refusal = Assert.Throws<SettingException>(() => RecipeReader.Apply(new ResolvedSettings("mine"),
            "{ \"train\": { \"workers\": 0 } }", "mine.json", "recipe mine"));

        Assert.StartsWith("The recipe 'mine.json' cannot be used: train.workers cannot be '0'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_offs_without_the_recipes_metric_bring_their_own_and_say_so()
    {
        var settings = RecipeReader.Read("recommended");
        settings.Set("evaluate.cutoffs", "20,40", "--set");

        Assert.Equal("recall@20 decides which model is best, because recall@50 (recipe recommended) is not among the cut-offs.",
            settings.FitMetric());
        settings.Check();
        Assert.Equal("recall@20", settings.Values.Training.Metric);
        Assert.Null(settings.FitMetric());

        settings.Set("evaluate.metric", "recall@50", "--set");
        Assert.Null(settings.FitMetric());
        Assert.Throws<SettingException>(settings.Check);
    }

    [Theory]
    [InlineData("train.batchSize=1", true)]
    [InlineData("train.batchSize=2", false)]
    [InlineData("train.batchSize=3;train.batchPer=clock", true)]
    [InlineData("train.batchSize=4;train.batchPer=clock", false)]
    [InlineData("train.batchSize=1;loss.kind=bpr", false)]
    public void Softmax_over_a_batch_of_one_is_refused_for_it_has_no_negatives(string pairs, bool refused)
    {
        var settings = RecipeReader.Read("recommended");
        foreach (var pair in pairs.Split(';'))
        {
            var (key, value) = SettingCatalogue.Pair(pair);
            settings.Set(key, value, "--set");
        }

        if (refused)
        {
            Assert.Contains("negatives from the batch", Assert.Throws<SettingException>(settings.Check).Message, StringComparison.Ordinal);
        }
        else
        {
            settings.Check();
        }
    }

    [Fact]
    public void The_list_of_settings_has_what_differs_from_the_default_and_what_was_given()
    {
        var settings = RecipeReader.Read("seed-bpr");
        settings.Set("train.workers", "2", "--workers");

        var keys = settings.Notable().Select(setting => setting.Key).ToArray();

        Assert.Contains("loss.kind", keys);
        Assert.Contains("train.workers", keys); // given, though it is the default
        Assert.DoesNotContain("model.initStd", keys); // the recipe says what is the default anyway
    }

    [Fact]
    public void A_path_that_is_empty_is_refused()
    {
        Assert.Null(Setting.PathOf("--data", null));
        Assert.Equal("--data needs a path.", Assert.Throws<SettingException>(() => Setting.PathOf("--data", " ")).Message);
    }

    [Theory]
    [InlineData("a", "--set takes key=value, not 'a'.")]
    [InlineData("a=", "'a' is no setting; did you mean ")]
    [InlineData("train.epochs=3", "has no part in reading data")]
    [InlineData("data.positiveThreshold=x", "cannot be 'x'")]
    public void Commands_that_read_data_take_settings_of_reading_only(string pair, string message)
    {
        Assert.Contains(message, Assert.Throws<SettingException>(() => ReadingOptions.Of([pair], lenient: false)).Message,
            StringComparison.Ordinal);
        Assert.Equal("member", ReadingOptions.Of(["data.userColumn=member"], lenient: false).Columns.User);
        Assert.True(ReadingOptions.Of([], lenient: true).Lenient);
    }

    [Fact]
    public void The_doctor_reads_the_data()
    {
        using var folder = new Data.TemporaryFolder();
        var good = folder.Write("good.csv", "user,item,rating,timestamp\n1,10,4,100\n2,20,3,200\n");
        var bad = folder.Write("bad.csv", "user,item,rating,timestamp\n1,10,4,100\n2,20,3\n");

        Assert.Equal((true, "2 rows, 2 users, 2 items: CSV with columns user, item, rating, timestamp"),
            DoctorCommand.Look(new DataOptions { Path = good }));
        Assert.Contains("line 3", DoctorCommand.Look(new DataOptions { Path = bad }).Found, StringComparison.Ordinal);
    }

    [Fact]
    public void The_failing_set_up_is_what_the_question_says()
    {
        var options = RecipeReader.Read("seed-bpr").Values.Training;

        Assert.Equal((128, 1, 1024, 0.05), (options.Model.Dim, options.Loss.Negatives, options.BatchSize, options.Optimizer.LearningRate));
        Assert.Equal(OptimizerKind.Adagrad, options.Optimizer.Kind);
        Assert.Equal(NegativeSampling.Uniform, options.Loss.Sampling);
    }
}
