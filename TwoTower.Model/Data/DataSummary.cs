namespace TwoTower.Model.Data;

/// <summary>Figures about a source before any split, for people to look at.</summary>
/// <param name="Name">Short name.</param>
/// <param name="Format">What the source was recognised as.</param>
/// <param name="Rows">Ratings read, duplicates included.</param>
/// <param name="Users">Distinct users.</param>
/// <param name="Items">Distinct items.</param>
/// <param name="Density">Distinct (user, item) pairs over users × items.</param>
/// <param name="Earliest">Earliest unix time in seconds.</param>
/// <param name="Latest">Latest unix time in seconds.</param>
/// <param name="ZeroTimestamps">Rows whose time is unknown (0).</param>
/// <param name="RatingHistogram">Rows by rating, rounded to the nearest half, ascending.</param>
/// <param name="Popularity">How unevenly ratings are spread over items.</param>
/// <param name="RatingsPerUser">How many ratings users have.</param>
/// <param name="Duplicates">Rows beyond the first of their user and item.</param>
/// <param name="BadLines">Lines skipped under lenient reading.</param>
/// <param name="Titles">Items with a title.</param>
/// <param name="Warnings">What was odd.</param>
public sealed record DataSummary(
    string Name, string Format, int Rows, int Users, int Items, double Density, long Earliest, long Latest, int ZeroTimestamps,
    IReadOnlyList<RatingCount> RatingHistogram, PopularitySkew Popularity, ActivityRange RatingsPerUser, int Duplicates, long BadLines,
    int Titles, IReadOnlyList<string> Warnings)
{
    /// <summary>Titles of items that nobody rated.</summary>
    public int IdleTitles { get; init; }

    /// <summary>Reads a source and sums it up; a null path stands for the synthetic data of the options.</summary>
    /// <exception cref="DataException">The source cannot be used.</exception>
    public static DataSummary Of(DataOptions options) => Of(options.Path is null
        ? SyntheticData.Create(SyntheticProfile.Named(options.Profile), options.Seed)
        : RatingSource.Read(options.Path, options));

    /// <summary>Sums up a rating table.</summary>
    public static DataSummary Of(RatingTable table)
    {
        var perUser = new int[table.Users.Count];
        var perItem = new int[table.Items.Count];
        var histogram = new SortedDictionary<double, int>();
        var zeroTimestamps = 0;
        for (var row = 0; row < table.Count; row++)
        {
            perUser[table.UserAt(row)]++;
            perItem[table.ItemAt(row)]++;
            zeroTimestamps += table.TimestampAt(row) == 0 ? 1 : 0;
            var rating = Math.Round(table.RatingAt(row) * 2) / 2;
            histogram[rating] = histogram.GetValueOrDefault(rating) + 1;
        }

        var duplicates = Duplicate(table);
        var titles = TitleMatch.Of(table);
        titles.RefuseNone();
        var (earliest, latest) = TimeCut.Span(table);
        return new DataSummary(
            table.Name, table.Format, table.Count, table.Users.Count, table.Items.Count,
            (table.Count - duplicates) / ((double)table.Users.Count * table.Items.Count), earliest, latest, zeroTimestamps,
            [.. histogram.Select(entry => new RatingCount(entry.Key, entry.Value))], PopularitySkew.Of(perItem), ActivityRange.Of(perUser),
            duplicates, table.BadLines, titles.Known, table.Warnings)
        {
            IdleTitles = titles.All - titles.Known,
        };
    }

    private static int Duplicate(RatingTable table)
    {
        var (rows, _) = RatingSort.ByUserAndItem(table);
        var duplicates = 0;
        for (var n = 1; n < rows.Length; n++)
        {
            if (table.UserAt(rows[n]) == table.UserAt(rows[n - 1]) && table.ItemAt(rows[n]) == table.ItemAt(rows[n - 1]))
            {
                duplicates++;
            }
        }

        return duplicates;
    }
}

/// <summary>How many rows have a rating.</summary>
/// <param name="Rating">The rating, rounded to the nearest half.</param>
/// <param name="Rows">Rows that have it.</param>
public sealed record RatingCount(double Rating, int Rows);

/// <summary>How unevenly ratings are spread over items.</summary>
/// <param name="TopOnePercent">Share of ratings that the most rated 1 % of items (at least one) have.</param>
/// <param name="TopTenPercent">Share of ratings that the most rated 10 % of items (at least one) have.</param>
/// <param name="Gini">Gini coefficient over items: 0 when all have as many, towards 1 when one has all.</param>
public sealed record PopularitySkew(double TopOnePercent, double TopTenPercent, double Gini)
{
    internal static PopularitySkew Of(int[] counts)
    {
        var ascending = counts.Order().ToArray();
        var total = ascending.Sum(count => (double)count);
        var weighted = 0.0;
        for (var place = 0; place < ascending.Length; place++)
        {
            weighted += (place + 1.0) * ascending[place];
        }

        var gini = (2 * weighted / (ascending.Length * total)) - ((ascending.Length + 1.0) / ascending.Length);
        return new PopularitySkew(Top(ascending, total, 0.01), Top(ascending, total, 0.10), gini);
    }

    private static double Top(int[] ascending, double total, double share) =>
        ascending.TakeLast(Math.Max(1, (int)(ascending.Length * share))).Sum(count => (double)count) / total;
}

/// <summary>How many ratings users have.</summary>
/// <param name="Minimum">Of the least active user.</param>
/// <param name="Median">Of the middle user (the mean of two when there is no middle).</param>
/// <param name="Mean">On average.</param>
/// <param name="Maximum">Of the most active user.</param>
public sealed record ActivityRange(int Minimum, double Median, double Mean, int Maximum)
{
    internal static ActivityRange Of(int[] counts)
    {
        var ascending = counts.Order().ToArray();
        var median = (ascending[(ascending.Length - 1) / 2] + ascending[ascending.Length / 2]) / 2.0;
        return new ActivityRange(ascending[0], median, ascending.Average(), ascending[^1]);
    }
}
