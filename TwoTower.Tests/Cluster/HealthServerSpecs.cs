using System.Net;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Clusters;
using TwoTower.Node.Settings;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Cluster;

/// <summary>What a node says of itself over HTTP, and the commands that ask it.</summary>
public sealed class HealthServerSpecs : IAsyncLifetime
{
    private readonly FakeHealth _health = new();
    private readonly HttpClient _client = new();
    private HealthServer _server = null!;

    public async Task InitializeAsync() => _server = await HealthServer.StartAsync(_health, 0);

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task A_living_node_is_healthy_and_one_whose_actor_system_has_ended_is_not()
    {
        Assert.Equal(HttpStatusCode.OK, (await Get("/healthz")).Code);

        _health.Alive = false;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await Get("/healthz")).Code);
    }

    [Fact]
    public async Task A_node_that_is_not_ready_says_what_it_waits_for()
    {
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await Get("/readyz"));

        _health.Readiness = (false, "the member is Joining");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the member is Joining\n"), await Get("/readyz"));
    }

    [Fact]
    public async Task The_status_comes_through_json_unchanged()
    {
        var (code, json) = await Get("/status");

        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Equivalent(FakeHealth.Example, HealthClient.Read(json), strict: true);
        Assert.Contains("\"phase\": \"Training\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_status_that_cannot_be_had_is_no_success()
    {
        _health.Status = () => Task.FromException<ClusterStatus>(new InvalidOperationException("the region is gone"));

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the region is gone\n"), await Get("/status"));
    }

    [Fact]
    public async Task It_listens_on_loopback_only_and_a_taken_port_is_refused_with_advice()
    {
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(_server.Url.Host)));

        var refusal = await Assert.ThrowsAsync<SettingException>(() => HealthServer.StartAsync(_health, _server.Url.Port));

        Assert.Contains("--health-port", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "node": "x" }""")]
    [InlineData("""{ "node": null, "members": [], "shards": [], "training": null }""")]
    [InlineData("<html>")]
    [InlineData("null")]
    public void What_is_no_status_is_not_taken_for_one(string json) => Assert.Null(HealthClient.Read(json));

    [Theory]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1/readyz")]
    [InlineData("http://127.0.0.1:1/healthz", "http://127.0.0.1:1/healthz")]
    public void A_url_without_a_path_is_asked_for_what_the_command_needs(string url, string asked) =>
        Assert.Equal(asked, HealthClient.Address(url, "/readyz").ToString());

    [Theory]
    [InlineData("127.0.0.1:80")]
    [InlineData("file:///etc")]
    public void What_is_no_http_address_is_refused(string url) =>
        Assert.Throws<SettingException>(() => HealthClient.Address(url, "/readyz"));

    [Fact]
    public async Task A_node_that_is_not_there_does_not_answer()
    {
        var address = new Uri(_server.Url, "/readyz");
        await _server.DisposeAsync();

        var (good, text) = await HealthClient.AskAsync(address);

        Assert.False(good);
        Assert.Contains("does not answer", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cluster_status_prints_80_columns_or_the_json()
    {
        var text = await ProgramRun.RunAsync("cluster", "status", "--url", _server.Url.ToString());
        var json = await ProgramRun.RunAsync("cluster", "status", "--json", "--url", _server.Url.ToString());

        Assert.Equal((string.Empty, 0), (text.Error, text.Code));
        Assert.Contains("4 members, 2 up", text.Output, StringComparison.Ordinal);
        Assert.All(text.Output.Split('\n'), line => Assert.True(line.Length <= 80, line));
        Assert.Equivalent(FakeHealth.Example, HealthClient.Read(json.Output), strict: true);
    }

    private async Task<(HttpStatusCode Code, string Text)> Get(string path)
    {
        using var response = await _client.GetAsync(new Uri(_server.Url, path));
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
