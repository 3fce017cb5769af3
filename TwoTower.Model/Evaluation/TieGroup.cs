namespace TwoTower.Model.Evaluation;

/// <summary>Candidates of one score. Every order of them is as good as any other, so a metric is worth its mean over all of them (McSherry
/// and Najork 2008, "Computing Information Retrieval Performance Measures Efficiently in the Presence of Tied Scores").</summary>
/// <param name="Above">Candidates with a higher score: the group takes the ranks <c>Above + 1</c> … <c>Above + Size</c>.</param>
/// <param name="Size">How many they are.</param>
/// <param name="Positives">Held-out positives among them.</param>
internal readonly record struct TieGroup(int Above, int Size, int Positives)
{
    /// <summary>The last rank that the group takes.</summary>
    public int End => Above + Size;

    /// <summary>Whether the cut after rank K divides the group.</summary>
    public bool IsCutBy(int k) => Above < k && k < End;

    /// <summary>How many of the first K ranks the group takes.</summary>
    public int PlacesIn(int k) => Math.Clamp(k - Above, 0, Size);

    /// <summary>The chance that a certain member is among the first K.</summary>
    public double ChanceIn(int k) => (double)PlacesIn(k) / Size;

    /// <summary>Expected positives among the first K: the mean of the hypergeometric distribution.</summary>
    public double HitsIn(int k) => (double)((long)Positives * PlacesIn(k)) / Size;

    /// <summary>Expected discounted gain in the first K: each place holds a positive with the same chance.</summary>
    /// <param name="k">K.</param>
    /// <param name="discounts">Worth of a hit by rank, from rank 1.</param>
    public double GainIn(int k, ReadOnlySpan<double> discounts)
    {
        var sum = 0.0;
        foreach (var discount in discounts.Slice(Above, PlacesIn(k)))
        {
            sum += discount;
        }

        return Positives == Size ? sum : sum * Positives / Size;
    }

    /// <summary>For the highest group that has a positive: the chance that there is a hit among the first K, and the expected
    /// reciprocal of the first hit's rank.</summary>
    /// <remarks>Places are drawn without replacement: after n misses the next place is a hit with the
    /// chance Positives / (Size − n).</remarks>
    public (double Chance, double ReciprocalRank) FirstHitIn(int k)
    {
        var (none, reciprocal) = (1.0, 0.0);
        for (var n = 0; n < PlacesIn(k) && none > 0; n++)
        {
            reciprocal += none * Positives / (Size - n) / (Above + n + 1);
            none = none * (Size - n - Positives) / (Size - n);
        }

        return (1 - none, reciprocal);
    }
}
