using TwoTower.Model.Evaluation;

namespace TwoTower.Tests.Evaluation;

public class SampleMeanSpecs
{
    [Fact]
    public void The_interval_of_five_values_is_the_one_made_by_hand()
    {
        // 2 4 4 4 6: mean 4, squares of deviations 4 0 0 0 4, s² = 8/4 = 2, standard error √(2/5) = 0.632456, times t(4) = 2.776445.
        var interval = SampleMean.Of([2.0, 4, 4, 4, 6]);

        Assert.Equal(4, interval.Value, 1e-12);
        Assert.Equal(4 - 1.755979, interval.Low, 1e-5);
        Assert.Equal(4 + 1.755979, interval.High, 1e-5);
    }

    [Fact]
    public void Two_values_have_the_wide_interval_of_one_degree_of_freedom()
    {
        // Mean 2, s² = 2, standard error 1.
        var interval = SampleMean.Of([1.0, 3.0]);

        Assert.Equal((2 - 12.706205, 2 + 12.706205), (interval.Low, interval.High));
    }

    [Fact]
    public void One_value_has_no_interval_and_no_value_no_mean()
    {
        var interval = SampleMean.Of([0.5]);

        Assert.Equal(0.5, interval.Value);
        Assert.True(double.IsNaN(interval.Low) && double.IsNaN(interval.High));
        Assert.False(interval.ExcludesZero);
        Assert.Throws<ArgumentException>(() => SampleMean.Of([]));
    }

    [Theory]
    [InlineData(1, 12.7062)]
    [InlineData(10, 2.2281)]
    [InlineData(11, 2.2010)]
    [InlineData(30, 2.0423)]
    [InlineData(120, 1.9799)]
    public void Quantiles_are_those_of_the_tables(int degrees, double expected) =>
        Assert.Equal(expected, SampleMean.Quantile(degrees), 1e-4);
}
