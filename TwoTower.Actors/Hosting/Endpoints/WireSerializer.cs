using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Puts every message of the conversations into Akka's transport as <see cref="WireFormat"/> says. A frame that is no message is
/// refused with a
/// <see cref="SerializationException"/>, which the transport logs; the connection stays.</summary>
/// <remarks>Encoding leaves a message's pooled buffers alone, because the transport may encode a message again when its socket is full.
/// Whoever wants them back at once encodes the message himself and sends a <see cref="WireFrame"/>.</remarks>
/// <param name="system">The actor system.</param>
internal sealed class WireSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>The number by which peers know this serializer. Part of the protocol: it never changes and is never given to another (Akka
    /// keeps 0 to 40 for itself).</summary>
    public const int WireIdentifier = 7204;

    /// <inheritdoc />
    public override int Identifier => WireIdentifier;

    /// <inheritdoc />
    public override string Manifest(object o) => o is WireFrame frame ? frame.Manifest : Refusing(() => WireFormat.ManifestOf(o));

    /// <inheritdoc />
    public override byte[] ToBinary(object obj) => obj is WireFrame frame ? frame.Bytes : Refusing(() => WireFormat.Encode(obj));

    /// <inheritdoc />
    public override object FromBinary(byte[] bytes, string manifest) => Refusing(() => WireFormat.Decode(manifest, bytes));

    private static T Refusing<T>(Func<T> convert)
    {
        try
        {
            return convert();
        }
        catch (WireException refused)
        {
            throw new SerializationException(refused.Message, refused);
        }
    }
}
