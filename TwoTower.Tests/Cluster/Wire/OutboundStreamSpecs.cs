using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using static TwoTower.Actors.Protocol.EndpointProtocol;
using static TwoTower.Tests.Cluster.Wire.StreamNetwork;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>What a sender of long messages has on its way, lets wait, and gives up.</summary>
public class OutboundStreamSpecs
{
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
        void Add(long step, float[] rows) =>
            outbound.Add(1, NoShard, "s.part.2", WireFormat.FrameOf(new SnapshotProtocol.Part(new ShardId(0), step, step, false, rows, [])),
            0, (_, chunk) => sent.Add(chunk));
        var rows = new float[ChunkBytes];

        Add(1, rows);
        Add(2, rows);
        Add(1, (float[])rows.Clone());
        Add(2, (float[])rows.Clone());
        Add(2, new float[ChunkBytes + 1]);
        for (var answered = 0; answered < sent.Count; answered++)
        {
            var chunk = sent[answered];
            outbound.Accept(1, new Credit(chunk.Lane, chunk.Stream, Math.Min(chunk.Total, chunk.Offset + ChunkBytes)), 0,
                (_, next) => sent.Add(next));
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
    public void When_more_messages_wait_than_the_queue_holds_the_oldest_that_was_not_begun_is_dropped()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions { LongestQueue = 2, Window = 1 });
        for (var n = 0; n < 5; n++)
        {
            outbound.Add(1, NoShard, "a", Frame(n, 2 * ChunkBytes), 0, (_, _) => { });
        }

        Assert.Equal(2, outbound.GivenUp);
    }

    [Fact]
    public void Sending_a_long_message_takes_no_copy_of_it()
    {
        var outbound = new OutboundStreams<int>(new EndpointOptions());
        var rows = new float[4 * ChunkBytes / sizeof(float)];
        var sent = new List<Chunk>();

        outbound.Add(1, NoShard, "s.part.2", WireFormat.FrameOf(new SnapshotProtocol.Part(new ShardId(0), 1, 1, false, rows, [])), 0,
            (_, chunk) => sent.Add(chunk));
        rows.AsSpan().Fill(1); // which nobody may do: it shows where the pieces are

        Assert.Equal(5, sent.Count);
        Assert.All(sent.Skip(1).SkipLast(1), chunk => Assert.True(chunk.Bytes.Span.Count<byte>(0x3F) == ChunkBytes / sizeof(float)));
        Assert.True(sent[0].Bytes.Span.Count<byte>(0x3F) < 9, "The first piece has the message's numbers before its rows, and is a copy.");
    }
}
