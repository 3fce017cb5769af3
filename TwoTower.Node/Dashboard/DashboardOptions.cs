using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Dashboard;

/// <summary>What a dashboard shows, and to whom.</summary>
/// <param name="Folder">The folder of the runs; it need not exist yet.</param>
internal sealed record DashboardOptions(string Folder)
{
    /// <summary>Port of <c>twotower dashboard</c> when none is given, so that a bookmark holds.</summary>
    public const int DefaultPort = 4080;

    /// <summary>The address that is listened on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>TCP port; 0 takes any that is free.</summary>
    public int Port { get; init; }

    /// <summary>What whoever comes from elsewhere has to know; null where only this machine is listened to.</summary>
    public string? Token { get; init; }

    /// <summary>Whether the latest runs are read before anybody asks, so that the first look at a long one does not wait for its file. A
    /// process that trains has better to do.</summary>
    public bool ReadsAhead { get; init; }

    /// <summary>How much is given to anybody.</summary>
    public DashboardLimits Limits { get; init; } = new();

    /// <summary>Names that a request may call this server by. Without a token any other is that of a page elsewhere whose name was made to
    /// point here. With one such a page gets nothing, for a browser gives it no cookie of another name; and nobody knows all names that a
    /// machine has in a network.</summary>
    public IReadOnlyList<string> Hosts => Token is null
        ? [.. new[] { "localhost", "127.0.0.1", "[::1]", Bracketed(Address) }.Distinct()] : ["*"];

    /// <summary>The options of a command line.</summary>
    /// <param name="folder">The folder of the runs.</param>
    /// <param name="port">Text of <c>--port</c>, or null.</param>
    /// <param name="listen">Text of <c>--listen</c>, or null for this machine only.</param>
    /// <exception cref="SettingException">One of them cannot be.</exception>
    public static DashboardOptions Of(string folder, string? port, string? listen)
    {
        var options = new DashboardOptions(folder) { Port = PortOf("--port", port, DefaultPort) };
        if (listen is null)
        {
            return options;
        }

        if (!IPAddress.TryParse(listen, out var address))
        {
            throw Setting.Refused("--listen", listen, "an address of this machine, such as 0.0.0.0 for all of them");
        }

        return options with
        {
            Address = address,
            Token = IPAddress.IsLoopback(address)
            ? null : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))
        };
    }

    /// <summary>A port as text.</summary>
    /// <exception cref="SettingException">It is none.</exception>
    public static int PortOf(string flag, string? text, int otherwise) =>
        text is null ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port
        : throw Setting.Refused(flag, text, $"a port from 0 (any that is free) to {IPEndPoint.MaxPort}");

    private static string Bracketed(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
        ? $"[{new IPAddress(address.GetAddressBytes())}]" // without the zone, which no Host header has
        : address.ToString();
}

/// <summary>How much of this machine a dashboard gives away.</summary>
internal sealed record DashboardLimits
{
    /// <summary>Event streams at a time, over all pages.</summary>
    public int Streams { get; init; } = 32;

    /// <summary>Exports at a time: each is held as a whole until its reader has it.</summary>
    public int Exports { get; init; } = 2;

    /// <summary>Requests of one address per second, after a burst of five times as many.</summary>
    public int RequestsPerSecond { get; init; } = 60;

    /// <summary>Largest body of a request, in bytes.</summary>
    public int RequestBytes { get; init; } = 16 * 1024;

    /// <summary>How long a reader may take in nothing of what it is sent before it is dropped.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a run's folder is looked at for an open page.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(300);
}
