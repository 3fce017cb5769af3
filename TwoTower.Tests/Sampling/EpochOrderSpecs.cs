using CsCheck;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Sampling;

public class EpochOrderSpecs
{
    [Fact]
    public void An_epoch_visits_every_example_once() =>
        Gen.Select(Gen.Int[0, 400], Gen.Long, Gen.Int[0, 1000]).Sample(
            (examples, seed, epoch) =>
            {
                var order = new EpochOrder(examples, seed).Of(epoch).ToArray();

                Assert.Equal(Enumerable.Range(0, examples), order.Order());
            },
            iter: 300);

    [Fact]
    public void An_order_depends_on_seed_and_epoch_and_on_nothing_else()
    {
        var order = new EpochOrder(100, 1);
        var first = order.Of(0).ToArray();
        var second = order.Of(1).ToArray();
        order.Of(2);
        order.Of(3); // the first is forgotten by now and made again

        Assert.Equal(first, order.Of(0).ToArray());
        Assert.Equal(second, new EpochOrder(100, 1).Of(1).ToArray());
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, new EpochOrder(100, 2).Of(0).ToArray());
    }

    [Fact]
    public void Every_example_is_as_likely_at_every_position()
    {
        const int Examples = 6;
        const int Epochs = 12_000;
        var counts = new int[Examples * Examples];
        var order = new EpochOrder(Examples, 5);
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var visited = order.Of(epoch).Span;
            for (var position = 0; position < Examples; position++)
            {
                counts[(position * Examples) + visited[position]]++;
            }
        }

        // (6 − 1)² degrees of freedom: the margins of the table are fixed.
        ChiSquare.AssertFits(counts, [.. Enumerable.Repeat(1.0 / counts.Length, counts.Length)], degreesOfFreedom: 25);
    }
}
