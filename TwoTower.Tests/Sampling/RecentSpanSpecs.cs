using CsCheck;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Sampling;

public class RecentSpanSpecs
{
    private const long Day = 86_400;

    [Theory]
    [InlineData("all", SpanUnit.All, 0)]
    [InlineData("AUTO", SpanUnit.Auto, 0)]
    [InlineData("7.8%", SpanUnit.Share, 0.078)]
    [InlineData("100%", SpanUnit.Share, 1)]
    [InlineData("36000", SpanUnit.Events, 36_000)]
    [InlineData("8d", SpanUnit.Days, 8)]
    [InlineData("0.5D", SpanUnit.Days, 0.5)]
    public void A_span_is_read_in_its_unit_and_written_as_it_is_read(string text, SpanUnit unit, double value)
    {
        var span = RecentSpan.TryParse(text, "all")!.Value;

        Assert.Equal((unit, value), (span.Unit, span.Value));
        Assert.Equal(text.ToLowerInvariant(), span.ToText("all"));
    }

    [Theory]
    [InlineData("0%")]
    [InlineData("101%")]
    [InlineData("-3d")]
    [InlineData("0.5")]
    [InlineData("1e3")]
    [InlineData("1,5d")]
    [InlineData("off")]
    [InlineData("d")]
    [InlineData("")]
    [InlineData("NaN%")]
    public void What_is_no_span_is_not_taken_for_one(string text) => Assert.Null(RecentSpan.TryParse(text, "all"));

    [Fact]
    public void Age_in_events_counts_what_came_later_and_one_second_is_of_one_age()
    {
        var clock = new EventClock([10, 20, 20, 20, 30]);

        Assert.Equal([2.0, 0.5, 0.0], new[] { 10L, 20, 30 }.Select(time => clock.Age(time, RecentSpan.OfEvents(2))));
        Assert.Equal(0.5, clock.Age(20, RecentSpan.OfShare(0.4)), 1e-12);
        Assert.Equal(0, clock.Age(10, RecentSpan.All));
        Assert.Throws<InvalidOperationException>(() => clock.Age(10, RecentSpan.Auto));
    }

    [Fact]
    public void A_window_begins_at_its_first_second()
    {
        var clock = new EventClock([0, Day, Day, 3 * Day]);

        Assert.Equal(Day, clock.Start(RecentSpan.OfEvents(2)));
        Assert.Equal(Day, clock.Start(RecentSpan.OfShare(0.75)));
        Assert.Equal(Day, clock.Start(RecentSpan.OfDays(2)));
        Assert.Equal(3 * Day, clock.Start(RecentSpan.OfEvents(1)));
        Assert.Equal(0, clock.Start(RecentSpan.OfEvents(100)));
        Assert.Equal(long.MinValue, clock.Start(RecentSpan.All));
    }

    [Fact]
    public void Spans_in_events_do_not_know_how_fast_time_goes() => Gen.Select(Gen.Long[0, 500].Array[2, 40], Gen.Double[0.05, 1])
        .Sample((times, share) =>
        {
            // A calendar that slows down and speeds up keeps the order, and that is all that events know of it.
            var warped = times.Select(time => (time * time) + (time > 250 ? 100_000 : 0)).ToArray();

            Assert.Equal(new EventClock(times).Weights(times, RecentSpan.OfShare(share)), new EventClock(warped)
                .Weights(warped, RecentSpan.OfShare(share)));
        });

    [Fact]
    public void Weights_halve_with_every_span_and_their_mean_is_one()
    {
        long[] times = [0, 10, 20, 30];

        var weights = new EventClock(times).Weights(times, RecentSpan.OfEvents(1));

        Assert.All(weights.Zip(weights.Skip(1)), pair => Assert.Equal(2, pair.Second / (double)pair.First, 1e-6));
        Assert.Equal(1.0, weights.Average(weight => (double)weight), 1e-6);
        Assert.Equal([1f, 1f, 1f, 1f], new EventClock(times).Weights(times, RecentSpan.All));
    }
}
