using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;
using TwoTower.Actors.Hosting.Endpoints;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>Two actor systems that reach each other over loopback, and what they log.</summary>
internal sealed class RemoteSystems : IAsyncDisposable
{
    private const string Remote = """
        akka {
          actor.provider = remote
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
          loggers = []
          stdout-loglevel = OFF
          log-dead-letters = off
        }
        """;

    private readonly List<ActorSystem> _systems = [];

    public RemoteSystems()
    {
        Here = Start("here", WireHosting.Configuration);
        There = Start("there", WireHosting.Configuration);
    }

    /// <summary>One of the two.</summary>
    public ActorSystem Here { get; }

    /// <summary>The other.</summary>
    public ActorSystem There { get; }

    /// <summary>Warnings and errors of all systems.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <summary>Connections that came down.</summary>
    public ConcurrentQueue<string> Disconnections { get; } = new();

    /// <summary>Waits until something holds.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        var end = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(20);
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetUtcNow().UtcDateTime < end, $"{what} has not come about within 20 s");
            await Task.Delay(10);
        }
    }

    /// <summary>Starts one more system.</summary>
    public ActorSystem Start(string name, string configuration)
    {
        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString(configuration)
            .WithFallback(ConfigurationFactory.ParseString(Remote)));
        _systems.Add(system);
        var log = system.ActorOf(Props.Create(() => new Log(Complaints, Disconnections)));
        foreach (var type in new[] { typeof(Warning), typeof(Error), typeof(DisassociatedEvent), typeof(AssociationErrorEvent),
            typeof(QuarantinedEvent) })
        {
            system.EventStream.Subscribe(log, type);
        }

        return system;
    }

    /// <summary>An actor of <paramref name="at"/> as <paramref name="from"/> reaches it over the network.</summary>
    public static IActorRef Over(ActorSystem from, ActorSystem at, IActorRef actor) =>
        ((ExtendedActorSystem)from)
            .Provider.ResolveActorRef(actor.Path.ToSerializationFormatWithAddress(((ExtendedActorSystem)at).Provider.DefaultAddress));

    public async ValueTask DisposeAsync() => await Task.WhenAll(_systems.Select(system => system.Terminate()));

    /// <summary>Keeps what comes in.</summary>
    internal sealed class Inbox : ReceiveActor
    {
        public Inbox(ConcurrentQueue<(object Message, IActorRef Sender)> received) =>
            ReceiveAny(message => received.Enqueue((message, Sender)));
    }

    private sealed class Log : ReceiveActor
    {
        public Log(ConcurrentQueue<string> complaints, ConcurrentQueue<string> disconnections)
        {
            Receive<LogEvent>(log => complaints.Enqueue(log.ToString()));
            ReceiveAny(message => disconnections.Enqueue(message.ToString()!));
        }
    }
}
