namespace TwoTower.Model.Evaluation;

/// <summary>A metric of two rankings of the same users, and whether one is better.</summary>
/// <param name="Metric">The metric.</param>
/// <param name="Difference">First minus second, with its interval by the paired bootstrap over users.</param>
public sealed record PairedDifference(string Metric, Interval Difference)
{
    /// <summary>Compares two rankings.</summary>
    /// <exception cref="ArgumentException">They are of different users, or under different protocols.</exception>
    public static PairedDifference Of(RankingResult first, RankingResult second, string metric)
    {
        if (first.Protocol != second.Protocol || !first.Users.AsSpan().SequenceEqual(second.Users))
        {
            throw new ArgumentException("A paired comparison needs the same users under the same protocol on both sides.", nameof(second));
        }

        return new PairedDifference(metric, Bootstrap.Difference(first.PerUser(metric), second.PerUser(metric)));
    }
}
