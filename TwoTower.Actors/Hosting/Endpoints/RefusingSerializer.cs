using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Stands where Akka has its JSON serializer, under its name and number, and refuses in both directions: JSON names types, and a
/// name off the wire must not decide what is made here.</summary>
internal sealed class RefusingSerializer : Serializer
{
    /// <summary>The number of Akka's JSON serializer, so that a peer that still sends JSON is told why it is not read.</summary>
    public const int JsonIdentifier = 1;

    /// <summary>Made by Akka.</summary>
    /// <param name="system">The actor system.</param>
    public RefusingSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    /// <summary>Made by Akka, where the JSON serializer has settings.</summary>
    /// <param name="system">The actor system.</param>
    /// <param name="config">Settings of the serializer whose place this takes; not read.</param>
    public RefusingSerializer(ExtendedActorSystem system, Config config)
        : base(system) => _ = config;

    /// <inheritdoc />
    public override int Identifier => JsonIdentifier;

    /// <summary>No type is named on the wire, so none is looked up when a frame comes in.</summary>
    public override bool IncludeManifest => false;

    /// <inheritdoc />
    /// <exception cref="SerializationException">Always.</exception>
    public override byte[] ToBinary(object obj) => throw new SerializationException(
        $"{obj.GetType().FullName} has no form on the wire and is refused: give it one in {nameof(WireFormat)}, or keep it inside one "
            + $"actor system "
        + $"(a message to oneself is marked {nameof(INoSerializationVerificationNeeded)}).");

    /// <inheritdoc />
    /// <exception cref="SerializationException">Always.</exception>
    public override object FromBinary(byte[] bytes, Type type) => throw new SerializationException(
        $"A peer sent {bytes.Length} bytes of JSON{(type is null ? string.Empty : $" for {type.FullName}")}, which is refused: no message "
            + $"of this program is JSON. Is the peer of another version, or another program?");
}
