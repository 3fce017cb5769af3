using System.Buffers;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Actors.Cluster.Wire;

/// <summary>Long messages on their way in: pieces are put together, each message comes out once, and what a sender claims is checked before memory is spent on it.</summary>
/// <remarks>A buffer grows with what has come, so that a sender who only promises a long message costs little.</remarks>
/// <typeparam name="TPeer">How another is known.</typeparam>
/// <param name="options">Limits.</param>
public sealed class InboundStreams<TPeer>(EndpointOptions options)
    where TPeer : notnull
{
    private const int FirstBuffer = 64 * ChunkBytes;
    private readonly Dictionary<(TPeer Origin, int Lane), Lane> _lanes = [];

    /// <summary>Bytes of buffers that are held.</summary>
    public long Held { get; private set; }

    /// <summary>Whether a message of somebody's has begun to arrive and may still be completed.</summary>
    public bool ComesFrom(TPeer origin) => _lanes.Any(lane => !lane.Value.Ended && lane.Key.Origin.Equals(origin));

    /// <summary>Takes in a piece.</summary>
    /// <param name="origin">Who sent it.</param>
    /// <param name="chunk">The piece. Nothing of it is kept.</param>
    /// <param name="now">Seconds.</param>
    /// <param name="answer">What to tell the sender: a <see cref="Credit"/>, a <see cref="Broken"/> or nothing.</param>
    /// <returns>The whole frame when this piece was the last, in a rented array that the caller gives back; otherwise null.</returns>
    public Frame? Accept(TPeer origin, Chunk chunk, double now, out object? answer)
    {
        answer = null;
        var lane = LaneOf(origin, chunk, now);
        if (lane is null)
        {
            answer = new Broken(chunk.Lane, chunk.Stream, $"more than {options.MostLanes} senders at a time");
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

        if (Refusal(lane, chunk) is { } reason)
        {
            End(lane, complete: false);
            answer = new Broken(chunk.Lane, chunk.Stream, reason);
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
            var oldest = _lanes.Where(entry => entry.Value.Ended).OrderBy(entry => entry.Value.SeenAt).Select(entry => entry.Key).FirstOrDefault();
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
        (lane.Stream, lane.Manifest, lane.Total, lane.Chunks, lane.Credited, lane.Ended, lane.Complete) = (chunk.Stream, chunk.Manifest, chunk.Total, 0, -1, false, false);
        lane.Ahead.Clear();
    }

    private string? Refusal(Lane lane, Chunk chunk)
    {
        if (chunk.Total > options.LongestMessage)
        {
            return $"a message of {chunk.Total} bytes is longer than the {options.LongestMessage} there may be";
        }

        if (chunk.Total != lane.Total || chunk.Manifest != lane.Manifest)
        {
            return "its pieces are not of one message";
        }

        if (chunk.Offset / ChunkBytes >= lane.Chunks + LongestWindow)
        {
            return "its beginning is not here";
        }

        // One window beyond what has come is the most that a piece can ask for; doubling takes no more than twice that.
        return Held + Growth(lane, chunk) > options.MostHeld ? $"more than {options.MostHeld} bytes of messages are on their way here" : null;
    }

    private static int Needed(Lane lane, Chunk chunk)
    {
        var end = chunk.Offset + chunk.Bytes.Length;
        var held = lane.Buffer?.Length ?? 0;
        return end <= held ? 0 : (int)Math.Min(lane.Total, Math.Max(Math.Max(FirstBuffer, 2L * held), end));
    }

    private static long Growth(Lane lane, Chunk chunk) => Math.Max(0, Needed(lane, chunk) - (long)(lane.Buffer?.Length ?? 0));

    private Frame? Take(Lane lane, Chunk chunk, out object? answer)
    {
        answer = null;
        var index = chunk.Offset / ChunkBytes;
        if (index < lane.Chunks || !lane.Ahead.Add(index))
        {
            return null;
        }

        if (Needed(lane, chunk) is > 0 and var needed)
        {
            Grow(lane, needed);
        }

        chunk.Bytes.CopyTo(lane.Buffer.AsMemory(chunk.Offset));
        while (lane.Ahead.Remove(lane.Chunks))
        {
            lane.Chunks++;
        }

        if ((long)lane.Chunks * ChunkBytes >= lane.Total)
        {
            var frame = new Frame(lane.Manifest, lane.Buffer!, lane.Total);
            Held -= lane.Buffer!.Length;
            lane.Buffer = null;
            (lane.Ended, lane.Complete) = (true, true);
            answer = new Credit(chunk.Lane, chunk.Stream, lane.Total);
            return frame;
        }

        if (lane.Credited < 0 || lane.Chunks >= lane.Credited + CreditEvery)
        {
            lane.Credited = lane.Chunks;
            answer = new Credit(chunk.Lane, chunk.Stream, lane.Chunks * ChunkBytes);
        }

        return null;
    }

    private void Grow(Lane lane, int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(needed);
        Held += larger.Length;
        if (lane.Buffer is { } old)
        {
            old.CopyTo(larger, 0);
            Release(old);
        }

        lane.Buffer = larger;
    }

    private void End(Lane lane, bool complete)
    {
        (lane.Ended, lane.Complete) = (true, complete);
        if (lane.Buffer is { } buffer)
        {
            Release(buffer);
            lane.Buffer = null;
        }
    }

    private void Release(byte[] buffer)
    {
        Held -= buffer.Length;
        ArrayPool<byte>.Shared.Return(buffer);
    }

    /// <summary>A whole frame.</summary>
    /// <param name="Manifest">Kind and version of the message.</param>
    /// <param name="Rented">Its bytes, in a rented array.</param>
    /// <param name="Length">How many.</param>
    public sealed record Frame(string Manifest, byte[] Rented, int Length);

    private sealed class Lane
    {
        public long Stream { get; set; } = long.MinValue;

        public string Manifest { get; set; } = string.Empty;

        public int Total { get; set; }

        public byte[]? Buffer { get; set; }

        /// <summary>Pieces from the start without a gap.</summary>
        public int Chunks { get; set; }

        /// <summary>Pieces beyond a gap.</summary>
        public HashSet<int> Ahead { get; } = [];

        /// <summary>Pieces that the last credit was for; −1 before the first.</summary>
        public int Credited { get; set; } = -1;

        public bool Ended { get; set; } = true;

        public bool Complete { get; set; }

        public double SeenAt { get; set; }
    }
}
