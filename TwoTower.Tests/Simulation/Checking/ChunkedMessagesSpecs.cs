using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;

namespace TwoTower.Tests.Simulation.Checking;

/// <summary>Checkers see whole messages, whatever pieces they cross in.</summary>
public class ChunkedMessagesSpecs
{
    private readonly ChunkedMessages _messages = new();
    private long _number;

    [Fact]
    public void A_message_is_seen_once_when_its_last_piece_is_sent_and_once_when_its_last_piece_arrives()
    {
        var pieces = Pieces(stream: 0);

        Assert.Null(Sent(pieces[0]));
        Assert.Null(Delivered(pieces[0]));
        Assert.Equal(Message(0), Sent(pieces[1]));
        Assert.Null(Sent(pieces[1])); // doubled
        Assert.Equal(Message(0), Delivered(pieces[1]));
        Assert.Null(Delivered(pieces[1]));
    }

    [Fact]
    public void Messages_that_waited_in_a_proxy_and_cross_together_are_all_seen()
    {
        var all = Enumerable.Range(0, 20).Select(stream => Pieces(stream)).ToArray();

        Assert.Equal(all.Length, all.Count(pieces => pieces.Select(Sent).ToArray()[^1] is not null));
        Assert.Equal(Enumerable.Range(0, 20).Select(Message), all.Select(pieces => pieces.Select(Delivered).ToArray()[^1]));
    }

    private static StateProtocol.Inquire Message(int stream) => new(new ShardId(1), stream, 0);

    private static EndpointProtocol.Chunk[] Pieces(int stream)
    {
        var (manifest, frame) = (WireFormat.ManifestOf(Message(stream)), WireFormat.Encode(Message(stream)));
        return [.. new[] { (0, 4), (4, frame.Length - 4) }.Select(part => new EndpointProtocol.Chunk(new ShardId(1), 3, stream, manifest,
            part.Item1, frame.Length, frame.AsMemory(part.Item1, part.Item2)))];
    }

    private object? Sent(EndpointProtocol.Chunk piece) => _messages.Sent(Crossing(piece), piece)?.Message;

    private object? Delivered(EndpointProtocol.Chunk piece) => _messages.Delivered(Crossing(piece), piece)?.Message;

    private Crossing Crossing(EndpointProtocol.Chunk piece) =>
        new(_number++, NodeId.Worker(0), NodeId.Trainer, piece, piece.Bytes.Length) { Speaker = "worker" };
}
