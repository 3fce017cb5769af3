namespace TwoTower.Model.Diagnosis;

/// <summary>Where a loss curve goes at its end.</summary>
/// <param name="LastFall">By how much of itself the loss fell in the last epoch; negative when it rose.</param>
/// <param name="ShareOfFall">That fall as a share of all it has fallen since the first epoch; 0 when it has not fallen.</param>
/// <param name="Rise">How far the last loss lies above the lowest, as a share of the lowest.</param>
/// <param name="Reversals">How often the curve turned from falling to rising or back by more than half a hundredth of the loss.</param>
/// <param name="Epochs">Epochs.</param>
internal sealed record LossTrend(double LastFall, double ShareOfFall, double Rise, int Reversals, int Epochs)
{
    /// <summary>Under this fall in an epoch a loss stands still.</summary>
    public const double Still = 0.01;

    private const double Turn = 0.005;

    /// <summary>Reads a curve.</summary>
    /// <param name="lossByEpoch">Mean loss of every epoch.</param>
    /// <returns>The trend, or null with fewer than three epochs.</returns>
    public static LossTrend? Of(IReadOnlyList<double> lossByEpoch)
    {
        if (lossByEpoch.Count < 3)
        {
            return null;
        }

        var (first, before, last, lowest) = (lossByEpoch[0], lossByEpoch[^2], lossByEpoch[^1], lossByEpoch.Min());
        var (direction, reversals) = (0, 0);
        for (var n = 1; n < lossByEpoch.Count; n++)
        {
            var change = (lossByEpoch[n] - lossByEpoch[n - 1]) / Size(lossByEpoch[n - 1]);
            if (Math.Abs(change) > Turn)
            {
                reversals += direction != 0 && Math.Sign(change) != direction ? 1 : 0;
                direction = Math.Sign(change);
            }
        }

        return new LossTrend((before - last) / Size(before), first > last ? Math.Max(0, (before - last) / (first - last)) : 0,
            (last - lowest) / Size(lowest), reversals, lossByEpoch.Count);
    }

    /// <summary>Whether the loss stands still at the end.</summary>
    public bool IsStill => Math.Abs(LastFall) < Still;

    private static double Size(double loss) => Math.Max(1e-12, Math.Abs(loss));
}
