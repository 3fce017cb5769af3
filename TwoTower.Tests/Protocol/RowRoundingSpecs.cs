using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;

namespace TwoTower.Tests.Protocol;

/// <summary>Rounded rows are near what they were, and travel without losing anything more.</summary>
public class RowRoundingSpecs
{
    private static readonly float[] s_extremes = [0, float.MaxValue, float.Epsilon, -float.MaxValue];

    // Every order of magnitude that a float has, the smallest and largest too.
    private static readonly Gen<float> s_finite = Gen.OneOf(Gen.Float[-1e-3f, 1e-3f], Gen.Float[-1, 1], Gen.Float.Where(float.IsFinite),
        Gen.Int[0, 3].Select(n => s_extremes[n]));

    [Fact]
    public void Rounding_a_second_time_changes_nothing() =>
        Gen.Select(Gen.Enum<RowPrecision>(), s_finite.Array[0, 20]).Sample((precision, row) =>
        {
            var once = Rounded(precision, row);

            Assert.Equal(Bits(once), Bits(Rounded(precision, once)));
        }, iter: 20_000);

    [Fact]
    public void A_bfloat16_is_within_one_part_in_256_and_an_int8_within_one_in_127_of_the_rows_largest_value() =>
        Gen.OneOf(Gen.Float[-1e-6f, 1e-6f], Gen.Float[-1, 1], Gen.Float[-1e6f, 1e6f]).Where(value => value == 0 || Math.Abs(value) > 1e-37f)
            .Array[1, 20].Sample(
                row =>
                {
                    var largest = row.Max(Math.Abs);
                    foreach (var (value, brain, small) in row.Zip(Rounded(RowPrecision.BFloat16, row), Rounded(RowPrecision.Int8, row)))
                    {
                        Assert.InRange(Math.Abs((double)value - brain), 0, Math.Abs((double)value) / 256);
                        Assert.InRange(Math.Abs((double)value - small), 0, (double)largest / 127);
                    }
                },
                iter: 20_000);

    [Theory]
    [InlineData(new[] { 127f, -64f, 1f, 0f }, new[] { 127f, -64f, 1f, 0f })]
    [InlineData(new[] { 127.5f, 3f, 1f }, new[] { 128f, 4f, 0f })]
    [InlineData(new[] { 0.5f, 0.25f, -0.001f }, new[] { 0.5f, 0.25f, 0f })]
    public void An_int8_row_shares_the_least_power_of_two_that_reaches_its_largest_value(float[] row, float[] rounded) =>
        Assert.Equal(rounded, Rounded(RowPrecision.Int8, row));

    [Theory]
    [InlineData(RowPrecision.BFloat16, 1f)]
    [InlineData(RowPrecision.Int8, float.NaN)]
    public void What_is_no_number_stays_visible(RowPrecision precision, float beside)
    {
        var rounded = Rounded(precision, [1f, float.NaN]);

        Assert.Equal([beside, float.NaN], rounded);
        Assert.False(float.IsFinite(Rounded(precision, [float.PositiveInfinity])[0]));
    }

    [Theory]
    [InlineData(RowPrecision.BFloat16)]
    [InlineData(RowPrecision.Int8)]
    public void Rounded_rows_travel_packed_and_come_out_to_the_bit(RowPrecision precision) =>
        Gen.Select(s_finite.Array[32], Gen.Int[0, 3]).Sample((values, rows) =>
        {
            var block = RowBlock.Rent(RowKeys.Rent(rows), 8);
            block.Keys.Array.AsSpan(0, rows).Clear();
            block.Versions.AsSpan(0, rows).Clear();
            values.AsSpan(0, rows * 8).CopyTo(block.Values);
            var message = new ParameterProtocol.Rows(new ShardId(0), new WorkerId(0), 1, 2, block.Rounded(precision),
                RowBlock.Rent(RowKeys.Rent(0), 8));
            var frame = WireFormat.Encode(message);
            var back = (ParameterProtocol.Rows)WireFormat.Decode("p.rows.2", frame);

            Assert.Equal(Bits(message.Users.Values.AsSpan(0, rows * 8).ToArray()), Bits(back.Users.Values.AsSpan(0, rows * 8).ToArray()));
            Assert.Equal(precision, back.Users.Precision);
            Assert.Equal(WireSize.Of(message), frame.Length);
            Assert.Equal(rows * (8 + RowRounding.BytesOf(precision, 8)), message.Users.Bytes);
        });

    [Fact]
    public void A_precision_that_there_is_not_is_refused()
    {
        var block = RowBlock.Rent(RowKeys.Rent(0), 2) with { Precision = RowPrecision.Int8 };
        var frame = WireFormat.Encode(new ParameterProtocol.Rows(new ShardId(1), new WorkerId(2), 3, 4, block, block));
        // Group header, two 5-byte and two 9-byte numbers, the header of the block's group, two counts of 5 bytes, then the precision
        // with its marker.
        frame[1 + 5 + 5 + 9 + 9 + 1 + 10 + 4] = 9;

        Assert.Contains("no precision", Assert.Throws<WireException>(() => WireFormat.Decode("p.rows.2", frame)).Message,
            StringComparison.Ordinal);
    }

    private static float[] Rounded(RowPrecision precision, float[] row)
    {
        var rounded = (float[])row.Clone();
        RowRounding.Round(precision, rounded);
        return rounded;
    }

    private static IEnumerable<int> Bits(float[] row) => row.Select(value => value == 0 ? 0 : BitConverter.SingleToInt32Bits(value));
}
