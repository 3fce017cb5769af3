using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Web;

/// <summary>What every web server of the program has in common: one address, limits, routing, and nothing else of a default host.</summary>
internal static class SmallServer
{
    /// <summary>A builder of such a server.</summary>
    /// <param name="address">The address that is listened on.</param>
    /// <param name="port">TCP port; 0 takes any that is free.</param>
    /// <param name="limit">Sets what a request may cost.</param>
    public static WebApplicationBuilder Builder(IPAddress address, int port, Action<KestrelServerLimits> limit)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            limit(kestrel.Limits);
            kestrel.Listen(address, port);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, LeavesSignals>();
        return builder;
    }

    /// <summary>Begins to answer.</summary>
    /// <param name="application">The server; disposed when it cannot listen.</param>
    /// <param name="refusal">Says that it cannot, given the reason.</param>
    /// <returns>Where it listens, with the port that it got.</returns>
    /// <exception cref="SettingException">The address or the port cannot be had.</exception>
    public static async Task<Uri> StartAsync(WebApplication application, Func<string, string> refusal)
    {
        try
        {
            await application.StartAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException)
        {
            await application.DisposeAsync().ConfigureAwait(false);
            throw new SettingException(refusal(failure.GetBaseException().Message));
        }

        return new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }

    /// <summary>In the place of the lifetime by which a web server would take Ctrl-C and SIGTERM for itself: they are the program's to
    /// answer (<see cref="TwoTower.Node.Runs.StopSignals"/>).</summary>
    private sealed class LeavesSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
