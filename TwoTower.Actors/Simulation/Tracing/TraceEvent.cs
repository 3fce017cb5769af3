using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>What an event of a trace tells of. The numbers are part of the format.</summary>
internal enum TraceKind
{
    /// <summary>A message was handed to the network.</summary>
    Sent = 0,

    /// <summary>A message is handled.</summary>
    Delivered = 1,

    /// <summary>A message will not arrive; the text says why.</summary>
    Dropped = 2,

    /// <summary>Work begins; its length is known.</summary>
    Work = 3,

    /// <summary>The world changed; the text says how.</summary>
    Fault = 4,

    /// <summary>The run ended by itself; the text is the hash of its parameters.</summary>
    End = 5,
}

/// <summary>One event of a trace. Which fields count depends on the kind; the others are 0 or empty.</summary>
/// <param name="Ticks">Virtual time in ticks of 100 ns.</param>
/// <param name="Kind">What it tells of.</param>
/// <param name="From">Sender; the node that works; the node of a fault.</param>
/// <param name="To">Receiver; equal to <paramref name="From"/> where there is none.</param>
/// <param name="Code">The number of the <see cref="TraceMessage"/>; of the <see cref="WorkKind"/>; for a fault 1 when it is of a node and 0
/// when it is of the whole world.</param>
/// <param name="Key">What a message is about, see <see cref="TracedMessage.KeyOf"/>; for work its size.</param>
/// <param name="Bytes">Size of a message; for work its length in ticks.</param>
/// <param name="First">First detail of a message, see <see cref="TracedMessage.DetailsOf"/>; of a metric its bits.</param>
/// <param name="Second">Second detail.</param>
/// <param name="Text">Why a message was dropped, what a fault is, the name of a message without a number,
/// the hash at the end; else empty.</param>
internal readonly record struct TraceEvent(
    long Ticks, TraceKind Kind, NodeId From, NodeId To, int Code, long Key, long Bytes, long First, long Second, string Text)
{
    /// <summary>Virtual seconds.</summary>
    public double Seconds => (double)Ticks / TimeSpan.TicksPerSecond;

    /// <summary>Whether it tells of a message.</summary>
    public bool IsMessage => Kind is TraceKind.Sent or TraceKind.Delivered or TraceKind.Dropped;

    /// <summary>Which message.</summary>
    public TraceMessage Message => IsMessage ? (TraceMessage)Code : TraceMessage.Other;

    /// <summary>Whether a text belongs to it.</summary>
    public bool HasText => Kind is not TraceKind.Work
        && (Kind is not (TraceKind.Sent or TraceKind.Delivered) || Message == TraceMessage.Other);

    /// <summary>For a person.</summary>
    public override string ToString() => Invariant($"{Seconds:0.0000000} s: ") + Kind switch
    {
        TraceKind.Work =>
            Invariant(
            $"{From} begins {((WorkKind)Code).ToString().ToLowerInvariant()} of {Key:#,0} for {(double)Bytes / TimeSpan.TicksPerSecond:0.0000000} s"),
        TraceKind.Fault => $"{(Code == 1 ? From.ToString() : "the world")}: {Text}",
        TraceKind.End => $"end, parameters {Text}",
        _ => Invariant($"{From} -> {To} {Message}{About()}, {Bytes:#,0} bytes, {Kind.ToString().ToLowerInvariant()}")
            + (HasText ? $" ({Text})" : string.Empty),
    };

    private string About()
    {
        var parts = new List<string>();
        if (TracedMessage.KeyOf(Message) is { Length: > 0 } key)
        {
            parts.Add(Invariant($"{key} {Key}"));
        }

        var names = TracedMessage.DetailsOf(Message);
        for (var n = 0; n < names.Count; n++)
        {
            parts.Add(Message == TraceMessage.Evaluated ? Invariant($"{names[n]} {BitConverter.Int64BitsToDouble(First):R}")
                : Invariant($"{names[n]} {(n == 0 ? First : Second)}"));
        }

        return parts.Count == 0 ? string.Empty : $" ({string.Join(", ", parts)})";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
