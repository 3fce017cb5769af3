using TwoTower.Actors.Hosting.Endpoints;
using static TwoTower.Actors.Protocol.EndpointProtocol;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>What a receiver of long messages takes, and what it holds meanwhile.</summary>
public class InboundStreamSpecs
{
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

        void Take(int piece) => streams.Accept(1, new Chunk(NoShard, 0, 0, "m", piece * ChunkBytes, 2 * ChunkBytes, new byte[ChunkBytes]),
            now: 0, out _);
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
}
