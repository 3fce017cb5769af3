using TwoTower.Actors.Protocol;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Long messages on their way in: pieces are put together, each message comes out once, and what a sender claims is
/// checked before memory is spent on it.</summary>
/// <remarks>What is held grows with what has come, so that a sender who only promises a long message costs little.</remarks>
/// <typeparam name="TPeer">How another is known.</typeparam>
/// <param name="options">Limits.</param>
internal sealed class InboundStreams<TPeer>(EndpointOptions options)
    where TPeer : notnull
{
    private readonly Dictionary<(TPeer Origin, int Lane), Lane> _lanes = [];
    private readonly long _piece = options.PieceBytes;
    private readonly long _longest = Math.Min(options.LongestMessage, options.MostHeld);

    /// <summary>Bytes of half-received messages that are held.</summary>
    public long Held { get; private set; }

    /// <summary>Senders and targets that are remembered.</summary>
    public int Lanes => _lanes.Count;

    /// <summary>Whether a message of somebody's has begun to arrive and may still be completed.</summary>
    public bool ComesFrom(TPeer origin) => _lanes.Any(lane => !lane.Value.Ended && lane.Key.Origin.Equals(origin));

    /// <summary>Takes in a piece.</summary>
    /// <param name="origin">Who sent it.</param>
    /// <param name="chunk">The piece. Nothing of it is kept.</param>
    /// <param name="now">Seconds.</param>
    /// <param name="answer">What to tell the sender: a <see cref="Credit"/>, a <see cref="Broken"/> or nothing.</param>
    /// <returns>The whole frame when this piece was the last, which the caller releases; otherwise null.</returns>
    public InboundFrame? Accept(TPeer origin, Chunk chunk, double now, out object? answer)
    {
        answer = null;
        var lane = LaneOf(origin, chunk, now);
        if (lane is null)
        {
            answer = new Broken(chunk.Lane, chunk.Stream, $"more than {options.MostLanes} senders at a time", Lasting: false);
            return null;
        }

        if (chunk.Stream < lane.Stream)
        {
            return null;
        }

        if (chunk.Stream > lane.Stream)
        {
            Begin(lane, chunk);
        }

        lane.SeenAt = now;
        if (lane.Ended)
        {
            answer = lane.Complete ? new Credit(chunk.Lane, chunk.Stream, lane.Total) : null;
            return null;
        }

        if (Refusal(lane, chunk) is { } refusal)
        {
            End(lane, complete: false);
            answer = refusal;
            return null;
        }

        return Take(lane, chunk, out answer);
    }

    /// <summary>Forgets half-received messages that nothing has come of for long, and senders that have long been silent.</summary>
    public void Expire(double now)
    {
        foreach (var (key, lane) in _lanes.Where(entry => now - entry.Value.SeenAt >= 2 * options.StallSeconds).ToArray())
        {
            End(lane, lane.Complete);
            if (now - lane.SeenAt >= 60 + (2 * options.StallSeconds))
            {
                _lanes.Remove(key);
            }
        }
    }

    private Lane? LaneOf(TPeer origin, Chunk chunk, double now)
    {
        if (_lanes.TryGetValue((origin, chunk.Lane), out var lane))
        {
            return lane;
        }

        if (_lanes.Count >= options.MostLanes)
        {
            Expire(now);
            var oldest = _lanes.Where(entry => entry.Value.Ended).OrderBy(entry => entry.Value.SeenAt).Select(entry => entry.Key)
                .FirstOrDefault();
            if (!_lanes.Remove(oldest))
            {
                return null;
            }
        }

        return _lanes[(origin, chunk.Lane)] = new Lane();
    }

    private void Begin(Lane lane, Chunk chunk)
    {
        End(lane, complete: false);
        (lane.Stream, lane.Manifest, lane.Total, lane.Chunks, lane.Credited, lane.Ended, lane.Complete) =
            (chunk.Stream, chunk.Manifest, chunk.Total, 0, -1, false, false);
        lane.Frame = new InboundFrame(chunk.Manifest, chunk.Total, options.SegmentBytes);
    }

    private Broken? Refusal(Lane lane, Chunk chunk)
    {
        var (lasting, reason) = (chunk.Total > _longest, string.Empty);
        if (lasting)
        {
            reason = chunk.Total > options.LongestMessage
                ? $"a message of {chunk.Total} bytes is longer than the {options.LongestMessage} there may be"
                : $"a message of {chunk.Total} bytes is longer than the {options.MostHeld} that may be held on its way here: the node "
                    + $"needs more memory, or the model more shards";
        }
        else if (chunk.Total != lane.Total || chunk.Manifest != lane.Manifest)
        {
            reason = "its pieces are not of one message";
        }
        else if (chunk.Offset % _piece != 0 || chunk.Bytes.Length != Math.Min(_piece, chunk.Total - chunk.Offset))
        {
            (lasting, reason) = (true, $"{chunk.Bytes.Length} bytes at {chunk.Offset} are no piece of a message of {chunk.Total}");
        }
        else if (chunk.Offset / _piece >= lane.Chunks + LongestWindow)
        {
            // One window beyond what has come is the most that a piece can ask for.
            reason = "its beginning is not here";
        }
        else if (Held + (lane.Frame?.Needs(chunk.Offset, chunk.Bytes.Length) ?? 0) > options.MostHeld)
        {
            reason = $"more than {options.MostHeld} bytes of messages are on their way here";
        }

        return reason.Length == 0 ? null : new Broken(chunk.Lane, chunk.Stream, reason, lasting);
    }

    private InboundFrame? Take(Lane lane, Chunk chunk, out object? answer)
    {
        answer = null;
        var index = chunk.Offset / _piece;
        if (index < lane.Chunks || !lane.Ahead.Add(index))
        {
            return null;
        }

        var needed = lane.Frame!.Needs(chunk.Offset, chunk.Bytes.Length);
        (Held, lane.Held) = (Held + needed, lane.Held + needed);
        lane.Frame.Write(chunk.Offset, chunk.Bytes.Span);
        while (lane.Ahead.Remove(lane.Chunks))
        {
            lane.Chunks++;
        }

        if (lane.Chunks * _piece >= lane.Total)
        {
            options.Probe.Reached(ProtocolState.MessageCameInPieces);
            var frame = lane.Frame;
            lane.Frame = null;
            End(lane, complete: true);
            answer = new Credit(chunk.Lane, chunk.Stream, lane.Total);
            return frame;
        }

        if (lane.Credited < 0 || lane.Chunks >= lane.Credited + CreditEvery)
        {
            lane.Credited = lane.Chunks;
            answer = new Credit(chunk.Lane, chunk.Stream, lane.Chunks * _piece);
        }

        return null;
    }

    private void End(Lane lane, bool complete)
    {
        (lane.Ended, lane.Complete) = (true, complete);
        Held -= lane.Held;
        lane.Held = 0;
        lane.Frame?.Release();
        lane.Frame = null;
        lane.Ahead.Clear();
    }

    private sealed class Lane
    {
        public long Stream { get; set; } = long.MinValue;

        public string Manifest { get; set; } = string.Empty;

        public long Total { get; set; }

        /// <summary>What is there of the message; null when it has ended.</summary>
        public InboundFrame? Frame { get; set; }

        /// <summary>Bytes of it that are held.</summary>
        public long Held { get; set; }

        /// <summary>Pieces from the start without a gap.</summary>
        public long Chunks { get; set; }

        /// <summary>Pieces beyond a gap.</summary>
        public HashSet<long> Ahead { get; } = [];

        /// <summary>Pieces that the last credit was for; −1 before the first.</summary>
        public long Credited { get; set; } = -1;

        public bool Ended { get; set; } = true;

        public bool Complete { get; set; }

        public double SeenAt { get; set; }
    }
}
