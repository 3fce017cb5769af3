using CsCheck;
using TwoTower.Model.Evaluation;

namespace TwoTower.Tests.Evaluation;

public class TargetCrossingSpecs
{
    [Fact]
    public void The_cost_is_read_off_the_line_between_the_evaluations_around_the_target()
    {
        // From (100, 0.02) to (200, 0.06): 0.05 is three quarters of the way.
        Assert.Equal(175, TargetCrossing.First([(100, 0.02), (200, 0.06), (300, 0.05)], 0.05)!.Value, 1e-9);
    }

    [Fact]
    public void A_later_fall_below_the_target_does_not_count() =>
        Assert.Equal(20, TargetCrossing.First([(10, 0.0), (20, 1.0), (30, 0.0), (40, 1.0)], 1.0));

    [Fact]
    public void A_run_that_is_there_at_once_counts_as_its_first_evaluation() =>
        Assert.Equal(50, TargetCrossing.First([(50, 0.3), (100, 0.4)], 0.2));

    [Fact]
    public void A_run_that_never_gets_there_has_no_cost()
    {
        Assert.Null(TargetCrossing.First([(50, 0.1), (100, 0.19999)], 0.2));
        Assert.Null(TargetCrossing.First([(50, double.NaN)], 0.2));
        Assert.Null(TargetCrossing.First([], 0.2));
    }

    [Fact]
    public void A_higher_target_never_costs_less() => Gen.Double[0, 1].Array[1, 12].Select(Gen.Double[0, 1], Gen.Double[0, 1])
        .Sample((values, a, b) =>
        {
            var curve = values.Select((value, n) => (Cost: 10.0 * (n + 1), Value: value)).ToArray();
            var (low, high) = (TargetCrossing.First(curve, Math.Min(a, b)), TargetCrossing.First(curve, Math.Max(a, b)));
            return high is null || (low is { } cost && cost <= high + 1e-9);
        });
}
