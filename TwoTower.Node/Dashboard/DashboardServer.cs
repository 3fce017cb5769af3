using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TwoTower.Model.Storage;
using TwoTower.Node.Dashboard.Feeds;
using TwoTower.Node.Learned;
using TwoTower.Node.Settings;
using TwoTower.Node.Telemetry;
using TwoTower.Node.Web;
using MinDataRate = Microsoft.AspNetCore.Server.Kestrel.Core.MinDataRate;

namespace TwoTower.Node.Dashboard;

/// <summary>Shows a folder of runs in a browser. It reads their files and nothing else, so it is the same server inside a run at work and
/// beside it, and it may be stopped and started again at any time.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly IDisposable[] _parts;
    private readonly Task _readingAhead;

    private DashboardServer(WebApplication application, IDisposable[] parts, Task readingAhead, Uri url, string? token) =>
        (_application, _parts, _readingAhead, Url, Address) =
            (application, parts, readingAhead, url, token is null ? url.ToString() : $"{Known(url)}?token={token}");

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Url { get; }

    /// <summary>What a person opens: the URL, with the token where one is needed.</summary>
    public string Address { get; }

    /// <summary>Begins to answer.</summary>
    /// <param name="options">What is shown, and to whom.</param>
    /// <exception cref="SettingException">The address or the port cannot be had.</exception>
    public static async Task<DashboardServer> StartAsync(DashboardOptions options)
    {
        var builder = SmallServer.Builder(options.Address, options.Port, limits =>
        {
            limits.MaxRequestBodySize = options.Limits.RequestBytes;
            limits.MaxConcurrentConnections = 8 * options.Limits.Streams;
            limits.RequestHeadersTimeout = options.Limits.Patience;
            // whoever takes less holds memory for longer than any link of today needs
            limits.MinResponseDataRate = new MinDataRate(32 * 1024, TimeSpan.FromSeconds(5));
        });
        builder.Services.AddAccessRules(options);
        var application = builder.Build();
        application.UseAccessRules(options);
        application.Use(InOneSentence);
        application.UseRouting();
        var (runs, comparisons, export, models) = (new ShownRuns(options.Folder), new Comparisons(), new RunExport(options.Limits.Exports),
            new LearnedModels());
        var learned = new LearnedEndpoints(runs, models);
        IDisposable[] parts = [runs, comparisons, export, models, learned];
        var stopping = application.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        application.MapPageFiles();
        var feeds = new RunFeeds(options.Limits.Interval);
        new RunEndpoints(runs, feeds, new EventStream(options.Limits, stopping), comparisons, export).Map(application);
        learned.Map(application);
        application.MapTwoTowerMetrics();
        try
        {
            var url = await SmallServer.StartAsync(application,
                why => $"The dashboard cannot listen on {options.Address}, port {options.Port}: {why}; take another port, or 0 for any "
                + $"that is free.").ConfigureAwait(false);
            return new DashboardServer(application, parts, options.ReadsAhead ? Task.Run(() => ReadAhead(runs, feeds, stopping))
                : Task.CompletedTask, url, options.Token);
        }
        catch
        {
            Array.ForEach(parts, part => part.Dispose());
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _readingAhead.ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
        foreach (var part in _parts)
        {
            part.Dispose();
        }
    }

    private static void ReadAhead(ShownRuns runs, RunFeeds feeds, CancellationToken stopping)
    {
        foreach (var run in runs.All().Take(RunFeeds.Most).TakeWhile(_ => !stopping.IsCancellationRequested))
        {
            try
            {
                feeds.Of(run.Folder).Look(series => series.Whole(run.Status));
            }
            catch (StorageException)
            {
                // Whoever asks for it is told.
            }
        }
    }

    /// <summary>Every address is none that a browser could open; the machine's name is.</summary>
    private static Uri Known(Uri url) => IPAddress.TryParse(url.Host.Trim('[', ']'), out var address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        ? new UriBuilder(url) { Host = Dns.GetHostName() }.Uri
        : url;

    /// <summary>What a person can do something about is said to them; a page that goes away in the middle is nobody's fault.</summary>
    private static async Task InOneSentence(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
        catch (BadHttpRequestException refused) when (!context.Response.HasStarted)
        {
            await DashboardJson.RefuseAsync(context, refused.StatusCode, "The request cannot be used.").ConfigureAwait(false);
        }
        catch (Exception failure)
            when (failure is StorageException or Model.Data.DataException or SettingException && !context.Response.HasStarted)
        {
            await DashboardJson.RefuseAsync(context, failure is StorageException ? StatusCodes.Status409Conflict
                : StatusCodes.Status400BadRequest, failure.Message).ConfigureAwait(false);
        }
    }
}
