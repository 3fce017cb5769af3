namespace TwoTower.Model.Evaluation;

/// <summary>How much it took a run to reach a target: the cost (batches, examples, seconds) at which its curve
/// of evaluations first gets there.</summary>
internal static class TargetCrossing
{
    /// <summary>The cost at the first evaluation at or above the target, interpolated linearly from the evaluation before
    /// it; null when no evaluation is.</summary>
    /// <remarks>Without interpolation a ratio of two costs could only be a ratio of evaluation intervals. A run that is there at its first
    /// evaluation has no point before it: its cost is that evaluation's, an upper bound.</remarks>
    /// <param name="curve">Cost and metric of every evaluation, by rising cost.</param>
    /// <param name="target">The value to reach.</param>
    public static double? First(IReadOnlyList<(double Cost, double Value)> curve, double target)
    {
        for (var n = 0; n < curve.Count; n++)
        {
            if (!(curve[n].Value >= target))
            {
                continue;
            }

            if (n == 0 || !(curve[n - 1].Value < target))
            {
                return curve[n].Cost;
            }

            var (before, after) = (curve[n - 1], curve[n]);
            return before.Cost + ((after.Cost - before.Cost) * (target - before.Value) / (after.Value - before.Value));
        }

        return null;
    }
}
