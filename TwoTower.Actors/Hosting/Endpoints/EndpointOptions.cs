using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Limits of an endpoint.</summary>
internal sealed record EndpointOptions
{
    /// <summary>Bytes of every piece but the last, and of the longest message that goes in one: the same on all nodes, and
    /// <see cref="EndpointProtocol.ChunkBytes"/> at most.</summary>
    public int PieceBytes { get; init; } = EndpointProtocol.ChunkBytes;

    /// <summary>Is shown what becomes of long messages.</summary>
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;

    /// <summary>Pieces of one message that are on their way at a time. More is faster where the round trip is long; less lets small
    /// messages pass sooner. From 4 to 256.</summary>
    public int Window { get; init; } = 12;

    /// <summary>Seconds without progress after which a message is given up; the conversations above
    /// send again what is not answered.</summary>
    public double StallSeconds { get; init; } = 3;

    /// <summary>Long messages that wait for one target. When there are more the oldest is dropped: it is the
    /// likeliest to have been sent again.</summary>
    public int LongestQueue { get; init; } = 64;

    /// <summary>Bytes of long messages that wait for one target, the newest not counted. When there
    /// are more the oldest is dropped.</summary>
    public long MostWaiting { get; init; } = 1L << 30;

    /// <summary>Bytes of the longest message that is taken in. One that is longer can never come,
    /// and whoever sends it is told so.</summary>
    public long LongestMessage { get; init; } = WireFormat.LongestFrame;

    /// <summary>Bytes of half-received messages that are held at a time; a message of more can never come. Half of what the process may
    /// have of memory, and 2 GiB at least.</summary>
    public long MostHeld { get; init; } = Math.Max(2L << 30, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2);

    /// <summary>Bytes of the arrays that a message on its way in is held in, one after the other, as it comes.</summary>
    public int SegmentBytes { get; init; } = 4 << 20;

    /// <summary>Lanes (sender and target) that are remembered at a time.</summary>
    public int MostLanes { get; init; } = 4096;
}
