using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Prometheus;
using TwoTower.Node.Settings;
using TwoTower.Node.Web;

namespace TwoTower.Node.Telemetry;

/// <summary><c>/metrics</c> for Prometheus: the meter of <see cref="RunMetrics"/>, and nothing else of the process.</summary>
internal static class MetricsEndpoint
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
    public static IEndpointConventionBuilder MapTwoTowerMetrics(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapMetrics(Path, s_registry.Value);

    /// <summary>Begins to serve the endpoint alone, on loopback, because it asks nobody who they are.</summary>
    /// <param name="port">Port; 0 takes any that is free.</param>
    /// <returns>The server, to be disposed, and where it listens.</returns>
    /// <exception cref="SettingException">The port is taken or forbidden.</exception>
    public static async Task<(IAsyncDisposable Server, Uri Url)> ServeAsync(int port)
    {
        var application = SmallServer.Builder(IPAddress.Loopback, port, limits =>
        {
            limits.MaxRequestBodySize = 0;
            limits.MaxConcurrentConnections = 16;
        }).Build();
        application.UseRouting();
        application.MapTwoTowerMetrics();
        var url = await SmallServer.StartAsync(application,
            why => $"Metrics cannot be served on port {port}: {why}; take another --metrics-port, or 0 for any.").ConfigureAwait(false);
        return (application, new Uri(url, Path));
    }
}
