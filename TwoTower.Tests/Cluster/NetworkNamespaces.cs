using System.Diagnostics;

namespace TwoTower.Tests.Cluster;

/// <summary>Machines in a network of their own that can be cut: Linux network namespaces on a bridge in another one, so nothing of this
/// machine's network is touched.</summary>
internal sealed class NetworkNamespaces : ICuttableNetwork
{
    private readonly string _name;
    private readonly int _machines;

    private NetworkNamespaces(string name, int machines) => (_name, _machines) = (name, machines);

    /// <summary>Why they cannot be made here, or null.</summary>
    public static string? Refusal { get; } = Try();

    /// <summary>Makes machines 1 … n.</summary>
    public static NetworkNamespaces Make(int machines)
    {
        var network = new NetworkNamespaces($"tt{Environment.ProcessId % 10000}", machines);
        try
        {
            network.Make();
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public Task<NodeProcess> StartAsync(int machine, string folder, string role, string? seed, string[] arguments) =>
        NodeProcess.StartInAsync(On(machine), folder, role, seed, [.. arguments, "--host", AddressOf(machine)]);

    /// <summary>What has to stand before a command that is to run on a machine.</summary>
    public string[] On(int machine) => ["ip", "netns", "exec", Machine(machine)];

    /// <inheritdoc />
    public void Connect(int machine, bool connected) =>
        Run("netns", "exec", Hub, "ip", "link", "set", Port(machine), connected ? "up" : "down");

    /// <summary>Plugs a machine into another switch: it reaches those that are there too, and nobody else.</summary>
    public void MoveApart(int machine) => Run("netns", "exec", Hub, "ip", "link", "set", Port(machine), "master", "apart");

    public void Dispose()
    {
        foreach (var name in Enumerable.Range(1, _machines).Select(Machine).Append(Hub))
        {
            try
            {
                Run("netns", "del", name);
            }
            catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It was never made.
            }
        }
    }

    private static string AddressOf(int machine) => $"10.77.0.{machine}";

    private string Hub => $"{_name}h";

    private string Machine(int machine) => $"{_name}m{machine}";

    private string Port(int machine) => $"{_name}p{machine}";

    private void Make()
    {
        Run("netns", "add", Hub);
        foreach (var bridge in new[] { "bridge", "apart" })
        {
            Run("netns", "exec", Hub, "ip", "link", "add", bridge, "type", "bridge");
            Run("netns", "exec", Hub, "ip", "link", "set", bridge, "up");
        }

        for (var machine = 1; machine <= _machines; machine++)
        {
            Run("netns", "add", Machine(machine));
            Run("netns", "exec", Hub, "ip", "link", "add", Port(machine), "type", "veth", "peer", "name", "cable", "netns",
                Machine(machine));
            Run("netns", "exec", Hub, "ip", "link", "set", Port(machine), "master", "bridge", "up");
            Run("netns", "exec", Machine(machine), "ip", "address", "add", $"{AddressOf(machine)}/24", "dev", "cable");
            Run("netns", "exec", Machine(machine), "ip", "link", "set", "cable", "up");
            Run("netns", "exec", Machine(machine), "ip", "link", "set", "lo", "up");
        }
    }

    private static string? Try()
    {
        try
        {
            Make(1).Dispose();
            return null;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return failure.Message;
        }
    }

    private static void Run(params string[] arguments)
    {
        using var process =
            Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {string.Join(' ', arguments)}: {error.Trim()}");
        }
    }
}

/// <summary>A fact that needs network namespaces.</summary>
public sealed class NetworkNamespacesFactAttribute : FactAttribute
{
    public NetworkNamespacesFactAttribute()
    {
        if (NetworkNamespaces.Refusal is { } refusal)
        {
            Skip = $"Network namespaces cannot be made here: {refusal}";
        }
    }
}
