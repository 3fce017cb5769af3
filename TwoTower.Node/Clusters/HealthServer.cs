using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters;

/// <summary>Says over HTTP how a node is: <c>/healthz</c> (it lives), <c>/readyz</c> (it does its part), <c>/status</c> (the cluster, as JSON). On loopback, because
/// it asks nobody who they are.</summary>
public sealed class HealthServer : IAsyncDisposable
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
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, LeavesSignals>();
        var application = builder.Build();
        application.UseRouting();
        application.MapGet("/healthz", context => Answer(context, health.Alive, health.Alive ? "alive" : "the actor system has ended"));
        application.MapGet("/readyz", async context =>
        {
            var (ready, why) = await health.ReadinessAsync().ConfigureAwait(false);
            await Answer(context, ready, ready ? "ready" : why).ConfigureAwait(false);
        });
        application.MapGet("/status", context => Status(context, health));
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new SettingException($"The health server cannot listen on port {port}: {failure.GetBaseException().Message}; take another --health-port, or 0 for any.");
        }

        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new HealthServer(application, new Uri(addresses.First()));
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
            await context.Response.WriteAsync(JsonSerializer.Serialize(status, ClusterStatusJson.Default.ClusterStatus), context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (!context.RequestAborted.IsCancellationRequested)
        {
            await Answer(context, false, failure is TimeoutException ? "the cluster did not answer in time" : failure.Message).ConfigureAwait(false);
        }
    }

    private static Task Answer(HttpContext context, bool good, string text)
    {
        context.Response.StatusCode = good ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text + "\n", context.RequestAborted);
    }
}
