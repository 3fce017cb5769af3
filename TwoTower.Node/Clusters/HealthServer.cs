using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using TwoTower.Node.Settings;
using TwoTower.Node.Web;

namespace TwoTower.Node.Clusters;

/// <summary>Says over HTTP how a node is: <c>/healthz</c> (it lives), <c>/readyz</c> (it does its part), <c>/status</c> (the cluster, as
/// JSON). On loopback, because it asks nobody who they are.</summary>
internal sealed class HealthServer : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);
    private readonly WebApplication _application;

    private HealthServer(WebApplication application, Uri url) => (_application, Url) = (application, url);

    /// <summary>Where it listens, with the port that it got.</summary>
    public Uri Url { get; }

    /// <summary>Begins to answer.</summary>
    /// <param name="health">What is asked.</param>
    /// <param name="port">Port on loopback; 0 takes any that is free.</param>
    /// <exception cref="SettingException">The port is taken or forbidden.</exception>
    public static async Task<HealthServer> StartAsync(INodeHealth health, int port)
    {
        var application = SmallServer.Builder(IPAddress.Loopback, port, limits =>
        {
            limits.MaxRequestBodySize = 0;
            limits.MaxConcurrentConnections = 64;
        }).Build();
        application.UseRouting();
        application.MapGet("/healthz", context => Answer(context, health.Alive, health.Alive ? "alive" : "the actor system has ended"));
        application.MapGet("/readyz", async context =>
        {
            var (ready, why) = await health.ReadinessAsync().ConfigureAwait(false);
            await Answer(context, ready, ready ? "ready" : why).ConfigureAwait(false);
        });
        application.MapGet("/status", context => Status(context, health));
        var url = await SmallServer.StartAsync(application,
            why => $"The health server cannot listen on port {port}: {why}; take another --health-port, or 0 for any.")
            .ConfigureAwait(false);
        return new HealthServer(application, url);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync().ConfigureAwait(false);
        await _application.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task Status(HttpContext context, INodeHealth health)
    {
        try
        {
            var status = await health.StatusAsync().WaitAsync(s_patience, context.RequestAborted).ConfigureAwait(false);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(JsonSerializer.Serialize(status, ClusterStatusJson.Default.ClusterStatus),
                context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Answer(context, false, failure is TimeoutException ? "the cluster did not answer in time" : failure.Message)
                .ConfigureAwait(false);
        }
    }

    private static Task Answer(HttpContext context, bool good, string text)
    {
        context.Response.StatusCode = good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
