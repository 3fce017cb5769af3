using System.Runtime.InteropServices;
using TwoTower.Model.Storage;

namespace TwoTower.Tests.Storage;

/// <summary>Arrays are handed on stretch by stretch, whole and in order.</summary>
public sealed class ArrayBytesSpecs
{
    [Theory]
    [InlineData(0, 16)]
    [InlineData(1, 16)]
    [InlineData(4, 16)]
    [InlineData(9, 16)]
    [InlineData(9, 18)]
    [InlineData(3, 1)]
    public void Stretches_are_the_array_in_order_and_none_is_longer_than_asked_for(int count, int stretch)
    {
        var values = Enumerable.Range(1, count).Select(n => n / 3f).ToArray();
        var seen = new List<byte>();

        ArrayBytes.ForEach(values, bytes =>
        {
            Assert.InRange(bytes.Length, 1, Math.Max(stretch, sizeof(float)));
            seen.AddRange(bytes.ToArray());
        }, stretch);

        Assert.Equal(MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), seen);
        Assert.Equal(seen.Count, ArrayBytes.LengthOf(values));
    }

    [Fact]
    public void What_is_written_to_a_stretch_is_in_the_array()
    {
        var values = new int[5];
        ArrayBytes.ForEach(values, bytes => bytes.Fill(1), stretch: 8);

        Assert.All(values, value => Assert.Equal(0x01010101, value));
    }
}
