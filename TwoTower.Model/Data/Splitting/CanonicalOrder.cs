namespace TwoTower.Model.Data.Splitting;

/// <summary>Users and items numbered by what they did in train, the busiest first, equal counts by <see cref="Signatures"/>. What is
/// computed in this order has the same rounding and the same random draws whatever users and items are called and in
/// whatever order they were read.</summary>
/// <remarks>Only those that nothing but a name distinguishes stand in the order of their names.</remarks>
internal sealed class CanonicalOrder
{
    private CanonicalOrder(int[] users, int[] items) => (Users, Items) = (users, items);

    /// <summary>Canonical number of every user.</summary>
    public int[] Users { get; }

    /// <summary>Canonical number of every item.</summary>
    public int[] Items { get; }

    /// <summary>The order of a data set.</summary>
    public static CanonicalOrder Of(RecommenderData data)
    {
        var signatures = Signatures.Of(data.Users.Count, data.Items.Count, data.Train);
        return new CanonicalOrder(Numbers(signatures.Users, data.Train.Users), Numbers(signatures.Items, data.Train.Items));
    }

    /// <summary>The train part of a data set in this order, names and all. What is held out, titles and features stay behind.</summary>
    public RecommenderData TrainOf(RecommenderData data) => data with
    {
        Users = Renumbered(data.Users, Users),
        Items = Renumbered(data.Items, Items),
        ItemTitles = null,
        UserFeatures = null,
        ItemFeatures = null,
        Train = LogOrder.WithTiesInOrder(new InteractionLog(
            Array.ConvertAll(data.Train.Users, user => Users[user]), Array.ConvertAll(data.Train.Items, item => Items[item]),
            (long[])data.Train.Timestamps.Clone())),
        Validation = InteractionLog.Empty,
        Test = InteractionLog.Empty,
        Cold = null,
        ValidationUnreachable = [],
        TestUnreachable = [],
    };

    private static int[] Numbers(ulong[] signatures, int[] occurrences)
    {
        var counts = new int[signatures.Length];
        foreach (var one in occurrences)
        {
            counts[one]++;
        }

        var numbers = new int[signatures.Length];
        var next = 0;
        foreach (var one in Enumerable.Range(0, signatures.Length).OrderByDescending(n => counts[n]).ThenBy(n => signatures[n]))
        {
            numbers[one] = next++;
        }

        return numbers;
    }

    private static IdCatalogue Renumbered(IdCatalogue catalogue, int[] numbers)
    {
        var rawIds = new string[numbers.Length];
        for (var n = 0; n < numbers.Length; n++)
        {
            rawIds[numbers[n]] = catalogue.RawIds[n];
        }

        return new IdCatalogue(rawIds);
    }
}
