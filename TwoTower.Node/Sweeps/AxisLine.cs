using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Sweeps;

/// <summary>The points along one axis with everything else held: the only comparison that says what the axis does.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Held">What else is not the base's, or empty.</param>
/// <param name="Points">A point per value of the axis.</param>
internal sealed record AxisLine(GridAxis Axis, string Held, IReadOnlyList<PointSummary> Points)
{
    /// <summary>The value that others are divided by: staleness 0 where there is one, else the first.</summary>
    public int ReferenceIndex => Axis.Name == "staleness" && Axis.Values.ToList().IndexOf("0") is >= 0 and var zero ? zero : 0;

    /// <summary>Batches to the target of every point over the reference's, by seed.</summary>
    public IReadOnlyList<Interval?> Ratios(SweepResults results) =>
        [.. Points.Select(point => results.Ratio(point.Point, Points[ReferenceIndex].Point))];

    /// <summary>The lines of an axis: one under <see cref="SweepVary.One"/>, one per combination of the other axes' values under
    /// <see cref="SweepVary.All"/>, the base's first.</summary>
    public static IReadOnlyList<AxisLine> Of(SweepResults results, int axis)
    {
        var plan = results.Plan;
        var held = plan.Points.Where(point => point.Values[axis] == plan.Axes[axis].Values[0]);
        if (plan.Vary == SweepVary.One)
        {
            held = [plan.Base];
        }

        return
        [
            .. held.Select(start => new AxisLine(plan.Axes[axis], plan.Label(start) is "base" ? string.Empty : plan.Label(start),
                [.. plan.Axes[axis].Values.Select(value =>
                    results[new SweepPoint([.. start.Values.Select((other, n) => n == axis ? value : other)])])])),
        ];
    }
}
