using TwoTower.Actors.Training;

namespace TwoTower.Tests.Training;

public class ProgressPaceSpecs
{
    [Theory]
    [InlineData(0, 10, 50)]
    [InlineData(300, 310, 50)]
    [InlineData(2000, 2010, 10)]
    [InlineData(600_000, 600_100, 20)]
    public void In_real_time_it_is_five_times_a_second_and_in_the_end_every_five_seconds(double from, double to, int times)
    {
        var pace = new ProgressPace(0.2, 500);

        Assert.InRange(Enumerable.Range(0, (int)((to - from) * 100))
            .Count(n => pace.IsDue(from + (n / 100.0), n, 1, realTime: true, atOnce: false)), times - 2, times + 1);
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(1_000_000, 500)]
    public void In_virtual_time_it_goes_by_batches_whatever_the_clock_says(long total, int times)
    {
        var pace = new ProgressPace(0.2, 500);

        Assert.Equal(times, Enumerable.Range(1, (int)total)
            .Count(step => pace.IsDue(step % 7, step, total, realTime: false, atOnce: false)));
    }

    [Fact]
    public void What_is_told_at_once_is_not_told_again_at_once()
    {
        var pace = new ProgressPace(0.2, 500);

        Assert.True(pace.IsDue(1, 1, 10, true, atOnce: false));
        Assert.True(pace.IsDue(1.01, 2, 10, true, atOnce: true));
        Assert.False(pace.IsDue(1.2, 3, 10, true, atOnce: false));
        Assert.True(pace.IsDue(1.22, 3, 10, true, atOnce: false));
    }
}
