using System.Buffers.Binary;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Google.Protobuf;
using TwoTower.Actors.Cluster;
using TwoTower.Actors.Protocol;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Clusters;

/// <summary>Asks whoever listens at an address who they are, as Akka.Remote's nodes greet each other (an <c>AkkaProtocolMessage</c> of
/// WireFormats.proto behind its length in four bytes): the answer is the actor system's name, and the address under which alone it takes
/// messages. The greeter has a name of its own, so that no node takes it for one that it knows.</summary>
/// <param name="seed">The address.</param>
/// <param name="tls">The TLS to greet in, or null.</param>
internal sealed class SeedProbe(HostAndPort seed, TlsTransport? tls)
{
    private const int Associate = 1, MostBytes = 4096;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1.5);

    /// <summary>Asks.</summary>
    /// <returns>Why a node cannot join by them, as the middle of a sentence, and whether it is in vain to ask
    /// again; no reason where it can.</returns>
    public async Task<(string? Reason, bool IsFinal)> AskAsync()
    {
        using var limit = new CancellationTokenSource(s_patience);
        var connected = false;
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(seed.Host, seed.Port, limit.Token).ConfigureAwait(false);
            connected = true;
            var stream = tls is null ? client.GetStream() : await EncryptedAsync(client.GetStream(), tls, limit.Token)
                .ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await stream.WriteAsync(Greeting(), limit.Token).ConfigureAwait(false);
                return Judge(await AnswerAsync(stream, limit.Token).ConfigureAwait(false));
            }
        }
        catch (OperationCanceledException)
        {
            return (connected
                ? "something listens there, but it does not answer as a node does (it may be the port of another program)"
                : "nothing answers; the machine is off, or a firewall is between", false);
        }
        catch (SocketException failure)
        {
            return (NodeDoor.IsUnknown(failure) ? $"the name {seed.Host} does not resolve to an address"
                : failure.SocketErrorCode == SocketError.ConnectionRefused ? "the connection is refused, because nothing listens there"
                : NodeDoor.Plain(failure), false);
        }
        catch (AuthenticationException failure)
        {
            return ($"TLS fails ({failure.GetBaseException().Message.TrimEnd('.')}); every node of a cluster needs a certificate of one authority", true);
        }
        catch (IOException)
        {
            return (Closes, false);
        }
    }

    private string Closes =>
        $"something listens there, but it closes the connection (it may be no node, "
        + $"or {(tls is null ? "a node with TLS, which this one is without" : "a node without TLS, which this one is with")})";

    private (string? Reason, bool IsFinal) Judge(byte[] answer)
    {
        if (answer.Length == 0)
        {
            return (Closes, false); // also a container's port whose program is not there yet
        }

        if (Origin(answer) is not { } origin)
        {
            return ($"what listens there is no node: it answers '{Printable(answer)}'", true);
        }

        if (origin.System != ClusterHosting.SystemName)
        {
            var version = origin.System.StartsWith(ClusterHosting.SystemPrefix, StringComparison.Ordinal)
                ? origin.System[ClusterHosting.SystemPrefix.Length..] : origin.System == "twotower" ? "5 or less" : null;
            return (version is null
                ? $"an actor system named '{origin.System}' listens there, no node of twotower"
                : string.Create(CultureInfo.InvariantCulture,
                    $"the node there speaks version {version} of the nodes' protocol, and this one version {AdmissionProtocol.Version}; start the same build on every node"), true);
        }

        var named = new HostAndPort(origin.Host, origin.Port);
        return named.Port == seed.Port && named.Host.Equals(seed.Host, StringComparison.OrdinalIgnoreCase)
            ? (null, false)
            : ($"the node there calls itself {named}, and answers to no other name; say --seed-node {named} here, or start that node so "
                + $"that it is called {seed} (--host, --public-host, --public-port)", true);
    }

    /// <summary>The bytes of one frame without its length; those that came where it is none; nothing
    /// where the connection was closed.</summary>
    private static async Task<byte[]> AnswerAsync(Stream stream, CancellationToken stop)
    {
        var (buffer, filled) = (new byte[MostBytes], 0);
        while (filled < buffer.Length)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled), stop).ConfigureAwait(false);
            filled += read;
            var length = filled < 4 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(buffer);
            if (length > 0 && length <= filled - 4)
            {
                return buffer[4..(4 + length)];
            }

            if (read == 0 || (filled >= 4 && length is <= 0 or > MostBytes - 4))
            {
                break;
            }
        }

        return buffer[..filled];
    }

    private static async Task<Stream> EncryptedAsync(Stream stream, TlsTransport tls, CancellationToken stop)
    {
        var encrypted = new SslStream(stream, leaveInnerStreamOpen: false);
        await encrypted.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "node",
                ClientCertificates = [tls.Setup.Certificate],
                RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    certificate is System.Security.Cryptography.X509Certificates.X509Certificate2 shown && tls.Trusts(shown, chain, out _),
            },
            stop).ConfigureAwait(false);
        return encrypted;
    }

    private byte[] Greeting()
    {
        var origin = Message(to =>
        {
            Text(to, 1, "twotower-door");
            Text(to, 2, "door");
            to.WriteTag(3, WireFormat.WireType.Varint);
            to.WriteUInt32(1);
            Text(to, 4, tls is null ? "akka.tcp" : "akka.ssl.tcp");
        });
        var handshake = Message(to =>
        {
            Bytes(to, 1, origin);
            to.WriteTag(2, WireFormat.WireType.Fixed64);
            to.WriteFixed64(1);
        });
        var instruction = Message(to =>
        {
            to.WriteTag(1, WireFormat.WireType.Varint);
            to.WriteEnum(Associate);
            Bytes(to, 2, handshake);
        });
        var message = Message(to => Bytes(to, 2, instruction));
        var frame = new byte[4 + message.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, message.Length);
        message.CopyTo(frame, 4);
        return frame;
    }

    private static (string System, string Host, int Port)? Origin(byte[] message)
    {
        try
        {
            var fields = Fields(Field(Field(Field(message, 2), 2), 1));
            return Encoding.UTF8.GetString((byte[])fields[1]) is { Length: > 0 } system
                ? (system, Encoding.UTF8.GetString((byte[])fields[2]), (int)(ulong)fields[3]) : null;
        }
        catch (Exception none) when (none is InvalidProtocolBufferException or KeyNotFoundException or InvalidCastException)
        {
            return null;
        }
    }

    private static byte[] Field(byte[] message, int number) => (byte[])Fields(message)[number];

    private static Dictionary<int, object> Fields(byte[] message)
    {
        var (fields, from) = (new Dictionary<int, object>(), new CodedInputStream(message));
        while (from.ReadTag() is > 0 and var tag)
        {
            fields[WireFormat.GetTagFieldNumber(tag)] = WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.Varint => from.ReadUInt64(),
                WireFormat.WireType.Fixed64 => from.ReadFixed64(),
                WireFormat.WireType.LengthDelimited => from.ReadBytes().ToByteArray(),
                _ => throw new InvalidCastException("No field of a greeting is like this."),
            };
        }

        return fields;
    }

    private static byte[] Message(Action<CodedOutputStream> write)
    {
        using var stream = new MemoryStream();
        using (var to = new CodedOutputStream(stream, leaveOpen: true))
        {
            write(to);
        }

        return stream.ToArray();
    }

    private static void Text(CodedOutputStream to, int field, string text) => Bytes(to, field, Encoding.UTF8.GetBytes(text));

    private static void Bytes(CodedOutputStream to, int field, byte[] bytes)
    {
        to.WriteTag(field, WireFormat.WireType.LengthDelimited);
        to.WriteBytes(ByteString.CopyFrom(bytes));
    }

    private static string Printable(byte[] bytes)
    {
        var line = Encoding.Latin1.GetString(bytes).Split('\r', '\n')[0];
        return string.Concat(line.Take(40).Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));
    }
}
