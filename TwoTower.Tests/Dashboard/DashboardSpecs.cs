using System.Text.Json.Nodes;
using TwoTower.Node.Dashboard;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Dashboard;

/// <summary>A dashboard over an empty folder, asked as a browser asks.</summary>
public abstract class DashboardSpecs : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    private protected HttpClient Client { get; } = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    private protected DashboardServer Server { get; private set; } = null!;

    /// <summary>A folder that the library lies in.</summary>
    private protected string Around => _folder.Path;

    private protected string Library => Path.Combine(_folder.Path, "runs");

    public async Task InitializeAsync() => Server = await DashboardServer.StartAsync(new DashboardOptions(Library));

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private protected static async Task Eventually(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await condition())
        {
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    private protected async Task<JsonNode> Ask(DashboardServer server, string path) =>
        JsonNode.Parse(await Client.GetStringAsync(new Uri(server.Url, path)))!;

    private protected async Task<JsonArray> Runs(DashboardServer server) => (await Ask(server, "/api/runs"))["runs"]!.AsArray();

    private protected async Task<string> OnlyId(DashboardServer server) => (string)Assert.Single(await Runs(server))!["id"]!;
}
