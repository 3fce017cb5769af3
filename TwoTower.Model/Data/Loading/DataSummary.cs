using TwoTower.Model.Data.Reading;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Data.Synthetic;

namespace TwoTower.Model.Data.Loading;

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
/// <param name="RatingHistogram">Rows by rating, ascending: one band per rating where there are few, else bands of several.</param>
/// <param name="Popularity">How unevenly ratings are spread over items.</param>
/// <param name="RatingsPerUser">How many ratings users have.</param>
/// <param name="Duplicates">Rows beyond the first of their user and item.</param>
/// <param name="BadLines">Lines skipped under lenient reading.</param>
/// <param name="Titles">Items with a title.</param>
/// <param name="Warnings">What was odd.</param>
internal sealed record DataSummary(
    string Name, string Format, int Rows, int Users, int Items, double Density, long Earliest, long Latest, int ZeroTimestamps,
    IReadOnlyList<RatingBand> RatingHistogram, PopularitySkew Popularity, ActivityRange RatingsPerUser, int Duplicates, long BadLines,
    int Titles, IReadOnlyList<string> Warnings)
{
    /// <summary>Titles of items that nobody rated.</summary>
    public int IdleTitles { get; init; }

    /// <summary>Whether rows have times.</summary>
    public bool HasTimes { get; init; } = true;

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
        var histogram = new SortedDictionary<float, int>();
        var zeroTimestamps = 0;
        for (var row = 0; row < table.Count; row++)
        {
            perUser[table.UserAt(row)]++;
            perItem[table.ItemAt(row)]++;
            zeroTimestamps += table.TimestampAt(row) == 0 ? 1 : 0;
            histogram[table.RatingAt(row)] = histogram.GetValueOrDefault(table.RatingAt(row)) + 1;
        }

        var duplicates = Duplicate(table);
        var titles = TitleMatch.Of(table);
        titles.RefuseNone();
        var (earliest, latest) = TimeCut.Span(table);
        return new DataSummary(
            table.Name, table.Format, table.Count, table.Users.Count, table.Items.Count,
            (table.Count - duplicates) / ((double)table.Users.Count * table.Items.Count), earliest, latest, zeroTimestamps,
            RatingBand.Of(histogram), PopularitySkew.Of(perItem), ActivityRange.Of(perUser),
            duplicates, table.BadLines, titles.Known, table.Warnings)
        {
            IdleTitles = titles.All - titles.Known,
            HasTimes = table.HasTimes,
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

/// <summary>How many rows have a rating, or one of several that lie side by side.</summary>
/// <param name="From">The least of them that a row has.</param>
/// <param name="To">The largest that a row has; equal to <paramref name="From"/> for one rating.</param>
/// <param name="Rows">Rows that have one of them.</param>
internal sealed record RatingBand(float From, float To, int Rows)
{
    private const int MostSingle = 20;
    private const int EvenBands = 10;

    /// <summary>Bands of ratings: each its own where there are at most 20; else counts (whole numbers from 0 on) in bands twice as wide as
    /// the one before, as suits a long tail, and all others in ten bands of equal width. Bands without rows are left out.</summary>
    internal static RatingBand[] Of(SortedDictionary<float, int> counts)
    {
        var (least, most) = counts.Count == 0 ? (0f, 0f) : (counts.First().Key, counts.Last().Key);
        var areCounts = least >= 0 && counts.Keys.All(float.IsInteger);
        return
        [
            .. counts.GroupBy(entry => counts.Count <= MostSingle ? entry.Key
                    : areCounts ? Math.Ceiling(Math.Log2(Math.Max(1, entry.Key)))
                    : Math.Min(EvenBands - 1, Math.Floor(EvenBands * ((double)entry.Key - least) / ((double)most - least))))
                .Select(band => new RatingBand(band.First().Key, band.Last().Key, band.Sum(entry => entry.Value))),
        ];
    }
}

/// <summary>How unevenly ratings are spread over items.</summary>
/// <param name="TopOnePercent">Share of ratings that the most rated 1 % of items (at least one) have.</param>
/// <param name="TopTenPercent">Share of ratings that the most rated 10 % of items (at least one) have.</param>
/// <param name="Gini">Gini coefficient over items: 0 when all have as many, towards 1 when one has all.</param>
internal sealed record PopularitySkew(double TopOnePercent, double TopTenPercent, double Gini)
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
internal sealed record ActivityRange(int Minimum, double Median, double Mean, int Maximum)
{
    internal static ActivityRange Of(int[] counts)
    {
        var ascending = counts.Order().ToArray();
        var median = (ascending[(ascending.Length - 1) / 2] + ascending[ascending.Length / 2]) / 2.0;
        return new ActivityRange(ascending[0], median, ascending.Average(), ascending[^1]);
    }
}
