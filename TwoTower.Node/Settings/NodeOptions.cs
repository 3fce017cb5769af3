using System.Net;
using TwoTower.Actors.Hosting.Nodes;

namespace TwoTower.Node.Settings;

/// <summary>How a node of the cluster runs and is reached. Nothing here changes what is learned.</summary>
internal sealed record NodeOptions
{
    /// <summary>What the keys of these options begin with in configuration sources.</summary>
    public const string Prefix = "node.";

    /// <summary>Port of a node that is given none.</summary>
    public const int DefaultPort = 4053;

    /// <summary>What the node is for (<see cref="ClusterNode"/>); at least one.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>Name or address that the node binds and is known by.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Address to bind in place of <see cref="Host"/>, perhaps every address of the machine; null for none.</summary>
    public string? Listen { get; init; }

    /// <summary>Name or address that the others know the node by; null takes what it binds, and with
    /// every address the machine's name.</summary>
    public string? PublicHost { get; init; }

    /// <summary>TCP port; 0 takes any that is free.</summary>
    public int Port { get; init; } = DefaultPort;

    /// <summary>Port that the others know the node by, where something between forwards it; null is the one that it binds.</summary>
    public int? PublicPort { get; init; }

    /// <summary>Nodes to join the cluster by; without one, the node is the cluster's first.</summary>
    public IReadOnlyList<HostAndPort> SeedNodes { get; init; } = [];

    /// <summary>How long the node waits for the first of its seed nodes that answers; zero is for ever.</summary>
    public TimeSpan JoinWithin { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>What the others call the node, where its port is known before it is bound.</summary>
    public HostAndPort? KnownAs => (PublicPort ?? Port) is > 0 and var port ? new HostAndPort(KnownHost, port) : null;

    /// <summary>Worker actors on a node with the role worker.</summary>
    public int WorkerActors { get; init; } = 1;

    /// <summary>How much longer each gradient takes on this node, as on a slower machine.</summary>
    public TimeSpan GradientDelay { get; init; }

    /// <summary>Port of the health server on loopback; 0 takes any that is free, null starts none.</summary>
    public int? HealthPort { get; init; }

    /// <summary>Folder of the trainer's journal and the shards' records; null for none.</summary>
    public string? State { get; init; }

    /// <summary>What the node shows to others under TLS; null is without TLS.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>What the node binds.</summary>
    public string BindHost => Listen ?? Host;

    /// <summary>What the others know it by.</summary>
    public string KnownHost => PublicHost
        ?? (!IsEveryAddress(BindHost) ? BindHost : !IsLoopback(Host) && !IsEveryAddress(Host) ? Host : Dns.GetHostName());

    /// <summary>Whether the node has a role.</summary>
    public bool Is(string role) => Roles.Contains(role, StringComparer.Ordinal);

    /// <summary>Refuses options that do not fit each other.</summary>
    /// <exception cref="SettingException">They do not.</exception>
    public void Check()
    {
        if (Roles.Count == 0)
        {
            throw new SettingException($"A node needs a role: --role {string.Join(',', ClusterNode.AllRoles)}, or some of these.");
        }

        if (PublicHost is { } name && IsEveryAddress(name))
        {
            throw new SettingException(
                $"--public-host is what others call this node, and nobody can call {name}; give a name or an address of this machine.");
        }

        Tls?.Check();
    }

    /// <summary>What a person should know before the node starts.</summary>
    public IEnumerable<string> Warnings()
    {
        if (!IsLoopback(BindHost) && Tls is null)
        {
            yield return $"Whoever reaches {BindHost} can join this cluster and read and change the model: no TLS. Use it only in a "
                + $"network of your own, or give every node --tls-certificate and --tls-authority (docs/cluster.md).";
        }
    }

    private static bool IsEveryAddress(string host) => IPAddress.TryParse(host, out var address)
        && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static bool IsLoopback(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
