namespace TwoTower.Model.Data.Synthetic;

/// <summary>What data looks like before anybody ranks: both long tails, sittings, who comes back, and drift. Every figure is a share or a
/// ratio that does not grow with the data, so that a small world can be held against MovieLens.</summary>
internal sealed record DataShape
{
    /// <summary>Seconds without a positive that end a sitting.</summary>
    public const int SittingGap = 3_600;

    private const int Slices = 10;

    /// <summary>Share of train positives that the most liked hundredth of the catalogue has.</summary>
    public required double TopHundredthOfItems { get; init; }

    /// <summary>Share of train positives that the most liked tenth of the catalogue has.</summary>
    public required double TopTenthOfItems { get; init; }

    /// <summary>Share of train positives that the less liked half of the catalogue has.</summary>
    public required double LowerHalfOfItems { get; init; }

    /// <summary>Share of train positives that the most active tenth of the users has.</summary>
    public required double TopTenthOfUsers { get; init; }

    /// <summary>Train positives of the median user over those of the mean one.</summary>
    public required double MedianUser { get; init; }

    /// <summary>Train positives of the mean user over the items of the catalogue.</summary>
    public required double Density { get; init; }

    /// <summary>Share of train positives that belong to their user's first sitting.</summary>
    public required double FirstSitting { get; init; }

    /// <summary>Share of the users of train who have one sitting only.</summary>
    public required double OneSitting { get; init; }

    /// <summary>Users who are judged over users of train.</summary>
    public required double JudgedUsers { get; init; }

    /// <summary>Validation positives that are judged over train positives.</summary>
    public required double JudgedPositives { get; init; }

    /// <summary>Median train positives of those who are judged over the mean of all users.</summary>
    public required double JudgedHistory { get; init; }

    /// <summary>Share of judged positives on the most liked hundredth of the catalogue: whoever comes
    /// back has most of them behind them.</summary>
    public required double JudgedOnTopHundredth { get; init; }

    /// <summary>Share of judged positives on the most liked tenth of the catalogue.</summary>
    public required double JudgedOnTopTenth { get; init; }

    /// <summary>Likeness (cosine, sampling noise taken off) of what is liked in the last tenth of train and in
    /// its first half: 1 is no drift.</summary>
    public required double DriftOverTrain { get; init; }

    /// <summary>The same of the last tenth and the tenth before it.</summary>
    public required double DriftOverTenth { get; init; }

    /// <summary>The same of what is judged and the last tenth of train: drift, and how those who come
    /// back differ from those who come.</summary>
    public required double JudgedLikeness { get; init; }

    /// <summary>All figures by name, in a fixed order.</summary>
    public IReadOnlyList<(string Name, double Value)> Figures =>
    [
        ("items: share of the top 1 %", TopHundredthOfItems), ("items: share of the top 10 %", TopTenthOfItems),
        ("items: share of the lower half", LowerHalfOfItems),
        ("users: share of the top 10 %", TopTenthOfUsers), ("users: median over mean", MedianUser),
        ("users: mean positives over catalogue", Density),
        ("sessions: share in the first sitting", FirstSitting), ("sessions: users of one sitting", OneSitting),
        ("return: judged over train users", JudgedUsers), ("return: judged over train positives", JudgedPositives),
        ("return: median history over mean", JudgedHistory),
        ("return: share on the top 1 %", JudgedOnTopHundredth), ("return: share on the top 10 %", JudgedOnTopTenth),
        ("drift: last tenth and first half", DriftOverTrain), ("drift: last two tenths", DriftOverTenth),
        ("drift: judged and last tenth", JudgedLikeness),
    ];

    /// <summary>Measures data.</summary>
    public static DataShape Of(RecommenderData data)
    {
        var train = data.Train;
        var perItem = Counts(train.Items, data.Items.Count, 0, train.Count);
        var perUser = Counts(train.Users, data.Users.Count, 0, train.Count);
        var judged = Counts(data.Validation.Items, data.Items.Count, 0, data.Validation.Count);
        int[] ranked = [.. Enumerable.Range(0, perItem.Length).OrderByDescending(item => perItem[item])];
        int[] active = [.. perUser.OrderDescending()];
        int[] histories = [.. data.Validation.Users.Distinct().Select(user => perUser[user]).Order()];
        var mean = (double)train.Count / perUser.Length;
        var (inFirst, oneSitting) = Sittings(train, perUser.Length);
        var lastTenth = Counts(train.Items, perItem.Length, train.Count - (train.Count / Slices), train.Count);
        return new DataShape
        {
            TopHundredthOfItems = Share(ranked, perItem, 0, 0.01),
            TopTenthOfItems = Share(ranked, perItem, 0, 0.1),
            LowerHalfOfItems = Share(ranked, perItem, 0.5, 1),
            TopTenthOfUsers = active.Take(active.Length / 10).Sum() / (double)train.Count,
            MedianUser = active[active.Length / 2] / mean,
            Density = mean / perItem.Length,
            FirstSitting = inFirst,
            OneSitting = oneSitting,
            JudgedUsers = histories.Length / (double)perUser.Length,
            JudgedPositives = data.Validation.Count / (double)train.Count,
            JudgedHistory = histories.Length == 0 ? 0 : histories[histories.Length / 2] / mean,
            JudgedOnTopHundredth = Share(ranked, judged, 0, 0.01),
            JudgedOnTopTenth = Share(ranked, judged, 0, 0.1),
            DriftOverTrain = Likeness(lastTenth, Counts(train.Items, perItem.Length, 0, train.Count / 2)),
            DriftOverTenth = Likeness(lastTenth, Counts(train.Items, perItem.Length, train.Count - (2 * (train.Count / Slices)),
                train.Count - (train.Count / Slices))),
            JudgedLikeness = Likeness(lastTenth, judged),
        };
    }

    private static int[] Counts(int[] of, int size, int from, int to)
    {
        var counts = new int[size];
        for (var n = from; n < to; n++)
        {
            counts[of[n]]++;
        }

        return counts;
    }

    // Of the items from one share of the ranking to another, the share of all that is counted.
    private static double Share(int[] ranked, int[] counts, double from, double to)
    {
        var (first, last) = ((int)(from * ranked.Length), Math.Max(1, (int)(to * ranked.Length)));
        return ranked[first..last].Sum(item => (double)counts[item]) / Math.Max(1, counts.Sum());
    }

    private static (double InFirst, double OneSitting) Sittings(InteractionLog train, int users)
    {
        var latest = new long[users];
        var sittings = new int[users];
        var inFirst = 0;
        for (var n = 0; n < train.Count; n++)
        {
            var user = train.Users[n];
            sittings[user] += sittings[user] == 0 || train.Timestamps[n] - latest[user] > SittingGap ? 1 : 0;
            latest[user] = train.Timestamps[n];
            inFirst += sittings[user] == 1 ? 1 : 0;
        }

        return (inFirst / (double)train.Count, sittings.Count(count => count == 1) / (double)sittings.Count(count => count > 0));
    }

    // Cosine of two distributions from Poisson counts: Σ c(c − 1) estimates the squared length without the noise of counting.
    private static double Likeness(int[] one, int[] other)
    {
        var product = one.Zip(other, (a, b) => (double)a * b).Sum();
        return product / Math.Sqrt(Math.Max(1, Squared(one)) * Math.Max(1, Squared(other)));

        static double Squared(int[] counts) => counts.Sum(count => (double)count * (count - 1));
    }
}
