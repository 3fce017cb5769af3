using System.Net;
using TwoTower.Node.Dashboard;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Dashboard;

/// <summary>What the dashboard gives to whom.</summary>
public sealed class AccessSpecs : DashboardSpecs
{
    [Fact]
    public async Task Every_answer_carries_the_policy()
    {
        foreach (var path in new[] { "/", "/files/style.css", "/api/runs", "/nothing" })
        {
            using var answer = await Client.GetAsync(new Uri(Server.Url, path));

            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        }
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.BadRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.BadRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    public async Task A_name_that_was_made_to_point_here_is_refused(string host, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Server.Url, "/api/runs"));
        request.Headers.Host = host;

        using var answer = await Client.SendAsync(request);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Theory]
    [InlineData("/files/..%2f..%2fsecret.txt")]
    [InlineData("/files/%2e%2e/secret.txt")]
    [InlineData("/api/runs/..%2fsecret")]
    [InlineData("/api/runs/%2e%2e/events")]
    [InlineData("/api/runs/run/view")]
    [InlineData("/api/runs/..%2f..%2fsecret/run.json")]
    [InlineData("/api/compare/settings?id=..%2fsecret")]
    public async Task No_path_of_a_request_reaches_the_disk(string path)
    {
        _ = new MadeRun(Library, "run");
        _ = new MadeRun(Around, "secret");
        await File.WriteAllTextAsync(Path.Combine(Around, "secret.txt"), "secret");

        using var answer = await Client.GetAsync(new Uri($"{Server.Url.ToString().TrimEnd('/')}{path}",
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task With_a_token_nothing_is_given_without_it()
    {
        await using var server = await DashboardServer.StartAsync(new DashboardOptions(Library) { Token = "5e4c" });
        async Task<HttpResponseMessage> Ask(string path, string? header = null, string? cookie = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, path));
            request.Headers.TryAddWithoutValidation("Authorization", header);
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
            return await Client.SendAsync(request);
        }

        foreach (var path in new[] { "/", "/files/style.css", "/api/runs", "/?token=wrong", "/?token=" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await Ask(path)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask("/api/runs", "Bearer 5e4")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Ask("/api/runs", null, $"twotower-token-{server.Url.Port}=5e4d")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Ask("/api/runs", "Bearer 5e4c")).StatusCode);
        var opened = await Ask("/run?id=7&token=5e4c");
        var cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"));
        Assert.Equal((HttpStatusCode.Redirect, "/run?id=7"), (opened.StatusCode, opened.Headers.Location!.OriginalString));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.OK, (await Ask("/api/runs", null, cookie.Split(';')[0])).StatusCode);
        Assert.EndsWith("/?token=5e4c", server.Address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_dashboards_of_a_host_whose_cookies_a_browser_mixes_keep_their_tokens_apart()
    {
        await using var one = await DashboardServer.StartAsync(new DashboardOptions(Library) { Token = "5e4c" });
        await using var other = await DashboardServer.StartAsync(new DashboardOptions(Library) { Token = "77aa" });
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() });

        foreach (var address in new[] { one.Address, other.Address, one.Url.ToString(), other.Url.ToString() })
        {
            using var answer = await browser.GetAsync(new Uri(address));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Whoever_has_the_token_may_call_the_server_as_they_like()
    {
        await using var server = await DashboardServer.StartAsync(new DashboardOptions(Library) { Token = "5e4c" });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Url, "/api/runs"));
        (request.Headers.Host, request.Headers.Authorization) = ("box.lab.example", new("Bearer", "5e4c"));

        using var answer = await Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_token_takes_nobody_to_another_server()
    {
        await using var server = await DashboardServer.StartAsync(new DashboardOptions(Library) { Token = "5e4c" });

        using var answer = await Client.GetAsync(new Uri($"{server.Url}/evil.example/?token=5e4c"));

        Assert.Equal("/evil.example/", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public void Whoever_listens_to_other_machines_gets_a_token_and_every_time_another()
    {
        Assert.Null(DashboardOptions.Of("runs", null, null).Token);
        Assert.Null(DashboardOptions.Of("runs", null, "127.0.0.1").Token);
        var (first, second) = (DashboardOptions.Of("runs", "0", "0.0.0.0"), DashboardOptions.Of("runs", "0", "0.0.0.0"));

        Assert.Equal(32, first.Token!.Length);
        Assert.NotEqual(first.Token, second.Token);
        Assert.Equal(["localhost", "127.0.0.1", "[::1]"], DashboardOptions.Of("runs", null, "::1").Hosts);
        Assert.Contains("127.0.0.2", DashboardOptions.Of("runs", null, "127.0.0.2").Hosts);
    }

    [Theory]
    [InlineData("70000", null)]
    [InlineData("-1", null)]
    [InlineData(null, "everywhere")]
    public void What_is_no_port_or_address_is_refused(string? port, string? listen) =>
        Assert.Throws<SettingException>(() => DashboardOptions.Of("runs", port, listen));

    [Fact]
    public async Task It_listens_on_loopback_and_a_taken_port_is_refused_with_advice()
    {
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(Server.Url.Host)));

        var refusal = await Assert.ThrowsAsync<SettingException>(() =>
            DashboardServer.StartAsync(new DashboardOptions(Library) { Port = Server.Url.Port }));

        Assert.Contains("0 for any that is free", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_to_wait()
    {
        await using var server =
            await DashboardServer.StartAsync(new DashboardOptions(Library) { Limits = new DashboardLimits { RequestsPerSecond = 1 } });
        var codes = new List<HttpStatusCode>();
        for (var n = 0; n < 8; n++)
        {
            using var answer = await Client.GetAsync(new Uri(server.Url, "/files/icon.svg"));
            codes.Add(answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.OK, codes[0]);
        Assert.Contains(HttpStatusCode.TooManyRequests, codes);
    }
}
