using System.Globalization;
using System.Net;
using TwoTower.Actors.Hosting.Nodes;

namespace TwoTower.Node.Settings;

/// <summary>One option of a node.</summary>
/// <param name="Key">Its key in configuration sources.</param>
/// <param name="Flag">Its name on the command line.</param>
/// <param name="Help">What it means.</param>
/// <param name="Repeats">Whether it may be given several times, each with one value or several with commas between.</param>
/// <param name="Apply">The options with this one changed.</param>
internal sealed record NodeOption(string Key, string Flag, string Help, bool Repeats, Func<NodeOptions, string, NodeOptions> Apply);

/// <summary>Every option of a node that configuration sources can give.</summary>
internal static class NodeOptionCatalogue
{
    /// <summary>The options.</summary>
    public static IReadOnlyList<NodeOption> All { get; } =
    [
        new("node.role", "--role", "What the node is for, with commas between: trainer, server, worker, evaluator", true,
            (o, text) => o with { Roles = RolesOf(text) }),
        new("node.host", "--host", "Name or address that the node binds and is known by (default: 127.0.0.1)", false,
            (o, text) => o with { Host = Words(text) ?? new NodeOptions().Host }),
        new("node.listen", "--listen", "Address to bind instead, such as 0.0.0.0: opens the node to other machines", false,
            (o, text) => o with { Listen = Words(text) }),
        new("node.publicHost", "--public-host", "What others call the node (default: what it binds; with 0.0.0.0 the machine's name)",
            false, (o, text) => o with { PublicHost = Words(text) }),
        new("node.port", "--port", "TCP port; 0 is any that is free (default: 4053)", false,
            (o, text) => o with { Port = Whole("node.port", text, 0, IPEndPoint.MaxPort) }),
        new("node.publicPort", "--public-port",
            "Port that others call, where a container's host or a NAT forwards another to --port (default: the port that is bound)", false,
            (o, text) => o with { PublicPort = Words(text) is { } port ? Whole("node.publicPort", port, 1, IPEndPoint.MaxPort) : null }),
        new("node.seedNodes", "--seed-node", "HOST:PORT of a node to join by; may be repeated (default: this node is the first)", true,
            (o, text) => o with { SeedNodes = [.. Items(text).Select(HostAndPort.Parse)] }),
        new("node.joinWithin", "--join-within", "Seconds to wait for a seed node to answer, 0 for ever (default: 3)", false,
            (o, text) => o with { JoinWithin = TimeSpan.FromSeconds(Whole("node.joinWithin", text, 0, 86_400)) }),
        new("node.workerActors", "--worker-actors", "Worker actors of a worker node (default: 1)", false,
            (o, text) => o with { WorkerActors = Whole("node.workerActors", text, 1, 1024) }),
        new("node.gradientDelay", "--gradient-delay",
            "Milliseconds that each batch's gradient takes longer on this node: a straggler, to see what it does (default: 0)", false,
            (o, text) => o with { GradientDelay = TimeSpan.FromMilliseconds(Whole("node.gradientDelay", text, 0, 60_000)) }),
        new("node.healthPort", "--health-port", "Port of the health server on loopback; 0 is any that is free (default: no such server)",
            false, (o, text) =>
            o with { HealthPort = Words(text) is { } port ? Whole("node.healthPort", port, 0, IPEndPoint.MaxPort) : null }),
        new("node.state", "--state", "Folder of the trainer's journal and the shards' records", false,
            (o, text) => o with { State = Words(text) }),
        new("node.tlsCertificate", "--tls-certificate", "Certificate that the node shows: .pfx, or PEM", false,
            (o, text) => Tls(o, tls => tls with { Certificate = Words(text) })),
        new("node.tlsKey", "--tls-key", "Key of a PEM certificate, when it is in a file of its own", false,
            (o, text) => Tls(o, tls => tls with { Key = Words(text) })),
        new("node.tlsPasswordFile", "--tls-password-file", "File with the password of the key", false,
            (o, text) => Tls(o, tls => tls with { PasswordFile = Words(text) })),
        new("node.tlsAuthority", "--tls-authority", "PEM of the authority that has signed every node's certificate", false,
            (o, text) => Tls(o, tls => tls with { Authority = Words(text) })),
    ];

    /// <summary>The option of a key.</summary>
    /// <exception cref="SettingException">There is none; the message names the nearest.</exception>
    public static NodeOption Find(string key) =>
        All.FirstOrDefault(option => option.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
        ?? throw new SettingException(
            $"'{key}' is no option of a node; did you mean '{NearNames.Nearest(key, All.Select(option => option.Key))}' ('twotower node "
            + $"--help' lists them all)?");

    private static NodeOptions Tls(NodeOptions options, Func<TlsFiles, TlsFiles> change) =>
        options with { Tls = change(options.Tls ?? new TlsFiles()) is var files && files == new TlsFiles() ? null : files };

    private static string? Words(string text) => text.Trim() is { Length: > 0 } words ? words : null;

    private static IEnumerable<string> Items(string text) =>
        text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int Whole(string key, string text, int from, int to) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= from && value <= to
            ? value
            : throw Setting.Refused(key, text, $"a whole number from {from} to {to}");

    private static IReadOnlyList<string> RolesOf(string text)
    {
        var asked = Items(text).Select(role => role.ToLowerInvariant()).ToArray();
        return asked.FirstOrDefault(role => !ClusterNode.AllRoles.Contains(role, StringComparer.Ordinal)) is { } unknown
            ? throw new SettingException(
                $"'{unknown}' is no role; did you mean '{NearNames.Nearest(unknown, ClusterNode.AllRoles)}'? There "
                + $"are {string.Join(", ", ClusterNode.AllRoles)}.")
            : [.. ClusterNode.AllRoles.Where(role => asked.Contains(role, StringComparer.Ordinal))];
    }
}
