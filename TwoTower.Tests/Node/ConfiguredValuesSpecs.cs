using System.Collections;
using System.Text.Json.Nodes;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Node;

/// <summary>Settings from appsettings.json and from the environment.</summary>
public sealed class ConfiguredValuesSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_environment_is_over_the_file_and_the_file_over_the_recipe()
    {
        var settings = RecipeReader.Read("seed-bpr");

        Read("""{ "TwoTower": { "train": { "workers": 5, "epochs": 7 }, "loss.kind": "bpr", "evaluate": { "cutoffs": [5, 10] } } }""",
            ("TWOTOWER__TRAIN__WORKERS", "6")).ApplyTo(settings);

        Assert.Equal((6, 7), (settings.Values.Training.Workers, settings.Values.Training.Epochs));
        Assert.Equal([5, 10], settings.Values.Training.Cutoffs);
        Assert.Equal(("environment", "appsettings.json", "recipe seed-bpr"),
            (settings.SourceOf("train.workers"), settings.SourceOf("train.epochs"), settings.SourceOf("optimizer.kind")));
        Assert.Contains(settings.Notable(), setting => setting.Key == "loss.kind");
    }

    [Theory]
    [InlineData("TWOTOWER__train__workers")]
    [InlineData("TwoTower__Train__Workers")]
    [InlineData("TWOTOWER__TRAIN.WORKERS")]
    public void Case_and_the_kind_of_dot_do_not_matter(string name)
    {
        var settings = RecipeReader.Read("recommended");

        Read(null, (name, "4")).ApplyTo(settings);

        Assert.Equal(4, settings.Values.Training.Workers);
    }

    [Theory]
    [InlineData("TWOTOWER__TRAIN__WORKRS", "train.workers")]
    [InlineData("TWOTOWER__NODE__SEEDNODE", "node.seedNodes")]
    public void An_unknown_variable_is_refused_by_its_name_with_the_nearest_key(string name, string nearest)
    {
        var refusal = Assert.Throws<SettingException>(() => Read(null, (name, "1")));

        Assert.StartsWith(name, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"'{nearest}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_outside_the_section_and_the_prefix_is_none_of_ours() =>
        Assert.Empty(Read("""{ "Logging": { "LogLevel": "x" } }""", ("TWOTOWER_DEBUG", "1"), ("TWOTOWERS__X", "1"),
            ("PATH", "/bin")).Settings);

    [Theory]
    [InlineData("""{ "TwoTower": { "train": { "workrs": 4 } } }""", "train.workers")]
    [InlineData("""{ "TwoTower": 4 }""", "must be a JSON object")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData("{ \"TwoTower\": {\n  x } }", "line 2")]
    public void A_file_that_cannot_be_used_is_refused_with_the_place(string json, string reason)
    {
        var refusal = Assert.Throws<SettingException>(() => Read(json));

        Assert.Contains("appsettings.json", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_value_that_cannot_be_is_refused_with_the_variable()
    {
        var refusal = Assert.Throws<SettingException>(() => Read(null, ("TWOTOWER__TRAIN__WORKERS", "two"))
            .ApplyTo(RecipeReader.Read("recommended")));

        Assert.StartsWith("TWOTOWER__TRAIN__WORKERS: train.workers cannot be 'two'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_variables_that_are_one_setting_must_agree() =>
        Assert.Contains("two values",
            Assert.Throws<SettingException>(() => Read(null, ("TWOTOWER__TRAIN__WORKERS", "2"), ("TWOTOWER__train__workers", "3"))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_nodes_options_come_from_the_same_places()
    {
        var options = Read("""{ "TwoTower": { "node": { "role": "server,worker", "port": 0, "seedNodes": ["a:1", "b:2"] } } }""",
            ("TWOTOWER__NODE__SEEDNODES", "c:3")).ApplyTo(new NodeOptions());

        Assert.Equal(["server", "worker"], options.Roles);
        Assert.Equal((0, "c:3"), (options.Port, string.Join(' ', options.SeedNodes)));
    }

    [Fact]
    public async Task Train_takes_them_and_says_where_each_came_from()
    {
        SmallRatings.Write(Path.Combine(_folder.Path, "ratings.csv"));
        _folder.Write("appsettings.json",
            """{ "TwoTower": { "data.path": "ratings.csv", "model.dim": 4, "train": { "epochs": 9, "workers": 3, "batchSize": 64 } } }""");

        var run = await TwoTowerProcess.RunAsync(_folder.Path, ["train", "--workers", "1", "--out", "run"],
            ("TWOTOWER__TRAIN__EPOCHS", "2"), ("TWOTOWER__EVALUATE__CUTOFFS", "5,10"));

        Assert.Equal((string.Empty, 0), (run.Error, run.Code));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, "run", "config.json")))!;
        (string, string) Of(string key) => ((string)config["settings"]![key]!, (string)config["sources"]![key]!);
        Assert.Equal(("1", "--workers"), Of("train.workers"));
        Assert.Equal(("2", "environment"), Of("train.epochs"));
        Assert.Equal(("4", "appsettings.json"), Of("model.dim"));
    }

    [Fact]
    public async Task A_sweep_takes_them_into_its_plan_and_its_cells_go_by_the_plan_alone()
    {
        SmallRatings.Write(Path.Combine(_folder.Path, "ratings.csv"));
        string[] sweep = ["sweep", "--grid", "workers=2", "--data", "ratings.csv", "--epochs", "1", "--batch-size", "64", "--set",
            "model.dim=4", "--set", "evaluate.cutoffs=5,10", "--set", "evaluate.metric=recall@10"];

        var run = await TwoTowerProcess.RunAsync(_folder.Path, [.. sweep, "--out", "sweep"], ("TWOTOWER__TRAIN__SHARDS", "3"),
            ("TWOTOWER__TRAIN__WORKERS", "4"));
        _folder.Write("appsettings.json", """{ "TwoTower": { "train.shards": 2, "train.prefetch": 1 } }""");
        var more = await TwoTowerProcess.RunAsync(_folder.Path, ["sweep", "--resume", "sweep", "--seeds", "2"]);

        Assert.Equal((string.Empty, 0), (run.Error, run.Code));
        Assert.Equal((string.Empty, 0), (more.Error, more.Code));
        foreach (var config in Directory.GetFiles(Path.Combine(_folder.Path, "sweep", "runs"), "config.json", SearchOption.AllDirectories)
            .Select(file => JsonNode.Parse(File.ReadAllText(file))!["settings"]!))
        {
            Assert.Equal(("2", "3", "0"),
                ((string)config["train.workers"]!, (string)config["train.shards"]!, (string)config["train.prefetch"]!));
        }
    }

    private ConfiguredValues Read(string? json, params (string Name, string Value)[] variables)
    {
        var path = Path.Combine(_folder.Path, "appsettings.json");
        if (json is not null)
        {
            _folder.Write("appsettings.json", json);
        }

        return ConfiguredValues.Read(path, new Hashtable(variables.ToDictionary(variable => variable.Name, variable => variable.Value)));
    }
}
