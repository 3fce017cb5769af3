using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters;

/// <summary>Whether a node can listen where it is told to, and whether somebody is there by whom it can join: asked before anything is
/// loaded, so that what is wrong is said at once and in words.</summary>
/// <param name="options">The node.</param>
/// <param name="tls">Its TLS, or null.</param>
/// <param name="say">Is told what a person should know.</param>
internal sealed class NodeDoor(NodeOptions options, TlsTransport? tls, Action<string> say)
{
    private static readonly TimeSpan s_between = TimeSpan.FromMilliseconds(250);

    /// <summary>Refuses an address that the node cannot listen at.</summary>
    /// <exception cref="SettingException">The port is taken or forbidden, or the address is not one of this machine.</exception>
    public static void CheckOwn(NodeOptions options)
    {
        var (host, port) = (options.BindHost, options.Port);
        try
        {
            var address = IPAddress.TryParse(host, out var given) ? given
                : Dns.GetHostAddresses(host) is { Length: > 0 } found
                ? found.FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork) ?? found[0]
                : throw new SocketException((int)SocketError.HostNotFound);
            using var listener = new TcpListener(address, port);
            listener.Start();
            listener.Stop();
        }
        catch (SocketException failure)
        {
            var flag = options.Listen is null ? "--host" : "--listen";
            throw new SettingException(failure.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse =>
                    string.Create(CultureInfo.InvariantCulture,
                    $"Port {port} at {host} is in use by another program, perhaps by another node: stop that one, or give this node another --port (0 is any that is free)."),
                SocketError.AccessDenied =>
                    string.Create(CultureInfo.InvariantCulture,
                    $"Port {port} at {host} must not be used by this account: give the node a --port from 1024 on."),
                SocketError.AddressNotAvailable =>
                    $"{flag} {host} is no address of this machine: give one that it has, or 0.0.0.0 for all of them, with --public-host "
                    + $"as others call it.",
                _ when IsUnknown(failure) => $"{flag} {host} does not resolve to an address: give a name or an address of this machine.",
                _ => string.Create(CultureInfo.InvariantCulture, $"The node cannot listen at {host}:{port}: {Plain(failure)}."),
            });
        }
    }

    /// <summary>Waits until one of the seed nodes answers, unless the node founds the cluster.</summary>
    /// <exception cref="SettingException">None does in time, or one is there that is not what it should be.</exception>
    public async Task WaitForSeedAsync()
    {
        if (options.SeedNodes.Count == 0 || IsSelf(options.SeedNodes[0]))
        {
            return;
        }

        HostAndPort[] seeds = [.. options.SeedNodes.Where(seed => !IsSelf(seed)).Distinct()];
        var begin = Stopwatch.GetTimestamp();
        var said = string.Empty;
        while (true)
        {
            var answers = await Task.WhenAll(seeds.Select(AskAsync)).ConfigureAwait(false);
            if (answers.Any(answer => answer.Reason is null))
            {
                return;
            }

            var all = string.Join("; ", answers.Select(answer => $"{answer.Seed}: {answer.Reason}"));
            if (answers.Any(answer => answer.IsFinal))
            {
                throw new SettingException($"This node cannot join: {all}.");
            }

            var (passed, limit) = (Stopwatch.GetElapsedTime(begin), options.JoinWithin);
            if (limit > TimeSpan.Zero && passed + s_between > limit)
            {
                throw new SettingException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"This node cannot join: {all}. Start {(seeds.Length == 1 ? "that node" : "one of these nodes")} first or mend --seed-node; --join-within SECONDS waits longer than {limit.TotalSeconds:0} s, 0 for ever."));
            }

            if (all != said)
            {
                say(string.Create(CultureInfo.InvariantCulture,
                    $"Not joined yet: {all}. Asking again {(limit > TimeSpan.Zero ? $"for {limit.TotalSeconds:0} s" : "for ever")} (--join-within)."));
                said = all;
            }

            await Task.Delay(s_between).ConfigureAwait(false);
        }
    }

    private bool IsSelf(HostAndPort seed) => options.KnownAs is { } self && self.Port == seed.Port
        && self.Host.Equals(seed.Host, StringComparison.OrdinalIgnoreCase);

    private async Task<(HostAndPort Seed, string? Reason, bool IsFinal)> AskAsync(HostAndPort seed)
    {
        var (reason, final) = await new SeedProbe(seed, tls).AskAsync().ConfigureAwait(false);
        return (seed, reason, final);
    }

    /// <summary>Whether a name does not resolve, now or ever.</summary>
    internal static bool IsUnknown(SocketException failure) => failure.SocketErrorCode is SocketError.HostNotFound or SocketError.TryAgain
        or SocketError.NoData or SocketError.NoRecovery;

    /// <summary>What the system says, as the middle of a sentence.</summary>
    internal static string Plain(SocketException failure) => failure.SocketErrorCode switch
    {
        SocketError.NetworkUnreachable or SocketError.HostUnreachable => "there is no way to it from here",
        SocketError.NetworkDown => "the network is down",
        _ => $"{char.ToLowerInvariant(failure.Message[0])}{failure.Message[1..].TrimEnd('.')}",
    };
}
