using System.Buffers;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>Every message between nodes as bytes: a manifest that names its kind and version, and a frame. Meant to stand behind an Akka
/// serializer with manifests.</summary>
/// <remarks>A frame is one MessagePack array of the message's values, fixed in number and width (rows that are no whole floats say so in
/// one more); arrays of numbers lie together in one binary block at its end (little-endian). A change to a message's values takes
/// a new version in its manifest.</remarks>
internal static partial class WireFormat
{
    /// <summary>Bytes of the longest frame: more than two tables of the longest arrays that .NET has, and few
    /// enough to be told from nonsense.</summary>
    public const long LongestFrame = 1L << 36;

    /// <summary>All manifests with the type of message each names, in alphabetical order.</summary>
    public static IReadOnlyDictionary<string, Type> Manifests { get; } = new SortedDictionary<string, Type>(StringComparer.Ordinal)
    {
        ["a.apply.1"] = typeof(AdmissionProtocol.Apply),
        ["a.admitted.1"] = typeof(AdmissionProtocol.Admitted),
        ["a.refused.1"] = typeof(AdmissionProtocol.Refused),
        ["a.ended.1"] = typeof(AdmissionProtocol.Ended),
        ["a.known.1"] = typeof(AdmissionProtocol.EndKnown),
        ["a.dismissed.1"] = typeof(AdmissionProtocol.Dismissed),
        ["a.unable.1"] = typeof(AdmissionProtocol.Unable),
        ["c.describe.1"] = typeof(CopiesProtocol.Describe),
        ["c.described.1"] = typeof(CopiesProtocol.Described),
        ["e.chunk.2"] = typeof(EndpointProtocol.Chunk),
        ["e.credit.2"] = typeof(EndpointProtocol.Credit),
        ["e.broken.2"] = typeof(EndpointProtocol.Broken),
        ["l.join.1"] = typeof(LeaseProtocol.Join),
        ["l.welcome.1"] = typeof(LeaseProtocol.Welcome),
        ["l.request.1"] = typeof(LeaseProtocol.LeaseRequest),
        ["l.granted.1"] = typeof(LeaseProtocol.LeaseGranted),
        ["l.offer.1"] = typeof(LeaseProtocol.Offer),
        ["l.accepted.1"] = typeof(LeaseProtocol.OfferAccepted),
        ["l.declined.1"] = typeof(LeaseProtocol.OfferDeclined),
        ["l.completed.1"] = typeof(LeaseProtocol.Completed),
        ["l.recorded.1"] = typeof(LeaseProtocol.CompletionRecorded),
        ["l.unknown.1"] = typeof(LeaseProtocol.Unknown),
        ["l.leave.1"] = typeof(LeaseProtocol.Leave),
        ["l.ranking.1"] = typeof(LeaseProtocol.RankingRequest),
        ["l.ranked.1"] = typeof(LeaseProtocol.RankingGiven),
        ["l.failed.2"] = typeof(LeaseProtocol.Failed),
        ["l.noted.1"] = typeof(LeaseProtocol.FailureRecorded),
        ["m.pulse.1"] = typeof(MajorityProtocol.Pulse),
        ["m.echo.1"] = typeof(MajorityProtocol.Echo),
        ["p.pull.1"] = typeof(ParameterProtocol.Pull),
        ["p.rows.1"] = typeof(ParameterProtocol.Rows),
        ["p.push.1"] = typeof(ParameterProtocol.Push),
        ["p.ack.1"] = typeof(ParameterProtocol.PushAck),
        ["p.fence.1"] = typeof(ParameterProtocol.Fence),
        ["p.fenced.1"] = typeof(ParameterProtocol.Fenced),
        ["p.nack.1"] = typeof(ParameterProtocol.Nack),
        ["r.recall.1"] = typeof(ReplicaProtocol.Recall),
        ["r.held.1"] = typeof(ReplicaProtocol.Held),
        ["r.install.1"] = typeof(ReplicaProtocol.Install),
        ["r.installed.1"] = typeof(ReplicaProtocol.Installed),
        ["r.operation.1"] = typeof(ReplicaProtocol.Operation),
        ["r.ack.1"] = typeof(ReplicaProtocol.OperationAck),
        ["r.absent.1"] = typeof(ReplicaProtocol.Absent),
        ["r.refused.1"] = typeof(ReplicaProtocol.Refused),
        ["r.release.1"] = typeof(ReplicaProtocol.Release),
        ["s.evaluate.1"] = typeof(SnapshotProtocol.Evaluate),
        ["s.read.1"] = typeof(SnapshotProtocol.Read),
        ["s.part.1"] = typeof(SnapshotProtocol.Part),
        ["s.taken.1"] = typeof(SnapshotProtocol.Taken),
        ["s.evaluated.1"] = typeof(SnapshotProtocol.Evaluated),
        ["s.failed.1"] = typeof(SnapshotProtocol.Failed),
        ["t.inquire.2"] = typeof(StateProtocol.Inquire),
        ["t.standing.2"] = typeof(StateProtocol.Standing),
        ["t.recovered.1"] = typeof(StateProtocol.Recovered),
        ["t.count.1"] = typeof(StateProtocol.Count),
        ["t.counted.1"] = typeof(StateProtocol.Counted),
        ["t.export.1"] = typeof(StateProtocol.Export),
        ["t.image.1"] = typeof(StateProtocol.Image),
    };

    private static readonly Dictionary<Type, string> s_manifestOf = Manifests.ToDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>Whether a message can go over the wire.</summary>
    public static bool HasForm(object message) => s_manifestOf.ContainsKey(message.GetType());

    /// <summary>The manifest of a message.</summary>
    /// <exception cref="WireException">It has no form on the wire.</exception>
    public static string ManifestOf(object message) => s_manifestOf.TryGetValue(message.GetType(), out var manifest)
        ? manifest : throw NoForm(message);

    /// <summary>The bytes that <see cref="Encode"/> gives, counted without encoding.</summary>
    /// <exception cref="WireException">It has no form on the wire.</exception>
    public static long SizeOf(object message)
    {
        var meter = default(WireMeter);
        Write(ref meter, message);
        return meter.Bytes;
    }

    /// <summary>A message as a frame. Its buffers stay the caller's.</summary>
    /// <exception cref="WireException">It has no form on the wire, or does not fit in one array.</exception>
    public static byte[] Encode(object message)
    {
        var size = SizeOf(message);
        var output =
            new FrameBuffer(
            new byte[size <= Array.MaxLength
            ? size : throw new WireException($"{message.GetType().Name} takes {size} bytes, more than one array has.")]);
        var writer = new WireWriter(output);
        Write(ref writer, message);
        writer.Flush();
        return output.Frame;
    }

    /// <summary>The frame of a message of any length, without making it. The message's buffers are the frame's until it is released, and
    /// the message must not change until then.</summary>
    /// <exception cref="WireException">It has no form on the wire, or is longer than <see cref="LongestFrame"/>.</exception>
    public static MessageFrame FrameOf(object message)
    {
        var (head, parts) = (new ArrayBufferWriter<byte>(), new List<FramePart>());
        var writer = new WireWriter(head, parts);
        Write(ref writer, message);
        writer.Flush();
        var frame = new MessageFrame(head.WrittenSpan.ToArray(), parts, message as IOwnsBuffers);
        return frame.Length <= LongestFrame
            ? frame : throw new WireException(
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

        try
        {
            var reader = new WireReader(frame, used);
            var message = Read(ref reader, manifest);
            reader.End();
            return message;
        }
        catch (Exception malformed)
            when (malformed is MessagePack.MessagePackSerializationException or EndOfStreamException or OverflowException
            or ArgumentException)
        {
            throw new WireException($"The frame is no '{manifest}': {malformed.Message}", malformed);
        }
    }

    private static WireException NoForm(object message) => new($"{message.GetType().Name} has no form on the wire.");

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
