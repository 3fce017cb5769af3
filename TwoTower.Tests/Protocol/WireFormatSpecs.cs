using System.Buffers;
using System.Buffers.Binary;
using CsCheck;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Tests.Protocol;

/// <summary>What goes over the wire comes out as it went in, takes the bytes that were reckoned with, and
/// nothing else is taken for a message.</summary>
public class WireFormatSpecs
{
    [Fact]
    public void Every_message_of_every_conversation_has_a_form_on_the_wire()
    {
        var messages = typeof(LeaseProtocol).Assembly.GetTypes()
            .Where(type => type.IsAbstract && type.IsSealed && type.Name.EndsWith("Protocol", StringComparison.Ordinal))
            .SelectMany(conversation => conversation.GetNestedTypes()).OrderBy(type => type.FullName, StringComparer.Ordinal);

        Assert.Equal(messages, WireFormat.Manifests.Values.OrderBy(type => type.FullName, StringComparer.Ordinal));
        Assert.Equal(WireFormat.Manifests.Count, WireMessages.Kinds.Count);
        Assert.Equal(WireFormat.Manifests.Values.Order(ByName), WireMessages.Kinds.Select(kind => kind.Single().GetType()).Order(ByName));
    }

    [Fact]
    public void Every_message_comes_back_as_it_was_sent_and_takes_the_bytes_that_were_reckoned_with()
    {
        foreach (var kind in WireMessages.Kinds)
        {
            kind.Sample(
                message =>
                {
                    var frame = WireFormat.Encode(message);
                    var back = WireFormat.Decode(WireFormat.ManifestOf(message), frame);
                    Assert.Equal(WireMessages.Describe(message), WireMessages.Describe(back));
                    Assert.Equal(WireSize.Of(message), frame.Length);
                },
                iter: 40);
        }
    }

    [Fact]
    public void Every_message_comes_back_from_pieces_of_any_length_in_arrays_of_any_length()
    {
        foreach (var kind in WireMessages.Kinds)
        {
            Gen.Select(kind, Gen.Int[1, 70], Gen.Int[1, 70]).Sample(
                (message, piece, segment) =>
                {
                    var (manifest, text, whole) = (WireFormat.ManifestOf(message), WireMessages.Describe(message),
                        WireFormat.Encode(message));
                    var frame = WireFormat.FrameOf(message);
                    var inbound = new InboundFrame(manifest, frame.Length, segment);
                    for (var offset = 0L; offset < frame.Length; offset += piece)
                    {
                        var bytes = frame.Piece(offset, (int)Math.Min(piece, frame.Length - offset));
                        Assert.Equal(whole.AsSpan((int)offset, bytes.Length), bytes.Span);
                        inbound.Write(offset, bytes.Span);
                    }

                    Assert.Equal(whole.Length, frame.Length);
                    Assert.Equal(text, WireMessages.Describe(WireFormat.Decode(manifest, inbound.Bytes(), inbound.Release)));
                },
                iter: 40);
        }
    }

    [Fact]
    public void What_has_been_read_of_a_long_frame_is_given_back_before_the_rest_is_read()
    {
        var part = new SnapshotProtocol.Part(new ShardId(0), 1, 1, false, new float[4 << 20], new float[4 << 20]);
        var frame = WireFormat.Encode(part);
        var used = new List<long>();

        WireFormat.Decode(WireFormat.ManifestOf(part), new ReadOnlySequence<byte>(frame), used.Add);

        Assert.Equal(used.Order(), used);
        Assert.InRange(used[0], 1, 2 << 20);
        Assert.All(used.Zip(used.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 1, 1 << 20));
        Assert.Equal(frame.Length, used[^1]);
    }

    [Theory]
    [InlineData(5L << 30)]
    [InlineData((1L << 31) - 1)]
    [InlineData(1L << 31)]
    [InlineData(70_000)]
    [InlineData(255)]
    public void A_block_may_be_longer_than_an_array_and_longer_than_MessagePack_has_a_length_for(long bytes)
    {
        var head = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(head, []);
        writer.Block(bytes);
        writer.Flush();
        Assert.InRange(head.Capacity, 1, 1000); // no room for what is not written here
        var counting = WireWriter.Counting();
        counting.Block(bytes);
        Assert.Equal(head.WrittenCount + bytes, counting.Counted);

        // The same array over and over: the frame is there, and costs no gigabytes.
        var segment = new byte[1 << 24];
        segment[5] = 7;
        var first = new Segment(head.WrittenMemory, 0);
        var last = first;
        for (var left = bytes; left > 0; left -= segment.Length)
        {
            last = last.Append(segment.AsMemory(0, (int)Math.Min(segment.Length, left)));
        }

        var reader = new WireReader(new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length));
        reader.Block(bytes);
        reader.End();
        var entries = new byte[6];
        reader.Fill(entries, entries.Length);
        Assert.Equal([0, 0, 0, 0, 0, 7], entries);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(5L << 30)]
    [InlineData(-1)]
    public void A_length_of_its_own_before_a_block_that_needs_none_or_is_not_there_is_refused(long bytes)
    {
        var head = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(head);
        writer.Long(bytes);
        writer.Flush();
        byte[] frame = [.. head.WrittenSpan, .. new byte[40]];

        Assert.Throws<WireException>(() =>
        {
            var reader = new WireReader(frame);
            reader.Block(bytes);
        });
    }

    [Fact]
    public void A_text_that_no_reader_takes_is_not_sent()
    {
        var failed = new SnapshotProtocol.Failed(1, new string('x', WireReader.LongestText + 1));

        Assert.Contains("longer than", Assert.Throws<WireException>(() => WireFormat.FrameOf(failed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_size_of_a_message_depends_on_its_counts_and_texts_alone() =>
        Gen.Long.Array[2].Sample(numbers => Assert.Equal(
            WireSize.Of(new LeaseProtocol.LeaseRequest(new WorkerId((int)numbers[0]), numbers[0], numbers[1])),
            WireSize.Of(new LeaseProtocol.LeaseRequest(new WorkerId(0), 0, 0))));

    [Fact]
    public void A_frame_that_was_cut_or_altered_is_a_message_or_is_refused_and_never_costs_more_than_its_length() =>
        Gen.Select(WireMessages.Any, Gen.Int[0, int.MaxValue], Gen.Byte.Array[1, 6], Gen.Bool).Sample(
            (message, place, bytes, cut) =>
            {
                var frame = WireFormat.Encode(message);
                var at = place % Math.Min(frame.Length, 90);
                var altered = cut ? frame[..at] : [.. frame[..at], .. bytes, .. frame[Math.Min(frame.Length, at + bytes.Length)..]];
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    WireFormat.Decode(WireFormat.ManifestOf(message), altered);
                }
                catch (WireException refused)
                {
                    Assert.NotEmpty(refused.Message);
                }

                // Empty histograms and the exception are most of the constant; pooled arrays are rounded up.
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 150_000 + (16L * altered.Length));
            },
            iter: 2000);

    [Fact]
    public void A_frame_of_which_one_bit_is_turned_or_the_end_is_missing_is_a_message_or_is_refused_wherever_that_is() =>
        Gen.Select(WireMessages.Any, Gen.Int[0, int.MaxValue], Gen.Int[0, 7], Gen.Bool).Sample(
            (message, place, bit, cut) =>
            {
                var (manifest, frame) = (WireFormat.ManifestOf(message), WireFormat.Encode(message));
                var at = place % frame.Length;
                frame[at] ^= (byte)(1 << bit);
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    var back = WireFormat.Decode(manifest, cut ? frame.AsMemory(0, at) : frame);
                    Assert.False(cut);
                    Assert.Equal(WireFormat.ManifestOf(back), manifest);
                }
                catch (WireException refused)
                {
                    Assert.NotEmpty(refused.Message);
                }

                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 150_000 + (32L * frame.Length));
            },
            iter: 3000);

    [Fact]
    public void Counts_that_promise_more_than_the_frame_holds_are_refused_before_anything_is_allocated()
    {
        var push = new ParameterProtocol.Rows(new ShardId(1), new WorkerId(2), 3, 4, RowBlock.Rent(RowKeys.Rent(2), 2),
            RowBlock.Rent(RowKeys.Rent(0), 2));
        var frame = WireFormat.Encode(push);
        // Group header, two 5-byte and two 9-byte numbers, the header of the block's group; then its two counts of 5 bytes each, marker
        // first.
        var counts = 1 + 5 + 5 + 9 + 9 + 1;
        foreach (var (rows, width) in new[] { (int.MaxValue, 2), (2, int.MaxValue), (int.MaxValue, int.MaxValue), (-1, 2) })
        {
            var lying = (byte[])frame.Clone();
            BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(counts + 1), rows);
            BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(counts + 6), width);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<WireException>(() => WireFormat.Decode(WireFormat.ManifestOf(push), lying));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }

    [Theory]
    [InlineData("p.rows.1")]
    [InlineData("")]
    public void A_message_of_another_version_is_refused_by_name(string manifest)
    {
        var refused = Assert.Throws<WireException>(() => WireFormat.Decode(manifest, new byte[] { 0x90 }));

        Assert.Contains($"'{manifest}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_message_of_the_conversations_has_no_form_and_no_size()
    {
        Assert.Contains("String has no form", Assert.Throws<WireException>(() => WireFormat.Encode("text")).Message,
            StringComparison.Ordinal);
        Assert.Equal(0, WireSize.Of("text"));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(0, 1)]
    public void A_ranking_that_is_not_whole_rows_is_refused(int depth, int items)
    {
        var ranking = new LeaseProtocol.RankingGiven(new WorkerId(1), 2, 3, 4, depth, new int[items]);

        Assert.Contains("rows of",
            Assert.Throws<WireException>(() => WireFormat.Decode(WireFormat.ManifestOf(ranking), WireFormat.Encode(ranking))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_that_goes_on_after_its_message_is_refused()
    {
        var frame = WireFormat.Encode(new SnapshotProtocol.Taken(7));

        Assert.Throws<WireException>(() => WireFormat.Decode("s.taken.1", frame.Append((byte)0).ToArray()));
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> bytes, long before) => (Memory, RunningIndex) = (bytes, before);

        public Segment Append(ReadOnlyMemory<byte> bytes)
        {
            var next = new Segment(bytes, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
}
