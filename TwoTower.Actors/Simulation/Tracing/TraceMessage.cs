using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Simulation.Tracing;

/// <summary>The numbers of messages in a trace. They are part of the format: a new message gets a new
/// number, and none is used again.</summary>
#pragma warning disable CS1591 // the names are those of the messages
internal enum TraceMessage
{
    Other = 0,
    LeaseRequest = 1,
    LeaseGranted = 2,
    Pull = 3,
    Rows = 4,
    Push = 5,
    PushAck = 6,
    Completed = 7,
    CompletionRecorded = 8,
    Join = 9,
    Welcome = 10,
    Unknown = 11,
    WorkerFailed = 12,
    Fence = 13,
    Fenced = 14,
    Nack = 15,
    Evaluate = 16,
    Read = 17,
    Part = 18,
    Taken = 19,
    Evaluated = 20,
    EvaluationFailed = 21,
    Export = 22,
    Image = 23,
    Inquire = 24,
    Standing = 25,
    Offer = 26,
    OfferAccepted = 27,
    OfferDeclined = 28,
    RankingRequest = 29,
    RankingGiven = 30,
}
#pragma warning restore CS1591

/// <summary>What a trace keeps of a message.</summary>
/// <param name="Message">Its number.</param>
/// <param name="Key">What it is about.</param>
/// <param name="First">First detail.</param>
/// <param name="Second">Second detail.</param>
internal readonly record struct TracedMessage(TraceMessage Message, long Key = 0, long First = 0, long Second = 0)
{
    /// <summary>Picks out of a message what a trace keeps of it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="metric">The metric of an evaluation that is kept.</param>
    public static TracedMessage Of(object message, string metric) => message switch
    {
        ParameterProtocol.Pull pull => new(TraceMessage.Pull, pull.Ticket, pull.Clock),
        ParameterProtocol.Rows rows => new(TraceMessage.Rows, rows.Ticket, rows.Version),
        ParameterProtocol.Push push => new(TraceMessage.Push, push.Lease.Batch.Number, push.Lease.Clock),
        ParameterProtocol.PushAck ack => new(TraceMessage.PushAck, ack.Batch.Number, ack.StaleRows, ack.StalenessSum),
        LeaseProtocol.LeaseRequest request => new(TraceMessage.LeaseRequest, request.Ordinal),
        LeaseProtocol.LeaseGranted granted => new(TraceMessage.LeaseGranted, granted.Lease.Batch.Number, granted.Lease.Clock),
        LeaseProtocol.Offer offer => new(TraceMessage.Offer, offer.Ordinal),
        LeaseProtocol.OfferAccepted accepted => new(TraceMessage.OfferAccepted, accepted.Ordinal, accepted.Lease.Clock),
        LeaseProtocol.OfferDeclined declined => new(TraceMessage.OfferDeclined, declined.Ordinal),
        LeaseProtocol.RankingRequest request => new(TraceMessage.RankingRequest, request.Known),
        LeaseProtocol.RankingGiven given => new(TraceMessage.RankingGiven, given.Step),
        LeaseProtocol.Completed completed => new(TraceMessage.Completed, completed.Ordinal),
        LeaseProtocol.CompletionRecorded recorded => new(TraceMessage.CompletionRecorded, recorded.Ordinal),
        LeaseProtocol.Join join => new(TraceMessage.Join, join.Birth),
        LeaseProtocol.Welcome welcome => new(TraceMessage.Welcome, welcome.Birth),
        LeaseProtocol.Unknown unknown => new(TraceMessage.Unknown, unknown.Birth),
        LeaseProtocol.Failed failed => new(TraceMessage.WorkerFailed, (long)failed.Kind),
        ParameterProtocol.Fence fence => new(TraceMessage.Fence, fence.Birth),
        ParameterProtocol.Fenced fenced => new(TraceMessage.Fenced, fenced.Birth, fenced.FurthestClock),
        ParameterProtocol.Nack => new(TraceMessage.Nack),
        SnapshotProtocol.Evaluate evaluate => new(TraceMessage.Evaluate, evaluate.Step),
        SnapshotProtocol.Read read => new(TraceMessage.Read, read.Step),
        SnapshotProtocol.Part part => new(TraceMessage.Part, part.Step, part.Applied),
        SnapshotProtocol.Taken taken => new(TraceMessage.Taken, taken.Step),
        SnapshotProtocol.Evaluated evaluated =>
            new(TraceMessage.Evaluated, evaluated.Report.Step, BitConverter.DoubleToInt64Bits(evaluated.Report.Masked.Mean(metric))),
        SnapshotProtocol.Failed failed => new(TraceMessage.EvaluationFailed, failed.Step),
        StateProtocol.Export export => new(TraceMessage.Export, export.Step),
        StateProtocol.Image image => new(TraceMessage.Image, image.Step, image.Applied),
        StateProtocol.Inquire inquire => new(TraceMessage.Inquire, inquire.Completed),
        StateProtocol.Standing standing => new(TraceMessage.Standing, standing.Completed, standing.Applied),
        _ => new(TraceMessage.Other),
    };

    /// <summary>What the key of a message counts; empty where it has none.</summary>
    public static string KeyOf(TraceMessage message) => message switch
    {
        TraceMessage.LeaseGranted or TraceMessage.Push or TraceMessage.PushAck or TraceMessage.WorkerFailed => "batch",
        TraceMessage.Pull or TraceMessage.Rows => "ticket",
        TraceMessage.LeaseRequest or TraceMessage.Completed or TraceMessage.CompletionRecorded => "ordinal",
        TraceMessage.Offer or TraceMessage.OfferAccepted or TraceMessage.OfferDeclined => "ordinal",
        TraceMessage.Join or TraceMessage.Welcome or TraceMessage.Unknown or TraceMessage.Fence or TraceMessage.Fenced => "birth",
        TraceMessage.Other or TraceMessage.Nack => string.Empty,
        _ => "step",
    };

    /// <summary>What the details of a message are, in their order. A metric is eight bytes; the others are integers.</summary>
    public static IReadOnlyList<string> DetailsOf(TraceMessage message) => message switch
    {
        TraceMessage.PushAck => s_acknowledgement,
        TraceMessage.Pull or TraceMessage.Push or TraceMessage.LeaseGranted or TraceMessage.OfferAccepted or TraceMessage.Fenced => s_clock,
        TraceMessage.Rows => s_version,
        TraceMessage.Part or TraceMessage.Image or TraceMessage.Standing => s_applied,
        TraceMessage.Evaluated => s_metric,
        _ => [],
    };

    private static readonly string[] s_acknowledgement = ["rows", "staleness sum"], s_clock = ["clock"], s_version = ["version"],
        s_applied = ["applied"], s_metric = ["metric"];
}
