namespace TwoTower.Model.Data;

/// <summary>Size and temper of a synthetic data set.</summary>
/// <param name="Name">The name to ask for it by.</param>
/// <param name="Users">Number of users.</param>
/// <param name="Items">Number of items.</param>
/// <param name="Ratings">Number of ratings, met within a few per cent.</param>
/// <param name="Days">Time span in days.</param>
/// <param name="Genres">Number of genres.</param>
/// <param name="NichesPerGenre">Number of niches in each genre: a user's taste is by genre and by niche.</param>
public sealed record SyntheticProfile(string Name, int Users, int Items, int Ratings, int Days, int Genres, int NichesPerGenre)
{
    /// <summary>The default: a whole training run ends within about a minute.</summary>
    public static SyntheticProfile Small { get; } = new("small", 3_000, 1_500, 200_000, 730, 8, 5);

    /// <summary>The size and skew of MovieLens-1M.</summary>
    public static SyntheticProfile MovieLens1M { get; } = new("ml-1m", 6_040, 3_706, 1_000_000, 1_000, 12, 6);

    /// <summary>A few hundred positives: for runs by the thousand, in which only the protocols are looked at.</summary>
    public static SyntheticProfile Tiny { get; } = new("tiny", 60, 60, 1_100, 200, 3, 2);

    /// <summary>What is liked stays what is liked: no item comes into fashion or goes out of it.</summary>
    public static SyntheticProfile Steady { get; } = Small with { Name = "steady", LastingShare = 1, OldShare = 1 };

    /// <summary>Three users in four join within a fiftieth of the time, as in MovieLens-1M: a day holds many positives then, and few before and after.</summary>
    public static SyntheticProfile Bursty { get; } = Small with { Name = "bursty", BurstShare = 0.75 };

    /// <summary>Fashions of three weeks, and next to nothing that lasts.</summary>
    public static SyntheticProfile Drifting { get; } = Small with { Name = "drifting", FashionDays = 21, LastingShare = 0.05 };

    /// <summary>The size and density of MovieLens latest-small: 671 users and 9,000 items over twenty years, and most users come for a single day.</summary>
    public static SyntheticProfile SparseYears { get; } = new("sparse-years", 671, 9_000, 100_000, 7_300, 12, 6) { FashionDays = 500, OneDayShare = 0.8 };

    /// <summary>All profiles.</summary>
    public static IReadOnlyList<SyntheticProfile> All { get; } = [Small, MovieLens1M, Steady, Bursty, Drifting, SparseYears, Tiny];

    /// <summary>Days in which an item's fashion falls to a e-th.</summary>
    public double FashionDays { get; init; } = 70;

    /// <summary>Share of an item's popularity that is no fashion, in [0, 1].</summary>
    public double LastingShare { get; init; } = 0.25;

    /// <summary>Share of the items that are older than the data; the others come out while it is gathered.</summary>
    public double OldShare { get; init; } = 0.65;

    /// <summary>Share of the users who join within <see cref="BurstLength"/> of the time, from <see cref="BurstStart"/> on.</summary>
    public double BurstShare { get; init; }

    /// <summary>Share of the users who come for a single day.</summary>
    public double OneDayShare { get; init; }

    internal const double BurstStart = 0.6;

    internal const double BurstLength = 0.02;

    /// <summary>The profile of a name.</summary>
    /// <exception cref="DataException">There is none of that name.</exception>
    public static SyntheticProfile Named(string name) => All.FirstOrDefault(profile => profile.Name == name)
        ?? throw new DataException($"There is no synthetic profile '{name}'; there are {string.Join(", ", All.Select(profile => profile.Name))}.");
}
