using CsCheck;
using TwoTower.Model.Losses;

namespace TwoTower.Tests.Losses;

public class SoftmaxRowSpecs
{
    [Fact]
    public void A_row_is_scaled_shifted_and_exponentiated_like_one_element_after_the_other() =>
        Gen.Select(Gen.Float[-30f, 30f].Array[1, 40], Gen.Float[0.1f, 5f], Gen.Float[-5f, 5f]).Sample((row, scale, shift) =>
        {
            var expected = row.Select(x => ((double)x * scale) + shift).ToArray();
            var result = (float[])row.Clone();

            var largest = SoftmaxRow.ScaleAndShift(result, scale, Enumerable.Repeat(shift, row.Length).ToArray());
            Assert.Equal(result.Max(), largest);
            var exponents = result.Select(x => (double)x - largest).ToArray();
            Assert.All(expected.Zip(result), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
            var sum = SoftmaxRow.Exponentiate(result, largest, Enumerable.Range(1, row.Length).Select(n => (float)n).ToArray());

            for (var n = 0; n < row.Length; n++)
            {
                var exact = (n + 1) * Math.Exp((float)exponents[n]);
                Assert.InRange(result[n], (exact * (1 - 1e-6)) - 1e-36, (exact * (1 + 1e-6)) + 1e-36);
            }

            Assert.Equal(result.Sum(x => (double)x), sum, 1e-4 * sum);
        });

    [Fact]
    public void Minus_infinity_becomes_zero_and_nothing_overflows()
    {
        var row = Enumerable.Repeat(float.NegativeInfinity, 9).Append(0f).Append(-1e30f).Append(-86.9f).ToArray();

        var sum = SoftmaxRow.Exponentiate(row, 0, Enumerable.Repeat(2f, row.Length).ToArray());

        Assert.Equal(2f, sum);
        Assert.All(row[..9], value => Assert.Equal(0f, value));
        Assert.Equal(0f, row[10]);
        Assert.InRange(row[11], 1e-38f, 1e-37f);
    }
}
