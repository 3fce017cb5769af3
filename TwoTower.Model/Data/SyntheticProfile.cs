namespace TwoTower.Model.Data;

/// <summary>Size and temper of a synthetic data set.</summary>
/// <param name="Name">The name to ask for it by.</param>
/// <param name="Users">Number of users.</param>
/// <param name="Items">Number of items.</param>
/// <param name="Ratings">Number of ratings, met within a few per cent; where users come back, without those that they would give after the
/// end of time, about a tenth.</param>
/// <param name="Days">Time span in days.</param>
/// <param name="Genres">Number of genres.</param>
/// <param name="NichesPerGenre">Number of niches in each genre: a user's taste is by genre and by niche.</param>
public sealed record SyntheticProfile(string Name, int Users, int Items, int Ratings, int Days, int Genres, int NichesPerGenre)
{
    /// <summary>The default: rankings stand to one another as on MovieLens-1M, both long tails, sittings and drift are like its own, and a
    /// training run ends well within a minute. Its parameters were found by a search (<c>twotower reproduce
    /// world-fit</c>; docs/world.md).</summary>
    public static SyntheticProfile Small { get; } = new("small", 4_000, 2_000, 400_000, 730, 8, 2)
    {
        PopularitySpread = 1.75,
        ActivitySpread = 1.1,
        FewestRatings = 8,
        GenreTaste = 1.17,
        NicheTaste = 0.476,
        FashionDays = 70,
        LastingShare = 0.85,
        OldShare = 0.948,
        Wander = 0.25,
        WanderDays = 796.948,
        Return = new ReturnLaw(Share: 0.5, FirstSitting: 0.469, Stay: 0.25, SittingSize: 30, Appeal: 1.087, LastingShare: 0.85, Wander: 1,
            Taste: 0.85),
    };

    /// <summary>Users who come again and again, and like what they liked when they came first: the default of earlier versions, and what
    /// the published figures of asynchrony are reproduced on.</summary>
    public static SyntheticProfile Plain { get; } = new("plain", 3_000, 1_500, 200_000, 730, 8, 5);

    /// <summary>The size and skew of MovieLens-1M.</summary>
    public static SyntheticProfile MovieLens1M { get; } = new("ml-1m", 6_040, 3_706, 1_000_000, 1_000, 12, 6);

    /// <summary>A few hundred positives: for runs by the thousand, in which only the protocols are looked at.</summary>
    public static SyntheticProfile Tiny { get; } = new("tiny", 60, 60, 1_100, 200, 3, 2);

    /// <summary>What is liked stays what is liked: no item comes into fashion or goes out of it.</summary>
    public static SyntheticProfile Steady { get; } = Plain with { Name = "steady", LastingShare = 1, OldShare = 1 };

    /// <summary>Three users in four join within a fiftieth of the time, as in MovieLens-1M: a day holds many positives
    /// then, and few before and after.</summary>
    public static SyntheticProfile Bursty { get; } = Plain with { Name = "bursty", BurstShare = 0.75 };

    /// <summary>Fashions of three weeks, and next to nothing that lasts.</summary>
    public static SyntheticProfile Drifting { get; } = Plain with { Name = "drifting", FashionDays = 21, LastingShare = 0.05 };

    /// <summary>The size and density of MovieLens latest-small: 671 users and 9,000 items over twenty years, and
    /// most users come for a single day.</summary>
    public static SyntheticProfile SparseYears { get; } = new("sparse-years", 671, 9_000, 100_000, 7_300, 12, 6)
    {
        FashionDays = 500,
        OneDayShare = 0.8
    };

    /// <summary>All profiles.</summary>
    public static IReadOnlyList<SyntheticProfile> All { get; } = [Small, Plain, MovieLens1M, Steady, Bursty, Drifting, SparseYears, Tiny];

    /// <summary>Standard deviation of the log of items' appeal: the larger, the longer the tail.</summary>
    public double PopularitySpread { get; init; } = 1.6;

    /// <summary>Standard deviation of the log of users' activity.</summary>
    public double ActivitySpread { get; init; } = 0.9;

    /// <summary>Ratings of the least active user.</summary>
    public int FewestRatings { get; init; } = 12;

    /// <summary>Standard deviation of a user's liking of genres, in logs.</summary>
    public double GenreTaste { get; init; } = 1.0;

    /// <summary>Standard deviation of a user's liking of niches beyond their genre, in logs.</summary>
    public double NicheTaste { get; init; } = 1.2;

    /// <summary>Standard deviation of the log of an item's popularity around its mean, as it
    /// wanders over time, in first sittings.</summary>
    public double Wander { get; init; }

    /// <summary>Days in which an item's popularity wanders from one extreme to the next and back.</summary>
    public double WanderDays { get; init; } = 300;

    /// <summary>How those who come back differ from those who come for the first time; null where they do not, and where a user's sittings
    /// are spread evenly over the time of their stay.</summary>
    public ReturnLaw? Return { get; init; }

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
        ?? throw new DataException(
            $"There is no synthetic profile '{name}'; there are {string.Join(", ", All.Select(profile => profile.Name))}.");
}

/// <summary>Who comes back, when, and what for. In MovieLens most of what a user rates is rated in one sitting at sign-up: what everybody
/// knows. Whoever comes back has that behind them, and rates what is new.</summary>
/// <param name="Share">Share of the users of mean activity who ever come back; with a times the activity it is 1 − (1 − share)ᵃ.</param>
/// <param name="FirstSitting">Share of their ratings that those who come back give in their first sitting, on average.</param>
/// <param name="Stay">Mean time from sign-up to a later sitting, as a share of all time.</param>
/// <param name="SittingSize">Ratings of a later sitting.</param>
/// <param name="Appeal">Exponent of an item's appeal in later sittings, where that of first sittings is 1: under 1
/// is away from what everybody knows.</param>
/// <param name="LastingShare">Share of an item's popularity in later sittings that is no fashion; that of
/// first sittings is the profile's.</param>
/// <param name="Wander">The profile's <see cref="SyntheticProfile.Wander"/> in later sittings.</param>
/// <param name="Taste">Exponent of a user's taste in later sittings, where that of first sittings is 1.</param>
public sealed record ReturnLaw(double Share, double FirstSitting, double Stay, double SittingSize, double Appeal, double LastingShare,
    double Wander, double Taste);
