using System.Buffers;
using CsCheck;
using TwoTower.Actors.Cluster.Wire;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>Long messages in pieces over a network that loses, doubles and reorders.</summary>
public class StreamSpecs
{
    private static readonly Gen<int[]> s_lengths = Gen.Int[1, 20 * ChunkBytes].Array[1, 5];
    private static readonly Gen<int> s_segment = Gen.OneOf(Gen.Int[1, 9], Gen.Int[100, 5 * ChunkBytes]);

    [Fact]
    public void Without_loss_every_message_arrives_once_and_in_order_whatever_is_doubled_or_reordered() =>
        Gen.Select(s_lengths, s_lengths, Gen.Int, Gen.Int[1, 40], s_segment).Sample(
            (first, second, seed, window, segment) =>
            {
                var network = new Network(seed, window, loss: 0, doubling: 0.2) { SegmentBytes = segment };
                network.Send(1, first);
                network.Send(2, second);
                network.Run();

                Assert.Equal(first.Select((length, n) => Pattern(n, length)), network.Arrived(1));
                Assert.Equal(second.Select((length, n) => Pattern(n, length)), network.Arrived(2));
                Assert.True(network.IsIdle);
                Assert.Equal(0, network.Held);
            },
            iter: 60);

    [Fact]
    public void Under_loss_a_message_arrives_whole_and_at_most_once_or_not_at_all_and_nothing_is_held_in_the_end() =>
        Gen.Select(s_lengths, Gen.Int, Gen.Int[1, 40], Gen.Double[0.001, 0.4]).Sample(
            (lengths, seed, window, loss) =>
            {
                var network = new Network(seed, window, loss, doubling: 0.1);
                network.Send(1, lengths);
                network.Run();

                var sent = lengths.Select((length, n) => Pattern(n, length)).ToArray();
                var arrived = network.Arrived(1);
                var places = arrived.Select(message => Array.IndexOf(sent, message)).ToArray();
                Assert.DoesNotContain(-1, places);
                Assert.Equal(places.Order(), places);
                Assert.True(network.IsIdle);
                Assert.Equal(0, network.Held);
            },
            iter: 100);

    [Fact]
    public void A_message_comes_from_its_first_piece_to_its_last_and_from_nobody_else()
    {
        var streams = new InboundStreams<int>(new EndpointOptions());
        Assert.False(streams.ComesFrom(1));
        Take(0);
        Assert.True(streams.ComesFrom(1));
        Assert.False(streams.ComesFrom(2));

        Take(1);
        Assert.False(streams.ComesFrom(1));

        void Take(int piece) => streams.Accept(1, new Chunk(NoShard, 0, 0, "m", piece * ChunkBytes, 2 * ChunkBytes, new byte[ChunkBytes]), now: 0, out _);
    }

    [Fact]
    public void A_lost_piece_is_noticed_after_the_time_out_and_later_messages_pass()
    {
        var network = new Network(1, window: 4, loss: 0, doubling: 0) { LoseOnce = chunk => chunk.Offset == ChunkBytes };
        network.Send(1, [5 * ChunkBytes]);
        network.Run();
        network.Send(1, [2 * ChunkBytes, 3 * ChunkBytes]);
        network.Run();

        Assert.Equal([Pattern(0, 2 * ChunkBytes), Pattern(1, 3 * ChunkBytes)], network.Arrived(1));
    }

    [Fact]
    public void A_piece_far_from_its_beginning_is_refused_and_the_sender_goes_on_with_the_next_message()
    {
        var options = new EndpointOptions { Window = 2 };
        var (outbound, inbound) = (new OutboundStreams<int>(options), new InboundStreams<int>(options));
        var sent = new Queue<Chunk>();
        outbound.Add(1, NoShard, "a", Frame(0, 300 * ChunkBytes), 0, (_, chunk) => sent.Enqueue(chunk));
        outbound.Add(1, NoShard, "b", Frame(0, ChunkBytes + 1), 0, (_, chunk) => sent.Enqueue(chunk));
        var elsewhere = new InboundStreams<int>(options);
        while (sent.Count > 0 && sent.Peek().Offset < 260 * ChunkBytes)
        {
            elsewhere.Accept(1, sent.Dequeue(), 0, out var answer);
            if (answer is Credit credit)
            {
                outbound.Accept(1, credit, 0, (_, chunk) => sent.Enqueue(chunk));
            }
        }

        var last = sent.Dequeue();
        sent.Clear();
        Assert.Null(inbound.Accept(1, last, 0, out var refusal));
        Assert.Contains("beginning", outbound.Accept(Assert.IsType<Broken>(refusal), 0, (_, chunk) => sent.Enqueue(chunk)), StringComparison.Ordinal);
        Assert.Equal(["b", "b"], sent.Select(chunk => chunk.Manifest));
        Assert.Equal(0, inbound.Held);
    }

    [Fact]
    public void A_message_whose_receiver_changes_in_the_middle_is_given_up_at_once()
    {
        var options = new EndpointOptions { Window = 4 };
        var outbound = new OutboundStreams<int>(options);
        var stream = 0L;
        outbound.Add(1, NoShard, "a", Frame(0, 9 * ChunkBytes), 0, (_, chunk) => stream = chunk.Stream);
        Assert.Null(outbound.Accept(77, new Credit(0, stream, ChunkBytes), 0, (_, _) => { }));

        Assert.Contains("moved", outbound.Accept(78, new Credit(0, stream, 0), 0, (_, _) => { }), StringComparison.Ordinal);
        Assert.True(outbound.IsIdle);
    }

    [Theory]
    [InlineData(1L << 20, 1 << 20)]
    [InlineData(1L << 35, 4 << 20)]
    public void A_promise_of_a_long_message_costs_one_array_of_those_that_it_would_be_held_in(long total, int held)
    {
        var inbound = new InboundStreams<int>(new EndpointOptions { LongestMessage = 1L << 35, MostHeld = 1L << 35 });

        inbound.Accept(1, new Chunk(NoShard, 0, 1, "a", 0, total, new byte[ChunkBytes]), 0, out var answer);

        Assert.Equal(held, inbound.Held);
        Assert.IsType<Credit>(answer);
    }

    [Theory]
    [InlineData((1L << 29) + 1, "longer than the 536870912 there may be")]
    [InlineData((1L << 28) + 1, "longer than the 268435456 that may be held")]
    public void A_message_that_can_never_be_taken_is_refused_for_good_at_its_first_piece(long total, string reason)
    {
        var inbound = new InboundStreams<int>(new EndpointOptions { LongestMessage = 1L << 29, MostHeld = 1L << 28 });

        inbound.Accept(1, new Chunk(NoShard, 0, 1, "a", 0, total, new byte[ChunkBytes]), 0, out var answer);

        var broken = Assert.IsType<Broken>(answer);
        Assert.True(broken.Lasting);
        Assert.Contains(reason, broken.Reason, StringComparison.Ordinal);
        Assert.Equal(0, inbound.Held);
    }

    [Fact]
    public void A_message_that_was_taken_as_received_and_then_refused_for_good_is_heard_of_and_one_that_never_was_sent_is_not()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions());
        outbound.Add(1, NoShard, "a", Frame(0, ChunkBytes + 1), 0, (_, _) => { });
        Assert.Null(outbound.Accept(1, new Credit(0, 1, ChunkBytes + 1), 0, (_, _) => { }));
        Assert.True(outbound.IsIdle);

        Assert.Equal("unreadable", outbound.Accept(new Broken(0, 1, "unreadable", Lasting: true), 0, (_, _) => { }));
        Assert.Null(outbound.Accept(new Broken(0, 1, "too many", Lasting: false), 0, (_, _) => { }));
        Assert.Null(outbound.Accept(new Broken(0, 2, "unreadable", Lasting: true), 0, (_, _) => { }));
        Assert.Null(outbound.Accept(new Broken(9, 1, "unreadable", Lasting: true), 0, (_, _) => { }));
    }

    [Fact]
    public void A_message_that_is_sent_again_while_it_is_on_its_way_or_waits_goes_once_and_again_when_it_has_arrived()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions());
        var sent = new List<Chunk>();
        void Add(long step, float[] rows) => outbound.Add(1, NoShard, "s.part.1", WireFormat.FrameOf(new SnapshotProtocol.Part(new ShardId(0), step, step, false, rows, [])), 0, (_, chunk) => sent.Add(chunk));
        var rows = new float[ChunkBytes];

        Add(1, rows);
        Add(2, rows);
        Add(1, (float[])rows.Clone());
        Add(2, (float[])rows.Clone());
        Add(2, new float[ChunkBytes + 1]);
        for (var answered = 0; answered < sent.Count; answered++)
        {
            var chunk = sent[answered];
            outbound.Accept(1, new Credit(chunk.Lane, chunk.Stream, Math.Min(chunk.Total, chunk.Offset + ChunkBytes)), 0, (_, next) => sent.Add(next));
        }

        Assert.Equal(3, sent.Select(chunk => chunk.Stream).Distinct().Count());
        Assert.True(outbound.IsIdle);
        Add(1, rows);
        Assert.Equal(4, sent.Select(chunk => chunk.Stream).Distinct().Count());
        Assert.Equal(0, outbound.GivenUp);
    }

    [Fact]
    public void When_messages_that_wait_have_more_bytes_than_may_wait_the_oldest_are_dropped_and_the_newest_never()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions { MostWaiting = 3 * ChunkBytes, Window = 1 });
        for (var n = 0; n < 6; n++)
        {
            outbound.Add(1, NoShard, "a", Frame(n, 2 * ChunkBytes), 0, (_, _) => { });
        }

        Assert.Equal(3, outbound.GivenUp); // the first is on its way, two wait
        outbound.Add(1, NoShard, "a", Frame(6, 100 * ChunkBytes), 0, (_, _) => { });
        outbound.Add(1, NoShard, "a", Frame(7, 100 * ChunkBytes), 0, (_, _) => { });
        Assert.Equal(6, outbound.GivenUp);
    }

    [Fact]
    public void Sending_a_long_message_takes_no_copy_of_it()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions());
        var rows = new float[4 * ChunkBytes / sizeof(float)];
        var sent = new List<Chunk>();

        outbound.Add(1, NoShard, "s.part.1", WireFormat.FrameOf(new SnapshotProtocol.Part(new ShardId(0), 1, 1, false, rows, [])), 0, (_, chunk) => sent.Add(chunk));
        rows.AsSpan().Fill(1); // which nobody may do: it shows where the pieces are

        Assert.Equal(5, sent.Count);
        Assert.All(sent.Skip(1).SkipLast(1), chunk => Assert.True(chunk.Bytes.Span.Count<byte>(0x3F) == ChunkBytes / sizeof(float)));
        Assert.True(sent[0].Bytes.Span.Count<byte>(0x3F) < 9, "The first piece has the message's numbers before its rows, and is a copy.");
    }

    [Fact]
    public void Senders_together_cannot_make_a_receiver_hold_more_than_its_limit()
    {
        var options = new EndpointOptions { MostHeld = 3 * 64 * ChunkBytes, MostLanes = 10 };
        var inbound = new InboundStreams<int>(options);

        var answers = Enumerable.Range(0, 30).Select(origin =>
        {
            inbound.Accept(origin, new Chunk(NoShard, 0, 1, "a", 0, options.MostHeld, new byte[ChunkBytes]), 0, out var answer);
            return answer;
        }).ToArray();

        Assert.InRange(inbound.Held, 1, options.MostHeld);
        Assert.Equal(3, answers.OfType<Credit>().Count());
        Assert.Equal(27, answers.OfType<Broken>().Count(broken => !broken.Lasting));
        inbound.Expire(1000);
        Assert.Equal(0, inbound.Held);
    }

    [Fact]
    public void Targets_to_whom_nothing_has_been_sent_for_long_are_forgotten_and_a_message_to_one_of_them_still_arrives()
    {
        var options = new EndpointOptions();
        var (outbound, inbound) = (new OutboundStreams<int>(options), new InboundStreams<int>(options));
        var sent = new Queue<(int Target, Chunk Chunk)>();
        string? Deliver(int target, double now)
        {
            outbound.Add(target, NoShard, $"to {target} at {now}", Frame(0, ChunkBytes + 1), now, (to, chunk) => sent.Enqueue((to, chunk)));
            string? arrived = null;
            while (sent.TryDequeue(out var next))
            {
                arrived = inbound.Accept(1, next.Chunk, now, out var answer)?.Manifest ?? arrived;
                if (answer is Credit credit)
                {
                    outbound.Accept(next.Target, credit, now, (to, chunk) => sent.Enqueue((to, chunk)));
                }
            }

            return arrived;
        }

        for (var target = 0; target < 20; target++)
        {
            Assert.Equal($"to {target} at 0", Deliver(target, 0));
        }

        Assert.Equal(20, outbound.Lanes);
        outbound.Expire(100 * options.StallSeconds);
        Assert.Equal(0, outbound.Lanes);
        Assert.Equal("to 7 at 1", Deliver(7, 1));
        outbound.Forget(7);
        Assert.Equal(0, outbound.Lanes);
    }

    [Fact]
    public void When_more_messages_wait_than_the_queue_holds_the_oldest_that_was_not_begun_is_dropped()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions { LongestQueue = 2, Window = 1 });
        for (var n = 0; n < 5; n++)
        {
            outbound.Add(1, NoShard, "a", Frame(n, 2 * ChunkBytes), 0, (_, _) => { });
        }

        Assert.Equal(2, outbound.GivenUp);
    }

    private static MessageFrame Frame(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return new MessageFrame(bytes);
    }

    /// <summary>A message as a short text that no other has.</summary>
    private static string Pattern(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return Digest(bytes);
    }

    private static string Digest(ReadOnlySpan<byte> bytes) => $"{bytes.Length}:{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(bytes))}";

    /// <summary>One sender, any number of receivers, and what is on its way between them, delivered in random order.</summary>
    private sealed class Network(int seed, int window, double loss, double doubling)
    {
        private const int Sender = 0;
        private readonly Random _random = new(seed);
        private readonly List<(int To, int From, object Message)> _air = [];
        private readonly OutboundStreams<int> _outbound = new(new EndpointOptions { Window = window, StallSeconds = 3 });
        private readonly SortedDictionary<int, InboundStreams<int>> _receivers = [];
        private readonly SortedDictionary<int, List<string>> _arrived = [];
        private double _now;

        public Func<Chunk, bool>? LoseOnce { get; set; }

        public int SegmentBytes { get; init; } = 4 << 20;

        public bool IsIdle => _outbound.IsIdle;

        public long Held => _receivers.Values.Sum(receiver => receiver.Held);

        public IReadOnlyList<string> Arrived(int receiver) => _arrived.GetValueOrDefault(receiver, []);

        public void Send(int to, int[] lengths)
        {
            for (var n = 0; n < lengths.Length; n++)
            {
                _outbound.Add(to, NoShard, "a", Frame(n, lengths[n]), _now, Put);
            }
        }

        /// <summary>Until nothing is on its way and all time-outs are over.</summary>
        public void Run()
        {
            for (var quiet = 0; quiet < 20;)
            {
                if (_air.Count == 0)
                {
                    quiet++;
                    _now += 1;
                    _outbound.Expire(_now);
                    foreach (var receiver in _receivers.Values)
                    {
                        receiver.Expire(_now);
                    }

                    continue;
                }

                var at = _random.Next(_air.Count);
                var (to, from, message) = _air[at];
                _air.RemoveAt(at);
                Deliver(to, from, message);
            }
        }

        private void Deliver(int to, int from, object message)
        {
            switch (message)
            {
                case Credit credit:
                    _outbound.Accept(from, credit, _now, Put);
                    break;
                case Broken broken:
                    _outbound.Accept(broken, _now, Put);
                    break;
                case Chunk chunk:
                    _receivers.TryAdd(to, new InboundStreams<int>(new EndpointOptions { SegmentBytes = SegmentBytes }));
                    if (_receivers[to].Accept(from, chunk, _now, out var answer) is { } frame)
                    {
                        _arrived.TryAdd(to, []);
                        _arrived[to].Add(Digest(frame.Bytes().ToArray()));
                        frame.Release();
                    }

                    if (answer is not null)
                    {
                        Cross(Sender, to, answer);
                    }

                    break;
            }
        }

        private void Put(int to, Chunk chunk)
        {
            if (LoseOnce?.Invoke(chunk) == true)
            {
                LoseOnce = null;
                return;
            }

            // A copy stands for the transport's own, which outlives the sender's frame.
            Cross(to, Sender, chunk with { Bytes = chunk.Bytes.ToArray() });
        }

        private void Cross(int to, int from, object message)
        {
            for (var copies = _random.NextDouble() < doubling ? 2 : 1; copies > 0; copies--)
            {
                if (_random.NextDouble() >= loss)
                {
                    _air.Add((to, from, message));
                }
            }
        }
    }
}
