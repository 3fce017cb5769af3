using Akka.Hosting;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Wires the serializers and the endpoints' dispatcher into an actor system.</summary>
internal static class WireHosting
{
    /// <summary>Dispatcher of endpoints: encoding and reassembling neither wait for computing nor delay heartbeats.</summary>
    public const string Dispatcher = "wire-dispatcher";

    /// <summary>Our messages are bound to <see cref="WireSerializer"/>, whatever has no serializer of its own to
    /// <see cref="RefusingSerializer"/>. What Akka binds for its own messages stays.</summary>
    public static string Configuration { get; } = $$"""
        akka.actor {
          serializers {
            json = "{{NameOf(typeof(RefusingSerializer))}}"
            twotower = "{{NameOf(typeof(WireSerializer))}}"
          }
          serialization-bindings {
            "System.Object" = json
            "{{NameOf(typeof(WireFrame))}}" = twotower
        {{string.Join('\n', WireFormat.Manifests.Values.Select(type => $"    \"{NameOf(type)}\" = twotower"))}}
          }
        }
        {{Dispatcher}} {
          type = ForkJoinDispatcher
          throughput = 20
          dedicated-thread-pool { thread-count = {{Math.Clamp(Environment.ProcessorCount / 2, 1, 4)}} }
        }
        """;

    /// <summary>Adds <see cref="Configuration"/>.</summary>
    public static AkkaConfigurationBuilder AddTwoTowerWire(this AkkaConfigurationBuilder builder) =>
        builder.AddHocon(Configuration, HoconAddMode.Prepend);

    private static string NameOf(Type type) => $"{type.FullName}, {type.Assembly.GetName().Name}";
}
