using System.Globalization;
using System.Net;

namespace TwoTower.Node.Settings;

/// <summary>Where a node can be reached.</summary>
/// <param name="Host">A name or an address, an IPv6 address without brackets.</param>
/// <param name="Port">A TCP port, from 1 on.</param>
internal readonly record struct HostAndPort(string Host, int Port)
{
    /// <summary>Reads <c>host:port</c>; an IPv6 address stands in brackets.</summary>
    /// <exception cref="SettingException">It is none.</exception>
    public static HostAndPort Parse(string text)
    {
        var at = text.LastIndexOf(':');
        var host = at > 0 ? text[..at].Trim() : string.Empty;
        var bracketed = host.StartsWith('[') && host.EndsWith(']');
        host = bracketed ? host[1..^1] : host;
        var known = bracketed ? IPAddress.TryParse(host, out _) : host.Length > 0 && Uri.CheckHostName(host) is UriHostNameType.Dns
            or UriHostNameType.IPv4;
        return known && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0
            and <= IPEndPoint.MaxPort
            ? new HostAndPort(host, port)
            : throw new SettingException($"'{text}' is no HOST:PORT, such as 127.0.0.1:4053.");
    }

    /// <inheritdoc />
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");
}
