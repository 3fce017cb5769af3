namespace TwoTower.Model.Data.Splitting;

/// <summary>A split inside train, of the kind of the outer one: what is chosen there was chosen without a look at validation.</summary>
internal static class InnerSplit
{
    /// <summary>Share of the train positives, the latest ones, that choices are judged on.</summary>
    public const double Share = 0.1;

    private const int FewestUsers = 30;
    private const int RandomStream = 93;
    private static readonly double[] s_shares = [Share, 0.2, 0.3, 0.5];

    /// <summary>Divides train: its latest positives are validation, those before them train, and the rest of the data is gone. As in an
    /// outer split, users need a history, what a user has already is left out, and an item that only the later part knows is a miss. Where
    /// that leaves fewer than 30 users, the later part is made larger.</summary>
    /// <param name="data">The data; catalogue and features stay as they are.</param>
    /// <returns>Null when nobody would be judged at any size.</returns>
    public static RecommenderData? Of(RecommenderData data)
    {
        if (!data.Split.Kind.IsByTime())
        {
            return AtRandom(data);
        }

        RecommenderData? most = null;
        var users = 0;
        foreach (var share in s_shares)
        {
            if (Of(data, share) is { } split && split.Validation.Users.Distinct().Count() is var count && count > users)
            {
                (most, users) = (split, count);
                if (users >= FewestUsers)
                {
                    break;
                }
            }
        }

        return most;
    }

    /// <summary>The same with a later part of a given size.</summary>
    /// <param name="data">The data.</param>
    /// <param name="share">Share of the train positives, in (0, 1); those of the second at the cut go to the later part.</param>
    /// <returns>Null when a part would be empty.</returns>
    public static RecommenderData? Of(RecommenderData data, double share)
    {
        var cut = Cut(data.Train, (int)Math.Round(data.Train.Count * (1 - share)));
        return cut > 0 ? Divide(data, n => n >= cut) : null;
    }

    // Where the outer split takes from every user, so does the inner. What users and items are called has no part in the draw.
    private static RecommenderData? AtRandom(RecommenderData data)
    {
        var (log, signatures) = (data.Train, Signatures.Of(data.Users.Count, data.Items.Count, data.Train));
        var (users, items) = (Signatures.Places(signatures.Users), Signatures.Places(signatures.Items));
        return Divide(data, n => new SeededRandom(1, RandomStream, users[log.Users[n]], items[log.Items[n]]).NextDouble() < Share);
    }

    private static RecommenderData? Divide(RecommenderData data, Func<int, bool> isHeld)
    {
        var log = data.Train;
        var all = Enumerable.Range(0, log.Count).ToLookup(isHeld);
        var train = Part(log, [.. all[false]]);
        var seen = InteractionMatrix.From(data.Users.Count, data.Items.Count, train);
        var isItem = new bool[data.Items.Count];
        foreach (var item in train.Items)
        {
            isItem[item] = true;
        }

        var rows = all[true].Select(n => (n, log.Users[n], isItem[log.Items[n]] ? log.Items[n] : -1));
        var held = HeldOutPart.Of("inner validation", rows, seen, seen, "train", Math.Max(1, data.Split.MinimumTrainHistory));
        return held.Rows.Count == 0 ? null : data with
        {
            Train = train,
            Validation = Part(log, held.Rows),
            Test = InteractionLog.Empty,
            Cold = null,
            ValidationUnreachable = held.Unreachable,
            TestUnreachable = [],
        };
    }

    // Positives of one second are not divided.
    private static int Cut(InteractionLog log, int at)
    {
        while (at > 0 && at < log.Count && log.Timestamps[at] == log.Timestamps[at - 1])
        {
            at--;
        }

        return at;
    }

    private static InteractionLog Part(InteractionLog log, List<int> rows) =>
        new([.. rows.Select(row => log.Users[row])], [.. rows.Select(row => log.Items[row])], [.. rows.Select(row => log.Timestamps[row])]);
}
