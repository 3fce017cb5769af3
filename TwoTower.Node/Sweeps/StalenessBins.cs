using System.Globalization;

namespace TwoTower.Node.Sweeps;

/// <summary>A range of τ, both ends within.</summary>
internal readonly record struct StalenessBin(int From, int To)
{
    /// <inheritdoc />
    public override string ToString() => From == To ? From.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{From}–{To}");
}

/// <summary>Bins of staleness that double in width: 0, 1, 2, 3–4, 5–8, 9–16, …</summary>
internal static class StalenessBins
{
    /// <summary>The bins that hold all values up to one.</summary>
    public static IReadOnlyList<StalenessBin> UpTo(int largest)
    {
        var bins = new List<StalenessBin> { new(0, 0) };
        for (var to = 1; bins[^1].To < largest; to *= 2)
        {
            bins.Add(new StalenessBin(bins[^1].To + 1, to));
        }

        return bins;
    }

    /// <summary>Share of all counts in each bin; empty when there are no counts.</summary>
    public static IReadOnlyList<double> Shares(IReadOnlyList<StalenessBin> bins, IEnumerable<long[]> histograms)
    {
        var sums = new double[bins.Count];
        foreach (var counts in histograms)
        {
            for (var tau = 0; tau < counts.Length; tau++)
            {
                if (counts[tau] > 0)
                {
                    sums[bins.TakeWhile(bin => bin.To < tau).Count()] += counts[tau];
                }
            }
        }

        var all = sums.Sum();
        return all > 0 ? [.. sums.Select(sum => sum / all)] : [];
    }
}
