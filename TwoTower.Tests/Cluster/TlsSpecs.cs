using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Node.Clusters;
using TwoTower.Node.Settings;
using TwoTower.Tests.Cluster.Local;
using TwoTower.Tests.Data;
using TwoTower.Tests.Node;

namespace TwoTower.Tests.Cluster;

/// <summary>Nodes under TLS: two that the cluster's authority has signed talk, nobody else gets a word through.</summary>
public sealed class TlsSpecs : IAsyncLifetime
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = new("ours");
    private readonly TestAuthority _foreign = new("theirs");
    private readonly List<ActorSystem> _systems = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_systems.Select(system => system.Terminate()));
        _authority.Dispose();
        _foreign.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Nodes_with_certificates_of_the_authority_talk_whether_they_are_pfx_or_pem()
    {
        var one = Start(TlsTransport.Of(Pfx("one", _authority, "a secret"))!.Setup);
        var other = Start(TlsTransport.Of(Pem("other", _authority))!.Setup);
        one.ActorOf(Props.Create(() => new Echo()), "echo");

        Assert.Equal("hello", await EchoOf(one, other).Ask<string>("hello", s_limit));
    }

    [Fact]
    public async Task Who_shows_a_certificate_of_another_authority_gets_no_word_through()
    {
        var node = Start(TlsTransport.Of(Pfx("node", _authority))!.Setup);
        var heard = new TaskCompletionSource();
        node.ActorOf(Props.Create(() => new Ear(heard)), "echo");
        var impostor = Start(new DotNettySslSetup(_foreign.Issue(), false, true, false, (_, _, _, _, _) => true));

        await RefusedAsync(node, () => EchoOf(node, impostor).Tell("let me in"));

        await NothingArrivesAsync(heard.Task);
    }

    [Fact]
    public async Task A_node_does_not_talk_to_one_with_a_certificate_of_another_authority()
    {
        var heard = new TaskCompletionSource();
        var impostor = Start(new DotNettySslSetup(_foreign.Issue(), false, true, false, (_, _, _, _, _) => true));
        impostor.ActorOf(Props.Create(() => new Ear(heard)), "echo");
        var node = Start(TlsTransport.Of(Pfx("node", _authority))!.Setup);

        await RefusedAsync(node, () => EchoOf(impostor, node).Tell("a secret"));

        await NothingArrivesAsync(heard.Task);
    }

    [Theory]
    [InlineData("foreign", "will refuse")]
    [InlineData("expired", "will refuse")]
    [InlineData("servers only", "will refuse")]
    [InlineData("no key", "cannot be used")]
    [InlineData("wrong password", "cannot be used")]
    [InlineData("empty authority", "no certificate")]
    public void What_others_would_refuse_is_refused_at_the_start(string what, string reason)
    {
        var options = what switch
        {
            "foreign" => Pfx("node", _foreign),
            "expired" => Pfx("node", _authority, expired: true),
            "servers only" => Pfx("node", _authority, clients: false),
            "wrong password" => Pfx("node", _authority, "right"),
            _ => Pem("node", _authority),
        };
        switch (what)
        {
            case "no key":
                options = options with { Tls = options.Tls! with { Key = null } };
                break;
            case "wrong password":
                _folder.Write("node.password", "wrong\n");
                break;
            case "empty authority":
                _folder.Write("ca.pem", string.Empty);
                break;
        }

        var refusal = Assert.Throws<SettingException>(() => TlsTransport.Of(options));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [UnixFact]
    public async Task The_openssl_recipe_of_the_page_makes_certificates_that_nodes_accept()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(ReadmeSpecs.Root(), "docs", "cluster.md"));
        var recipe = page.Split("```").Single(block => block.Contains("openssl req -x509", StringComparison.Ordinal));
        using var shell =
            Process.Start(new ProcessStartInfo("bash", ["-ec", recipe]) { WorkingDirectory = _folder.Path, RedirectStandardError = true })!;
        var said = await shell.StandardError.ReadToEndAsync().WaitAsync(s_limit);
        await shell.WaitForExitAsync().WaitAsync(s_limit);
        Assert.True(shell.ExitCode == 0, said);
        string At(string name) => Path.Combine(_folder.Path, name);

        var pem = new TlsFiles { Authority = At("ca.pem"), Certificate = At("node-1.pem"), Key = At("node-1.key") };
        Assert.NotNull(TlsTransport.Of(new NodeOptions { Tls = pem }));
        Assert.NotNull(
            TlsTransport.Of(
            new NodeOptions { Tls = pem with { Certificate = At("node-1.pfx"), Key = null, PasswordFile = At("node-1.password") } }));
    }

    private NodeOptions Pfx(string name, TestAuthority authority, string? password = null, bool clients = true, bool expired = false) =>
        Options(
            new TlsFiles
            {
                Certificate = _folder.WriteBytes($"{name}.pfx", authority.Issue(clients, expired).Export(X509ContentType.Pfx, password)),
                PasswordFile = password is null ? null : _folder.Write($"{name}.password", password + "\n"),
            });

    private NodeOptions Pem(string name, TestAuthority authority)
    {
        using var certificate = authority.Issue();
        using var key = certificate.GetECDsaPrivateKey()!;
        return Options(new TlsFiles
        {
            Certificate = _folder.Write($"{name}.pem", certificate.ExportCertificatePem()),
            Key = _folder.Write($"{name}.key", PemEncoding.WriteString("PRIVATE KEY", key.ExportPkcs8PrivateKey()))
        });
    }

    private NodeOptions Options(TlsFiles files) =>
        new() { Roles = [ClusterNode.Server], Tls = files with { Authority = _folder.Write("ca.pem", _authority.Pem) } };

    private ActorSystem Start(DotNettySslSetup tls)
    {
        var settings = ConfigurationFactory.ParseString("""
            akka.loglevel = WARNING
            akka.stdout-loglevel = OFF
            akka.loggers = []
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp.hostname = 127.0.0.1
            akka.remote.dot-netty.tcp.port = 0
            """).WithFallback(ConfigurationFactory.ParseString(TlsTransport.Hocon));
        var system = ActorSystem.Create("tls", ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(settings), tls));
        _systems.Add(system);
        return system;
    }

    private static ActorSelection EchoOf(ActorSystem of, ActorSystem from) =>
        from.ActorSelection($"{((ExtendedActorSystem)of).Provider.DefaultAddress}/user/echo");

    /// <summary>Sends, and waits until a node has refused the other's certificate.</summary>
    private static async Task RefusedAsync(ActorSystem node, Action send)
    {
        var refused = new TaskCompletionSource();
        node.EventStream.Subscribe(node.ActorOf(Props.Create(() => new RefusalListener(refused))), typeof(Warning));
        send();
        await refused.Task.WaitAsync(s_limit);
    }

    /// <summary>That something does not come can only be waited for; were the refusal without effect, it would come at once.</summary>
    private static async Task NothingArrivesAsync(Task heard) =>
        Assert.NotSame(heard, await Task.WhenAny(heard, Task.Delay(TimeSpan.FromSeconds(1))));

    private sealed class Echo : ReceiveActor
    {
        public Echo() => Receive<string>(text => Sender.Tell(text));
    }

    private sealed class Ear : ReceiveActor
    {
        public Ear(TaskCompletionSource heard) => ReceiveAny(_ => heard.TrySetResult());
    }

    private sealed class RefusalListener : ReceiveActor
    {
        public RefusalListener(TaskCompletionSource refused) =>
            Receive<Warning>(warning =>
            {
                if (warning.Message.ToString()!.StartsWith("Refused the certificate", StringComparison.Ordinal))
                {
                    refused.TrySetResult();
                }
            });
    }
}
