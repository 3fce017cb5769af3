using System.Collections;
using System.CommandLine;
using System.Net;
using TwoTower.Node.Clusters;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Cluster;

/// <summary>A node's options: how they are given, what they mean together, what is refused.</summary>
public class NodeOptionsSpecs
{
    [Fact]
    public void Flags_are_over_configuration_and_seed_nodes_may_be_repeated_or_listed()
    {
        var options = Resolve(["--role", "worker,trainer", "--port", "0", "--seed-node", "a:1", "--seed-node", "[::1]:2,c:3"],
            ("TWOTOWER__NODE__PORT", "9"), ("TWOTOWER__NODE__HEALTHPORT", "8"), ("TWOTOWER__NODE__SEEDNODES", "x:1"));

        Assert.Equal(["trainer", "worker"], options.Roles);
        Assert.Equal((0, 8), (options.Port, options.HealthPort));
        Assert.Equal(["a:1", "[::1]:2", "c:3"], options.SeedNodes.Select(seed => seed.ToString()));
    }

    [Fact]
    public void A_node_stays_on_loopback_unless_told_otherwise()
    {
        var options = Resolve(["--role", "server"]);

        Assert.Equal(("127.0.0.1", "127.0.0.1", 4053), (options.BindHost, options.KnownHost, options.Port));
        Assert.Empty(options.Warnings());
    }

    [Theory]
    [InlineData("0.0.0.0", null, null, "0.0.0.0", null)]
    [InlineData("0.0.0.0", "trainer", null, "0.0.0.0", "trainer")]
    [InlineData("::", null, "10.0.0.5", "::", "10.0.0.5")]
    [InlineData("10.0.0.5", null, null, "10.0.0.5", "10.0.0.5")]
    public void What_is_bound_and_what_others_call_the_node(string listen, string? name, string? host, string bound, string? known)
    {
        var options = new NodeOptions { Roles = ["server"], Listen = listen, PublicHost = name, Host = host ?? "127.0.0.1" };

        Assert.Equal((bound, known ?? Dns.GetHostName()), (options.BindHost, options.KnownHost));
    }

    [Fact]
    public void An_open_node_without_tls_is_warned_about_and_one_with_it_is_not()
    {
        var open = new NodeOptions { Roles = ["server"], Listen = "0.0.0.0" };

        Assert.Contains("TLS", Assert.Single(open.Warnings()), StringComparison.Ordinal);
        Assert.Empty((open with { Tls = new TlsFiles { Certificate = "node.pfx", Authority = "ca.pem" } }).Warnings());
    }

    [Theory]
    [InlineData("--role needed")]
    [InlineData("'sever'", "--role", "sever")]
    [InlineData("node.port", "--role", "server", "--port", "70000")]
    [InlineData("node.publicPort", "--role", "server", "--public-port", "0")]
    [InlineData("node.workerActors", "--role", "worker", "--worker-actors", "0")]
    [InlineData("HOST:PORT", "--role", "worker", "--seed-node", "here")]
    [InlineData("HOST:PORT", "--role", "worker", "--seed-node", "::1:4053")]
    [InlineData("--public-host", "--role", "worker", "--public-host", "0.0.0.0")]
    [InlineData("--tls-authority", "--role", "worker", "--tls-certificate", "node.pfx")]
    [InlineData("there is no file 'missing.pfx'", "--role", "worker", "--tls-certificate", "missing.pfx", "--tls-authority", "missing.pem")]
    public void What_cannot_be_is_refused_with_the_reason(string reason, params string[] arguments)
    {
        var refusal = Assert.Throws<SettingException>(() => Resolve(arguments));

        Assert.Contains(reason.Replace(" needed", string.Empty, StringComparison.Ordinal), refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_and_flags_are_unique()
    {
        Assert.Distinct(NodeOptionCatalogue.All.Select(option => option.Key));
        Assert.Distinct(NodeOptionCatalogue.All.Select(option => option.Flag));
        Assert.All(NodeOptionCatalogue.All, option => Assert.StartsWith(NodeOptions.Prefix, option.Key, StringComparison.Ordinal));
    }

    private static NodeOptions Resolve(string[] arguments, params (string Name, string Value)[] variables)
    {
        var flags = new NodeFlags();
        var command = new Command("node");
        foreach (var option in flags.Options)
        {
            command.Options.Add(option);
        }

        var parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return flags.Resolve(parsed,
            ConfiguredValues.Read("no such file",
            new Hashtable(variables.ToDictionary(variable => variable.Name, variable => variable.Value))));
    }
}
