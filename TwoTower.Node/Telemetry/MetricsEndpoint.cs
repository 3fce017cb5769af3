using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Prometheus;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Telemetry;

/// <summary><c>/metrics</c> for Prometheus: the meter of <see cref="RunMetrics"/>, and nothing else of the process.</summary>
public static class MetricsEndpoint
{
    /// <summary>The path.</summary>
    public const string Path = "/metrics";

    private static readonly Lazy<CollectorRegistry> s_registry = new(() =>
    {
        var registry = Metrics.NewCustomRegistry();
        MeterAdapter.StartListening(new MeterAdapterOptions
        {
            Registry = registry,
            MetricFactory = Metrics.WithCustomRegistry(registry), // the registry alone is not enough
            InstrumentFilterPredicate = instrument => instrument.Meter.Name == RunMetrics.Name,
            MetricsExpireAfter = TimeSpan.FromMinutes(1), // of a run that is over; those of one at work are asked for at every look
        });
        return registry;
    });

    /// <summary>Adds the endpoint to whatever serves the process.</summary>
    public static IEndpointConventionBuilder MapTwoTowerMetrics(this IEndpointRouteBuilder endpoints) => endpoints.MapMetrics(Path, s_registry.Value);

    /// <summary>Begins to serve the endpoint alone, on loopback, because it asks nobody who they are.</summary>
    /// <param name="port">Port; 0 takes any that is free.</param>
    /// <returns>The server, to be disposed, and where it listens.</returns>
    /// <exception cref="SettingException">The port is taken or forbidden.</exception>
    public static async Task<(IAsyncDisposable Server, Uri Url)> ServeAsync(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxConcurrentConnections = 16;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var application = builder.Build();
        application.UseRouting();
        application.MapTwoTowerMetrics();
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new SettingException($"Metrics cannot be served on port {port}: {failure.GetBaseException().Message}; take another --metrics-port, or 0 for any.");
        }

        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return (application, new Uri(new Uri(address), Path));
    }

    /// <summary>Leaves signals to the program.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
