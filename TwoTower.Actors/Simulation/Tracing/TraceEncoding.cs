using System.Buffers.Binary;
using System.Text;
using TwoTower.Actors.Ids;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>An event as bytes: integers of variable length, times as differences. docs/trace-format.md describes them;
/// <see cref="TraceReader"/> is the other way.</summary>
internal static class TraceEncoding
{
    /// <summary>The version of the encoding. Whatever changes the bytes of any event changes it.</summary>
    public const int Version = 1;

    /// <summary>No text is longer, in bytes; the rest is cut off.</summary>
    public const int MaxText = 400;

    /// <summary>No event is longer: eight integers of ten bytes at most, and a text.</summary>
    public const int MaxEvent = 80 + MaxText;

    /// <summary>Writes an event.</summary>
    /// <param name="to">At least <see cref="MaxEvent"/> bytes.</param>
    /// <param name="traced">The event.</param>
    /// <param name="lastTicks">The time of the event before it.</param>
    /// <returns>Bytes written.</returns>
    public static int Write(Span<byte> to, in TraceEvent traced, long lastTicks)
    {
        var at = 0;
        Unsigned(to, ref at, ((ulong)traced.Code << 3) | (ulong)traced.Kind);
        Unsigned(to, ref at, (ulong)(traced.Ticks - lastTicks));
        if (traced.Kind != TraceKind.End)
        {
            Node(to, ref at, traced.From);
        }

        if (traced.IsMessage)
        {
            Node(to, ref at, traced.To);
        }

        if (traced.IsMessage || traced.Kind == TraceKind.Work)
        {
            Signed(to, ref at, traced.Key);
            Unsigned(to, ref at, (ulong)traced.Bytes);
        }

        if (traced.IsMessage)
        {
            Details(to, ref at, traced);
        }

        if (traced.HasText)
        {
            Text(to, ref at, traced.Text);
        }

        return at;
    }

    private static void Details(Span<byte> to, ref int at, in TraceEvent traced)
    {
        if (traced.Message == TraceMessage.Evaluated)
        {
            BinaryPrimitives.WriteInt64LittleEndian(to[at..], traced.First);
            at += sizeof(long);
            return;
        }

        var details = TracedMessage.DetailsOf(traced.Message).Count;
        if (details > 0)
        {
            Signed(to, ref at, traced.First);
        }

        if (details > 1)
        {
            Signed(to, ref at, traced.Second);
        }
    }

    /// <summary>Seven bits a byte, the lowest first; the high bit says that another byte follows.</summary>
    private static void Unsigned(Span<byte> to, ref int at, ulong value)
    {
        while (value >= 0x80)
        {
            to[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        to[at++] = (byte)value;
    }

    /// <summary>Small numbers of either sign are short: 0, -1, 1, -2 … become 0, 1, 2, 3 …</summary>
    private static void Signed(Span<byte> to, ref int at, long value) => Unsigned(to, ref at, (ulong)((value << 1) ^ (value >> 63)));

    /// <summary>There is one evaluator: what would be others are the server nodes of a cluster.</summary>
    private static void Node(Span<byte> to, ref int at, NodeId node) => Unsigned(to, ref at, node.Role == NodeRole.Server
        ? ((ulong)(uint)(node.Index + 1) << 2) | (ulong)NodeRole.Evaluator
        : ((ulong)(uint)node.Index << 2) | (ulong)node.Role);

    private static void Text(Span<byte> to, ref int at, string text)
    {
        Span<byte> utf8 = stackalloc byte[MaxText];
        Encoding.UTF8.GetEncoder().Convert(text, utf8, flush: true, out _, out var count, out _);
        Unsigned(to, ref at, (ulong)count);
        utf8[..count].CopyTo(to[at..]);
        at += count;
    }
}
