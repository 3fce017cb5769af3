using TwoTower.Model.Native;
using static TorchSharp.torch;

namespace TwoTower.Tests.Native;

public class HeldNumberSpecs
{
    private static readonly float[] s_left = [1.5f, -2, 0.1f, 1e-3f];
    private static readonly float[] s_right = [3, 0.7f, -4, 1e6f];

    [Fact]
    public void Arithmetic_with_held_numbers_is_that_of_single_precision()
    {
        const double Number = 0.3;
        const float Single = 0.3f;
        using var scope = NewDisposeScope();
        var (left, right) = (tensor(s_left), tensor(s_right));

        Equal((a, b) => a + b, left.Plus(right));
        Equal((a, _) => a + Single, left.Plus(Number));
        Equal((a, _) => a - Single, left.Minus(Number));
        Equal((a, _) => a * Single, left.Times(Number));
        Equal((a, _) => a / Single, left.DividedBy(Number));
        Equal((a, _) => a * a, left.Squared());
        Equal((a, _) => a < 1 ? float.NegativeInfinity : a,
            left.Filled(tensor(Array.ConvertAll(s_left, a => a < 1)), float.NegativeInfinity));
        Assert.Equal(s_left, left.data<float>().ToArray());
    }

    [Fact]
    public void What_is_done_in_place_changes_the_target_and_returns_it()
    {
        // Halves and quarters: fused or not, nothing is rounded.
        using var scope = NewDisposeScope();
        var (target, values) = (tensor(new float[] { 1, 2 }), tensor(new float[] { 4, 8 }));

        Assert.Same(target, target.AddInPlace(0.5).ScaleInPlace(2).AddInPlace(values, 0.25).AddProductInPlace(values, values, -0.5)
            .AddQuotientInPlace(values, values, 3));

        Assert.Equal([((1 + 0.5f) * 2) + 1 - 8 + 3, ((2 + 0.5f) * 2) + 2 - 32 + 3], target.data<float>().ToArray());
    }

    [Fact]
    public void Sums_of_integers_stay_integers()
    {
        using var scope = NewDisposeScope();

        Assert.Equal([5, 7], tensor(new long[] { 2, 3 }).Plus(tensor(new long[] { 3, 4 })).data<long>().ToArray());
        Assert.Equal([4, 9], tensor(new long[] { 2, 3 }).Squared().data<long>().ToArray());
    }

    private static void Equal(Func<float, float, float> expected, Tensor actual) =>
        Assert.Equal(s_left.Zip(s_right, expected), actual.data<float>().ToArray());
}
