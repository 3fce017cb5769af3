using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Actors.Hosting.Endpoints;

/// <summary>Long messages on their way out: one at a time per target, each in pieces under credit. What is given up is given up silently
/// for the receiver; the conversations above send again.</summary>
/// <remarks>Pieces are made when they are due. Frames are released when the receiver has everything, because only then is it certain that
/// the transport holds no piece of them any more.</remarks>
/// <typeparam name="TPeer">How another is known.</typeparam>
/// <param name="options">Limits.</param>
internal sealed class OutboundStreams<TPeer>(EndpointOptions options)
    where TPeer : notnull
{
    private const int IdleStalls = 10;

    private readonly long _window = (long)Math.Clamp(options.Window, CreditEvery, LongestWindow) * options.PieceBytes;
    private readonly Dictionary<(TPeer Target, ShardId Shard), Lane> _byTarget = [];
    private readonly Dictionary<int, Lane> _lanes = [];
    private int _lastLane;

    /// <summary>Whether nothing is on its way or waits.</summary>
    public bool IsIdle => _lanes.Values.All(lane => lane.Current is null);

    /// <summary>Targets that are remembered.</summary>
    public int Lanes => _lanes.Count;

    /// <summary>Messages that were given up so far.</summary>
    public long GivenUp { get; private set; }

    /// <summary>Bytes that a target has confirmed of what is on its way to it, and bytes of that and of all that waits behind it.</summary>
    public (long Sent, long ToSend) ProgressTo(TPeer target)
    {
        var lanes = _lanes.Values.Where(lane => lane.Current is not null && lane.Target.Equals(target)).ToArray();
        return (lanes.Sum(lane => lane.Received),
            lanes.Sum(lane => lane.Current!.Frame.Length + lane.Waiting.Sum(waiting => waiting.Frame.Length)));
    }

    /// <summary>Puts a message on its way, unless it is on its way or waits already: an impatient conversation would fill the lane with
    /// copies of what is still being sent.</summary>
    /// <param name="target">To whom.</param>
    /// <param name="shard">The shard it is for, or <see cref="NoShard"/>.</param>
    /// <param name="manifest">Its kind.</param>
    /// <param name="frame">Its frame, which becomes the streams' own.</param>
    /// <param name="now">Seconds.</param>
    /// <param name="send">Receives what to send now.</param>
    public void Add(TPeer target, ShardId shard, string manifest, MessageFrame frame, double now, Action<TPeer, Chunk> send)
    {
        if (!_byTarget.TryGetValue((target, shard), out var lane))
        {
            // A number is never used again: a receiver would take what comes under it for old.
            lane = new Lane(_lastLane++, target, shard);
            _byTarget.Add((target, shard), lane);
            _lanes.Add(lane.Number, lane);
        }

        var outgoing = new Outgoing(manifest, frame);
        if (lane.Current?.Repeats(outgoing) == true || lane.Waiting.Any(waiting => waiting.Repeats(outgoing)))
        {
            frame.Release();
            return;
        }

        while (lane.Waiting.Count > 0
            && (lane.Waiting.Count >= options.LongestQueue || lane.Waiting.Sum(waiting => waiting.Frame.Length) > options.MostWaiting))
        {
            // Nothing of it was sent, so its frame is free.
            lane.Waiting.Dequeue().Frame.Release();
            GivenUp++;
        }

        lane.Waiting.Enqueue(outgoing);
        if (lane.Current is null)
        {
            Next(lane, now, send);
        }
    }

    /// <summary>A receiver has more of a message.</summary>
    /// <param name="from">The receiver.</param>
    /// <param name="credit">What it says.</param>
    /// <param name="now">Seconds.</param>
    /// <param name="send">Receives what to send now.</param>
    /// <returns>Why the message was given up, or null.</returns>
    public string? Accept(TPeer from, Credit credit, double now, Action<TPeer, Chunk> send)
    {
        if (Find(credit.Lane, credit.Stream) is not { Current: { } current } lane || credit.Received > lane.Sent)
        {
            return null;
        }

        if (lane.Answered && !from.Equals(lane.Receiver))
        {
            options.Probe.Reached(ProtocolState.ReceiverOfPiecesMoved);
            return GiveUp(lane, "its receiver has moved", now, send);
        }

        if (!lane.Answered || credit.Received > lane.Received)
        {
            (lane.Answered, lane.Receiver, lane.Received, lane.ProgressAt) = (true, from, Math.Max(lane.Received, credit.Received), now);
        }

        if (lane.Received == current.Frame.Length)
        {
            current.Frame.Release();
            Next(lane, now, send);
        }
        else
        {
            Send(lane, current, send);
        }

        return null;
    }

    /// <summary>A receiver will never have a message.</summary>
    /// <returns>Why the message was given up, or null. One that is refused for good may have been taken as
    /// received before it was looked at.</returns>
    public string? Accept(Broken broken, double now, Action<TPeer, Chunk> send) =>
        Find(broken.Lane, broken.Stream) is { Current: not null } lane ? GiveUp(lane, broken.Reason, now, send)
        : broken.Lasting && _lanes.TryGetValue(broken.Lane, out var past) && broken.Stream <= past.Stream ? broken.Reason
        : null;

    /// <summary>Gives up what has made no progress, and all that waits behind it: by now it has been sent again or is wanted no more.
    /// Forgets targets to whom nothing long has been sent for long.</summary>
    /// <returns>Targets whose messages were given up.</returns>
    public IReadOnlyList<TPeer> Expire(double now)
    {
        var stalled = _lanes.Values.Where(lane => lane.Current is not null && now - lane.ProgressAt >= options.StallSeconds).ToList();
        if (stalled.Count > 0)
        {
            options.Probe.Reached(ProtocolState.PiecesWithoutProgress);
        }

        stalled.ForEach(Clear);
        foreach (var idle in _lanes.Values.Where(lane => lane.Current is null && now - lane.ProgressAt >= IdleStalls * options.StallSeconds)
            .ToArray())
        {
            Drop(idle);
        }

        return [.. stalled.Select(lane => lane.Target)];
    }

    /// <summary>Forgets all that was meant for somebody who is gone.</summary>
    public void Forget(TPeer target)
    {
        foreach (var lane in _lanes.Values.Where(lane => lane.Target.Equals(target)).ToArray())
        {
            Clear(lane);
            Drop(lane);
        }
    }

    private Lane? Find(int number, long stream) => _lanes.TryGetValue(number, out var lane) && lane.Stream == stream ? lane : null;

    private void Drop(Lane lane)
    {
        _lanes.Remove(lane.Number);
        _byTarget.Remove((lane.Target, lane.Shard));
    }

    private string GiveUp(Lane lane, string reason, double now, Action<TPeer, Chunk> send)
    {
        GivenUp++;
        Next(lane, now, send);
        return reason;
    }

    private void Clear(Lane lane)
    {
        GivenUp += lane.Waiting.Count + (lane.Current is null ? 0 : 1);
        lane.Current = null;
        while (lane.Waiting.TryDequeue(out var waiting))
        {
            waiting.Frame.Release();
        }
    }

    private void Next(Lane lane, double now, Action<TPeer, Chunk> send)
    {
        lane.Current = lane.Waiting.TryDequeue(out var next) ? next : null;
        if (lane.Current is { } current)
        {
            lane.Stream++;
            (lane.Sent, lane.Received, lane.Answered, lane.ProgressAt) = (0, 0, false, now);
            Send(lane, current, send);
        }
    }

    private void Send(Lane lane, Outgoing current, Action<TPeer, Chunk> send)
    {
        var (frame, until) = (current.Frame, Math.Min(current.Frame.Length, lane.Received + _window));
        while (lane.Sent < until)
        {
            var length = (int)Math.Min(options.PieceBytes, frame.Length - lane.Sent);
            var chunk = new Chunk(lane.Shard, lane.Number, lane.Stream, current.Manifest, lane.Sent, frame.Length,
                frame.Piece(lane.Sent, length));
            lane.Sent += length;
            send(lane.Target, chunk);
        }
    }

    private sealed record Outgoing(string Manifest, MessageFrame Frame)
    {
        public bool Repeats(Outgoing other) => Manifest == other.Manifest && Frame.Repeats(other.Frame);
    }

    private sealed class Lane(int number, TPeer target, ShardId shard)
    {
        public int Number => number;

        public TPeer Target => target;

        public ShardId Shard => shard;

        public Queue<Outgoing> Waiting { get; } = new();

        public Outgoing? Current { get; set; }

        public long Stream { get; set; }

        public long Sent { get; set; }

        public long Received { get; set; }

        public bool Answered { get; set; }

        /// <summary>Who has answered. Another one has not what this one had.</summary>
        public TPeer? Receiver { get; set; }

        public double ProgressAt { get; set; }
    }
}
