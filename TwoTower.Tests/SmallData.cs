using TwoTower.Model;
using TwoTower.Model.Data;

namespace TwoTower.Tests;

/// <summary>Small data sets with tastes, made from a seed: enough to train on in a second.</summary>
internal static class SmallData
{
    public static RecommenderData Make(int users = 60, int items = 40, int perUser = 12, long seed = 7)
    {
        var random = new SeededRandom(seed);
        var rows = new List<(int User, int Item, long Time)>();
        for (var user = 0; user < users; user++)
        {
            var taste = user % 4;
            var chosen = new HashSet<int>();
            while (chosen.Count < perUser)
            {
                // Three of four draws from the user's own quarter of the items, low numbers more often.
                var quarter = random.NextInt(4) > 0 ? taste : random.NextInt(4);
                var within = (int)(items / 4 * random.NextDouble() * random.NextDouble());
                chosen.Add((within * 4) + quarter);
            }

            rows.AddRange(chosen.Select(item => (user, item, (long)random.NextInt(1_000_000))));
        }

        var ordered = rows.OrderBy(row => row.Time).ThenBy(row => row.User).ThenBy(row => row.Item).ToArray();
        var cut = ordered.Length * 8 / 10;
        var train = ordered[..cut];
        var validation = ordered[cut..].Where(row => !train.Any(seen => seen.User == row.User && seen.Item == row.Item)).ToArray();
        return new RecommenderData
        {
            Name = "small",
            Fingerprint = $"small-{users}-{items}-{perUser}-{seed}",
            Users = new IdCatalogue([.. Enumerable.Range(0, users).Select(user => $"u{user}")]),
            Items = new IdCatalogue([.. Enumerable.Range(0, items).Select(item => $"i{item}")]),
            Train = Log(train),
            Validation = Log(validation),
            Test = InteractionLog.Empty,
            Split = new SplitReport(SplitKind.GlobalTime, "all", 0, train[^1].Time, validation[0].Time, validation[^1].Time,
                null, null, []),
        };
    }

    private static InteractionLog Log((int User, int Item, long Time)[] rows) =>
        new([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], [.. rows.Select(row => row.Time)]);
}
