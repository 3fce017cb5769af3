using TwoTower.Actors.Simulation;
using TwoTower.Model;

namespace TwoTower.Tests.Simulation;

public class DistributionTextSpecs
{
    [Theory]
    [InlineData("constant:1e-4")]
    [InlineData("uniform:0:2.50")]
    [InlineData("exponential:5")]
    [InlineData("LogNormal:1:0.5")]
    [InlineData("gamma:1:2")]
    [InlineData("pareto:0.50:2")]
    public void A_distribution_prints_the_text_it_was_read_from(string text) => Assert.Equal(text, Distribution.Parse(text).ToString());

    [Fact]
    public void The_text_is_no_part_of_what_it_is()
    {
        Assert.Equal(new Distribution.Constant(0.5), Distribution.Parse("constant:0.50"));
        Assert.NotEqual(new Distribution.Constant(0.5), Distribution.Parse("constant:0.51"));
        Assert.NotEqual<Distribution>(new Distribution.Gamma(1, 2), Distribution.Parse("lognormal:1:2"));
    }

    [Fact]
    public void One_that_was_not_read_prints_a_text_that_reads_as_the_same()
    {
        foreach (var distribution in new Distribution[] { new Distribution.Constant(1), new Distribution.Uniform(0, 1),
            new Distribution.LogNormal(1, 0.5), new Distribution.Gamma(1, 2), new Distribution.Pareto(1, 2) })
        {
            var (a, b) = (new SeededRandom(3), new SeededRandom(3));
            Assert.Equal(distribution.Draw(ref a), Distribution.Parse(distribution.ToString()).Draw(ref b));
        }
    }

    [Fact]
    public void A_trace_draws_from_the_values_of_its_lines_and_nothing_else()
    {
        var trace = Distribution.Parse("trace:a:b.txt", path => path == "a:b.txt" ? ["1", "", "2.5", "4"] : []);
        var random = new SeededRandom(3);
        var drawn = Enumerable.Range(0, 200).Select(_ => trace.Draw(ref random)).ToHashSet();

        Assert.Equal([1, 2.5, 4], drawn.Order());
        Assert.Equal(2.5, trace.Mean);
        Assert.Equal("trace:a:b.txt", trace.ToString());
    }

    [Theory]
    [InlineData("x, line 3: 'fast'", "1", "", "fast")]
    [InlineData("x, line 1: 'Infinity'", "Infinity")]
    [InlineData("x, line 1: '-1'", "-1")]
    [InlineData("is empty", "")]
    public void A_line_of_a_trace_that_is_no_time_is_named(string expected, params string[] lines) =>
        Assert.Contains(expected, Assert.Throws<WorldException>(() => Distribution.Parse("trace:x", _ => lines)).Message,
            StringComparison.Ordinal);
}
