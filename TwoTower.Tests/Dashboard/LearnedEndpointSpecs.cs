using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using TwoTower.Node.Dashboard;
using TwoTower.Tests.Telemetry;

namespace TwoTower.Tests.Dashboard;

/// <summary>What is asked over HTTP of a run that was trained for other specs too.</summary>
[Collection(TrainedRuns.Name)]
public sealed class LearnedEndpointSpecs(TrainedRuns trained) : IAsyncLifetime
{
    private readonly HttpClient _client = new();
    private DashboardServer _server = null!;
    private string _run = null!;

    public async Task InitializeAsync()
    {
        _server = await DashboardServer.StartAsync(new DashboardOptions(trained.Library));
        var runs = JsonNode.Parse(await _client.GetStringAsync(new Uri(_server.Url, "/api/runs")))!["runs"]!.AsArray();
        _run = $"/api/runs/{runs.Single(run => (string)run!["path"]! == "first")!["id"]}";
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_user_gets_recommendations_and_so_does_somebody_who_likes_something()
    {
        var users = await GetAsync("users");
        var user = (string)users["some"]![0]!;

        var (code, told) = await PostAsync(JsonContent.Create(new { user, k = 3, explain = true }));
        var item = (string)told["result"]!["items"]![0]!["item"]!["id"]!;
        var (_, other) = await PostAsync(JsonContent.Create(new { like = new[] { item }, k = 2 }));

        Assert.Equal((HttpStatusCode.OK, user, 3), (code, (string)told["result"]!["user"]!, told["result"]!["items"]!.AsArray().Count));
        Assert.NotEmpty(told["result"]!["items"]![0]!["because"]!.AsArray());
        Assert.Equal(2, other["result"]!["items"]!.AsArray().Count);
        Assert.DoesNotContain(item, other["result"]!["items"]!.AsArray().Select(one => (string)one!["item"]!["id"]!));
    }

    [Fact]
    public async Task Items_have_neighbours_and_places_and_what_is_none_is_searched_for()
    {
        var map = await GetAsync("map?most=5");
        var item = (string)map["result"]!["points"]![0]!["item"]!["id"]!;

        var near = await GetAsync($"similar?k=2&item={item}");
        var none = await GetAsync("similar?item=nothing%20such");

        Assert.Equal((5, 2), (map["result"]!["points"]!.AsArray().Count, near["result"]!["near"]!.AsArray().Count));
        Assert.Equal("nothing such", (string)none["search"]!["query"]!);
    }

    [Fact]
    public async Task Questions_that_cannot_be_are_refused_in_a_sentence()
    {
        foreach (var (content, code) in new (HttpContent, HttpStatusCode)[]
        {
            // what a form of another site could send
            (new StringContent("""{"user":"1"}""", Encoding.UTF8, "text/plain"), HttpStatusCode.UnsupportedMediaType),
            (new StringContent("{", Encoding.UTF8, "application/json"), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { k = 3 }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { user = "1", like = new[] { "1" } }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { user = "nobody at all" }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { like = new string?[] { null } }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { like = Enumerable.Repeat("1", 101) }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { like = new[] { new string('x', 201) } }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { user = new string('x', 201) }), HttpStatusCode.BadRequest),
            (OfCharset("klingon"), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { user = "1", k = 100_000 }), HttpStatusCode.BadRequest),
            (JsonContent.Create(new { user = new string('x', 50_000) }), HttpStatusCode.RequestEntityTooLarge),
        })
        {
            var (found, told) = await PostAsync(content);

            Assert.Equal(code, found);
            Assert.EndsWith(".", ((string)told["error"]!).TrimEnd('?', ')'), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_title_of_thousands_of_letters_is_not_held_against_every_item()
    {
        using var answer = await _client.GetAsync(new Uri(_server.Url, $"{_run}/similar?item={new string('x', 4_000)}"));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("more than 200 characters", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_is_not_there_and_one_without_a_result_say_so()
    {
        using var none = await _client.GetAsync(new Uri(_server.Url, "/api/runs/0000/map"));
        using var folder = new Data.TemporaryFolder();
        _ = new MadeRun(folder.Path, "unfinished");
        await using var server = await DashboardServer.StartAsync(new DashboardOptions(folder.Path));
        var id = (string)JsonNode.Parse(await _client.GetStringAsync(new Uri(server.Url, "/api/runs")))!["runs"]![0]!["id"]!;
        using var unfinished = await _client.GetAsync(new Uri(server.Url, $"/api/runs/{id}/map"));

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.Conflict), (none.StatusCode, unfinished.StatusCode));
        Assert.Contains("error", await unfinished.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static StringContent OfCharset(string name)
    {
        var content = new StringContent("{}");
        content.Headers.ContentType = new("application/json", name);
        return content;
    }

    private async Task<JsonNode> GetAsync(string question) =>
        JsonNode.Parse(await _client.GetStringAsync(new Uri(_server.Url, $"{_run}/{question}")))!;

    private async Task<(HttpStatusCode Code, JsonNode Told)> PostAsync(HttpContent content)
    {
        using var answer = await _client.PostAsync(new Uri(_server.Url, $"{_run}/recommend"), content);
        content.Dispose();
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}
