using System.Text.Json.Nodes;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Learned;

/// <summary>The commands that ask what was learned, as a person types them.</summary>
[Collection(LearnedRun.Collection)]
public sealed class LearnedCommandSpecs(LearnedRun run)
{
    [Fact]
    public void Train_prints_its_summary_alone_when_it_is_asked_for_json() =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(File.ReadAllText(Path.Combine(run.Folder, "summary.json"))),
            JsonNode.Parse(run.Printed)));

    [Theory]
    [InlineData("recommend", "--user", "5", "--explain")]
    [InlineData("recommend", "--user", LearnedRun.LateUser)]
    [InlineData("recommend", "--like", "toy story", "--like", "the matrix")]
    [InlineData("similar", "--item", "Toy Story")]
    [InlineData("map")]
    public async Task Answers_fit_in_80_columns_and_come_as_json_too(params string[] arguments)
    {
        var text = await ProgramRun.RunAsync([arguments[0], "--run", run.Folder, .. arguments[1..]]);
        var json = await ProgramRun.RunAsync([arguments[0], "--run", run.Folder, .. arguments[1..], "--json"]);

        Assert.Equal((0, string.Empty, 0, string.Empty), (text.Code, text.Error, json.Code, json.Error));
        Assert.All(text.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Contains(JsonNode.Parse(json.Output)!.AsObject(), member => member.Value is JsonArray { Count: > 3 });
    }

    [Fact]
    public async Task A_title_in_any_letters_comes_out_as_it_is()
    {
        var json = JsonNode.Parse((await ProgramRun.RunAsync("similar", "--run", run.Folder, "--item", "amélie", "--json")).Output)!;
        Assert.Equal(LearnedRun.Title(5), (string)json["item"]!["title"]!);
    }

    [Fact]
    public async Task A_title_of_several_items_is_refused_with_the_candidates()
    {
        var (code, output, error) = await ProgramRun.RunAsync("similar", "--run", run.Folder, "--item", "story", "--json");
        Assert.Equal(2, code);
        Assert.Contains("may be any of 3 items", error, StringComparison.Ordinal);
        Assert.Equal(3, JsonNode.Parse(output)!["candidates"]!.AsArray().Count);
    }

    [Theory]
    [InlineData("--k cannot be 'ten'; it takes a whole number from 1 to 1000", "similar", "--item", "1", "--k", "ten")]
    [InlineData("--k cannot be '0'", "candidates", "--k", "0")]
    [InlineData("--format cannot be 'tsv'; it takes parquet or csv", "candidates", "--format", "tsv")]
    [InlineData("--most cannot be '0'", "map", "--most", "0")]
    [InlineData("say --format csv", "candidates", "--out", "lists.csv")]
    [InlineData("Name either --user ID or", "recommend")]
    [InlineData("Name either --user ID or", "recommend", "--user", "1", "--like", "2")]
    [InlineData("There is no user 'nobody' in data.", "recommend", "--user", "nobody")]
    [InlineData("There is no item 'Casablanca', by id or by title.", "recommend", "--like", "Casablanca")]
    public async Task What_cannot_be_is_one_sentence_on_stderr(string expected, string command, params string[] arguments)
    {
        var (code, output, error) = await ProgramRun.RunAsync([command, "--run", run.Folder, .. arguments]);
        Assert.Equal((2, string.Empty), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}
