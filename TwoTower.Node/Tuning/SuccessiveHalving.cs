namespace TwoTower.Node.Tuning;

/// <summary>One round of a search: how many trials, and for how many epochs each.</summary>
/// <param name="Trials">Trials in it.</param>
/// <param name="Epochs">Epochs that each of them trains, from the start and with a schedule of that length.</param>
internal sealed record Rung(int Trials, int Epochs);

/// <summary>Successive halving (Karnin et al. 2013; Jamieson and Talwalkar 2016): many trials get few
/// epochs, the best of them more.</summary>
/// <remarks>A trial begins anew in every rung instead of going on: a schedule goes by the number of epochs, and a run that was cut short of
/// it says little of the one that is not.</remarks>
internal static class SuccessiveHalving
{
    /// <summary>The rungs, from few epochs to all of them.</summary>
    /// <param name="trials">Trials in the first rung, 1 or more.</param>
    /// <param name="epochs">Epochs of the last rung, 1 or more.</param>
    /// <param name="factor">One in so many trials goes on, with so many times the epochs; 1 is random search, in one rung.</param>
    public static IReadOnlyList<Rung> Of(int trials, int epochs, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(epochs, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        var above = new List<(int Trials, int Epochs)> { (trials, epochs) };
        if (factor > 1)
        {
            // As many rungs as trials and epochs both allow.
            var rungs = 1;
            for (var (left, budget) = (trials, epochs); left / factor >= 1 && budget / factor >= 1; left /= factor, budget /= factor)
            {
                rungs++;
            }

            above = [.. Enumerable.Range(0, rungs)
                .Select(rung => (Divided(trials, factor, rung), Divided(epochs, factor, rungs - 1 - rung)))];
        }

        return [.. above.Select(rung => new Rung(rung.Trials, rung.Epochs))];
    }

    /// <summary>The trials that go on, best first; of equal ones the earlier.</summary>
    /// <param name="scored">Trials with what they reached; not a number for one that failed, which never goes on.</param>
    /// <param name="count">How many there is room for.</param>
    public static IReadOnlyList<int> Best(IEnumerable<(int Trial, double Value)> scored, int count) =>
        [.. scored.Where(one => !double.IsNaN(one.Value)).OrderByDescending(one => one.Value).ThenBy(one => one.Trial).Take(count)
            .Select(one => one.Trial)];

    private static int Divided(int value, int factor, int times)
    {
        for (var n = 0; n < times; n++)
        {
            value /= factor;
        }

        return Math.Max(1, value);
    }
}
