using System.Buffers.Binary;
using CsCheck;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Tests.Protocol;

/// <summary>What goes over the wire comes out as it went in, takes the bytes that were reckoned with, and nothing else is taken for a message.</summary>
public class WireFormatSpecs
{
    [Fact]
    public void Every_message_of_every_conversation_has_a_form_on_the_wire()
    {
        var messages = typeof(LeaseProtocol).Assembly.GetTypes().Where(type => type.IsAbstract && type.IsSealed && type.Name.EndsWith("Protocol", StringComparison.Ordinal))
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
    public void Counts_that_promise_more_than_the_frame_holds_are_refused_before_anything_is_allocated()
    {
        var push = new ParameterProtocol.Rows(new ShardId(1), new WorkerId(2), 3, 4, RowBlock.Rent(RowKeys.Rent(2), 2), RowBlock.Rent(RowKeys.Rent(0), 2));
        var frame = WireFormat.Encode(push);
        // Group header, two 5-byte and two 9-byte numbers; then the four counts of 5 bytes each, marker first.
        var counts = 1 + 5 + 5 + 9 + 9;
        foreach (var (rows, width) in new[] { (int.MaxValue, 2), (2, int.MaxValue), (int.MaxValue, int.MaxValue), (-1, 2) })
        {
            var lying = (byte[])frame.Clone();
            BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(counts + 1), rows);
            BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(counts + 6), width);
            BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(counts + 11), rows);
            BinaryPrimitives.WriteInt32BigEndian(lying.AsSpan(counts + 16), width);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Throws<WireException>(() => WireFormat.Decode("p.rows.1", lying));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
        }
    }

    [Theory]
    [InlineData("p.rows.2")]
    [InlineData("")]
    public void A_message_of_another_version_is_refused_by_name(string manifest)
    {
        var refused = Assert.Throws<WireException>(() => WireFormat.Decode(manifest, new byte[] { 0x90 }));

        Assert.Contains($"'{manifest}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_message_of_the_conversations_has_no_form_and_no_size()
    {
        Assert.Contains("String has no form", Assert.Throws<WireException>(() => WireFormat.Encode("text")).Message, StringComparison.Ordinal);
        Assert.Equal(0, WireSize.Of("text"));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(0, 1)]
    public void A_ranking_that_is_not_whole_rows_is_refused(int depth, int items)
    {
        var ranking = new LeaseProtocol.RankingGiven(new WorkerId(1), 2, 3, 4, depth, new int[items]);

        Assert.Contains("rows of", Assert.Throws<WireException>(() => WireFormat.Decode(WireFormat.ManifestOf(ranking), WireFormat.Encode(ranking))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frame_that_goes_on_after_its_message_is_refused()
    {
        var frame = WireFormat.Encode(new SnapshotProtocol.Taken(7));

        Assert.Throws<WireException>(() => WireFormat.Decode("s.taken.1", frame.Append((byte)0).ToArray()));
    }

    private static readonly Comparer<Type> ByName = Comparer<Type>.Create((a, b) => string.CompareOrdinal(a.FullName, b.FullName));
}
