using System.Buffers;
using System.Reflection;
using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Every message between nodes as bytes: a manifest that names its kind and version, and a frame. Meant to stand behind an Akka
/// serializer with manifests.</summary>
/// <remarks>A message is a record with a <see cref="ManifestAttribute"/>; <see cref="WireForms"/> says how its fields lie in a frame of
/// MessagePack. A change to its fields takes a new version in its manifest.</remarks>
internal static class WireFormat
{
    /// <summary>Bytes of the longest frame.</summary>
    public const long LongestFrame = EndpointProtocol.LongestFrame;

    private static readonly Type[] s_conversations =
    [
        typeof(AdmissionProtocol), typeof(CopiesProtocol), typeof(EndpointProtocol), typeof(LeaseProtocol), typeof(MajorityProtocol),
        typeof(ParameterProtocol), typeof(ReplicaProtocol), typeof(SnapshotProtocol), typeof(StateProtocol),
    ];

    private static readonly Dictionary<Type, Kind> s_kinds = s_conversations
        .SelectMany(conversation => conversation.GetNestedTypes())
        .Where(type => type.IsDefined(typeof(ManifestAttribute), inherit: false))
        .ToDictionary(type => type, type => new Kind(type.GetCustomAttribute<ManifestAttribute>()!.Name, type, ObjectForm.Of(type)));

    private static readonly Dictionary<string, Kind> s_named = s_kinds.Values.ToDictionary(kind => kind.Manifest, StringComparer.Ordinal);

    /// <summary>All manifests with the type of message each names, in alphabetical order.</summary>
    public static IReadOnlyDictionary<string, Type> Manifests { get; } =
        new SortedDictionary<string, Type>(s_named.ToDictionary(named => named.Key, named => named.Value.Type), StringComparer.Ordinal);

    /// <summary>Whether a message can go over the wire.</summary>
    public static bool HasForm(object message) => s_kinds.ContainsKey(message.GetType());

    /// <summary>The manifest of a message.</summary>
    /// <exception cref="WireException">It has no form on the wire.</exception>
    public static string ManifestOf(object message) => KindOf(message).Manifest;

    /// <summary>The bytes that <see cref="Encode"/> gives, counted without encoding.</summary>
    /// <exception cref="WireException">It has no form on the wire.</exception>
    public static long SizeOf(object message)
    {
        var writer = WireWriter.Counting();
        KindOf(message).Form.Write(ref writer, message);
        return writer.Counted;
    }

    /// <summary>A message as a frame. Its buffers stay the caller's.</summary>
    /// <exception cref="WireException">It has no form on the wire, or does not fit in one array.</exception>
    public static byte[] Encode(object message)
    {
        var size = SizeOf(message);
        var output = new FrameBuffer(new byte[size <= Array.MaxLength
            ? size
            : throw new WireException($"{message.GetType().Name} takes {size} bytes, more than one array has.")]);
        var writer = new WireWriter(output);
        KindOf(message).Form.Write(ref writer, message);
        writer.Flush();
        return output.Frame;
    }

    /// <summary>The frame of a message of any length, without making it. The message's buffers are the frame's until it is released, and
    /// the message must not change until then.</summary>
    /// <exception cref="WireException">It has no form on the wire, or is longer than <see cref="LongestFrame"/>.</exception>
    public static MessageFrame FrameOf(object message)
    {
        var frame = FrameOf(message, KindOf(message).Form, message as IOwnsBuffers);
        return frame.Length <= LongestFrame
            ? frame
            : throw new WireException(
                $"{message.GetType().Name} takes {frame.Length} bytes, more than the {LongestFrame} of the longest frame.");
    }

    /// <summary>The message of a frame, with buffers of its own.</summary>
    /// <param name="manifest">What <see cref="ManifestOf"/> said.</param>
    /// <param name="frame">What <see cref="Encode"/> gave.</param>
    /// <exception cref="WireException">The manifest is unknown, or the frame is no such message.</exception>
    public static object Decode(string manifest, ReadOnlyMemory<byte> frame) => Decode(manifest, new ReadOnlySequence<byte>(frame));

    /// <summary>The message of a frame that may be in many pieces, with buffers of its own.</summary>
    /// <param name="manifest">What <see cref="ManifestOf"/> said.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="used">Is told up to which byte the frame will not be looked at again, so that it can be
    /// given back while it is read; or null.</param>
    /// <exception cref="WireException">The manifest is unknown, or the frame is no such message.</exception>
    public static object Decode(string manifest, in ReadOnlySequence<byte> frame, Action<long>? used = null)
    {
        if (frame.Length > LongestFrame)
        {
            throw new WireException($"A frame of {frame.Length} bytes is longer than the {LongestFrame} there may be.");
        }

        return s_named.TryGetValue(manifest, out var kind)
            ? Decode(manifest, kind.Form, frame, used)
            : throw new WireException($"There is no message '{manifest}'; this build knows {string.Join(", ", Manifests.Keys)}.");
    }

    /// <summary>The frame of a value of any length.</summary>
    internal static MessageFrame FrameOf(object value, ObjectForm form, IOwnsBuffers? owner = null)
    {
        var (head, parts) = (new ArrayBufferWriter<byte>(), new List<(int Before, FramePart Part)>());
        var writer = new WireWriter(head, parts);
        form.Write(ref writer, value);
        writer.Flush();
        return new MessageFrame(head.WrittenSpan.ToArray(), parts, owner);
    }

    /// <summary>The value of a frame, which has to end with it.</summary>
    /// <exception cref="WireException">The frame is no such value.</exception>
    internal static object Decode(string what, ObjectForm form, in ReadOnlySequence<byte> frame, Action<long>? used = null)
    {
        try
        {
            var reader = new WireReader(frame, used);
            var value = form.Read(ref reader);
            reader.End();
            return value;
        }
        catch (Exception malformed)
            when (malformed is MessagePack.MessagePackSerializationException or EndOfStreamException or OverflowException
            or ArgumentException)
        {
            throw new WireException($"The frame is no '{what}': {malformed.Message}", malformed);
        }
    }

    private static Kind KindOf(object message) =>
        s_kinds.TryGetValue(message.GetType(), out var kind)
            ? kind
            : throw new WireException($"{message.GetType().Name} has no form on the wire.");

    private sealed record Kind(string Manifest, Type Type, ObjectForm Form);

    /// <summary>A frame of a length that is known beforehand.</summary>
    private sealed class FrameBuffer(byte[] bytes) : IBufferWriter<byte>
    {
        private byte[] _bytes = bytes;
        private int _written;

        public byte[] Frame => _written == _bytes.Length ? _bytes : _bytes[.._written];

        public void Advance(int count) => _written += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return _bytes.AsMemory(_written);
        }

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return _bytes.AsSpan(_written);
        }

        /// <summary>The writer may ask for more than it will use, at the end of the frame too.</summary>
        private void Reserve(int sizeHint)
        {
            if (_bytes.Length - _written < Math.Max(1, sizeHint))
            {
                Array.Resize(ref _bytes, checked(_written + Math.Max(16, sizeHint)));
            }
        }
    }
}
