using CsCheck;
using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Sampling;

public class StreamedFrequenciesSpecs
{
    private const int Items = 6;

    [Fact]
    public void An_estimate_is_one_over_the_running_mean_of_the_gaps_between_an_items_examples()
    {
        const double Rate = 0.3;
        var (set, order) = Make(50);
        var streamed = new StreamedFrequencies(set, order, Rate, buckets: 0, seed: 1);
        var (last, gap) = (new double[Items], Enumerable.Repeat((double)Items, Items).ToArray());
        var time = 0;
        for (var epoch = 0; epoch < 3; epoch++)
        {
            foreach (var example in order.Of(epoch).ToArray())
            {
                var item = set.Log.Items[example];
                time++;
                gap[item] = ((1 - Rate) * gap[item]) + (Rate * (time - last[item]));
                last[item] = time;
            }
        }

        streamed.MoveTo(2, 50);

        for (var item = 0; item < Items; item++)
        {
            Assert.Equal(1 / gap[item], streamed.ShareOf(item), 1e-12);
        }
    }

    [Fact]
    public void The_estimate_at_a_position_is_the_same_to_the_bit_whatever_was_asked_before() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 50]).Array[1, 12].Sample(
            asked =>
            {
                var (set, order) = Make(50);
                var wandering = new StreamedFrequencies(set, order, 0.2, buckets: 4, seed: 1);
                foreach (var (epoch, position) in asked)
                {
                    var straight = new StreamedFrequencies(set, order, 0.2, buckets: 4, seed: 1);
                    wandering.MoveTo(epoch, position);
                    straight.MoveTo(epoch, position);
                    Assert.Equal(Enumerable.Range(0, Items).Select(straight.ShareOf), Enumerable.Range(0, Items).Select(wandering.ShareOf));
                }
            },
            iter: 200);

    [Fact]
    public void With_a_small_rate_and_a_long_stream_the_estimates_come_to_the_counted_shares()
    {
        var (set, order) = Make(20_000);
        var streamed = new StreamedFrequencies(set, order, 0.005, buckets: 0, seed: 1);

        streamed.MoveTo(1, 20_000);

        for (var item = 0; item < Items; item++)
        {
            Assert.InRange(streamed.ShareOf(item) * set.Log.Count / set.ItemCounts[item], 0.8, 1.25);
        }
    }

    [Fact]
    public void Items_that_share_a_bucket_share_an_estimate()
    {
        var (set, order) = Make(2000);
        var streamed = new StreamedFrequencies(set, order, 0.02, buckets: 1, seed: 1);

        streamed.MoveTo(0, 2000);

        Assert.All(Enumerable.Range(0, Items), item => Assert.Equal(1, streamed.ShareOf(item), 1e-6));
    }

    private static (TrainingSet Set, EpochOrder Order) Make(int examples)
    {
        var random = new SeededRandom(4);
        var items = Enumerable.Range(0, examples).Select(_ => (int)(Items * random.NextDouble() * random.NextDouble())).ToArray();
        return (new TrainingSet(1, Items, new InteractionLog(new int[examples], items, new long[examples])), new EpochOrder(examples, 9));
    }
}
