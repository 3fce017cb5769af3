using TwoTower.Model;
using TwoTower.Model.Data;

namespace TwoTower.Node.Reproductions;

/// <summary>Data whose items are accessed by Zipf's law, numbered from the most to the least popular: the worst case of
/// a static partitioning by range.</summary>
internal static class ZipfData
{
    /// <summary>Makes the data.</summary>
    /// <param name="users">Users, all alike.</param>
    /// <param name="items">Items; the k-th is drawn in proportion to k^−exponent.</param>
    /// <param name="positives">Positives; the last twentieth is validation.</param>
    /// <param name="exponent">Zipf's exponent.</param>
    /// <param name="seed">Seed.</param>
    public static RecommenderData Make(int users, int items, int positives, double exponent, long seed)
    {
        var cumulative = new double[items];
        var sum = 0.0;
        for (var item = 0; item < items; item++)
        {
            cumulative[item] = sum += Math.Pow(item + 1, -exponent);
        }

        var random = new SeededRandom(seed);
        var rows = new List<(int User, int Item, long Time)>(positives);
        var seen = new HashSet<(int, int)>();
        for (var time = 0L; rows.Count < positives; time++)
        {
            var at = Array.BinarySearch(cumulative, random.NextDouble() * sum);
            var pair = (random.NextInt(users), Math.Min(items - 1, at < 0 ? ~at : at));
            if (seen.Add(pair))
            {
                rows.Add((pair.Item1, pair.Item2, time));
            }
        }

        var cut = positives - (positives / 20);
        var (train, validation) = (rows[..cut], rows[cut..]);
        return new RecommenderData
        {
            Name = FormattableString.Invariant($"zipf-{exponent}"),
            Fingerprint = FormattableString.Invariant($"zipf-{users}-{items}-{positives}-{exponent}-{seed}"),
            Users = new IdCatalogue([.. Enumerable.Range(0, users).Select(user => $"u{user}")]),
            Items = new IdCatalogue([.. Enumerable.Range(0, items).Select(item => $"i{item}")]),
            Train = Log(train),
            Validation = Log(validation),
            Test = InteractionLog.Empty,
            Split = new SplitReport(SplitKind.GlobalTime, "all", 0, train[^1].Time, validation[0].Time, validation[^1].Time,
                null, null, []),
        };
    }

    private static InteractionLog Log(List<(int User, int Item, long Time)> rows) =>
        new([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], [.. rows.Select(row => row.Time)]);
}
