using CsCheck;
using TwoTower.Actors.Hosting.Endpoints;
using static TwoTower.Actors.Protocol.EndpointProtocol;
using static TwoTower.Tests.Cluster.Wire.StreamNetwork;

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
                var network = new StreamNetwork(seed, window, loss: 0, doubling: 0.2) { SegmentBytes = segment };
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
                var network = new StreamNetwork(seed, window, loss, doubling: 0.1);
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
    public void A_lost_piece_is_noticed_after_the_time_out_and_later_messages_pass()
    {
        var network = new StreamNetwork(1, window: 4, loss: 0, doubling: 0) { LoseOnce = chunk => chunk.Offset == ChunkBytes };
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
        Assert.Contains("beginning", outbound.Accept(Assert.IsType<Broken>(refusal), 0, (_, chunk) => sent.Enqueue(chunk)),
            StringComparison.Ordinal);
        Assert.Equal(["b", "b"], sent.Select(chunk => chunk.Manifest));
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
}
