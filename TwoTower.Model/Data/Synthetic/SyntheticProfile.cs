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

    /// <summary>The profile of a name.</summary>
    /// <exception cref="DataException">There is none of that name.</exception>
    public static SyntheticProfile Named(string name) =>
        name == Small.Name ? Small
        : name == MovieLens1M.Name ? MovieLens1M
        : name == Tiny.Name ? Tiny
        : throw new DataException($"There is no synthetic profile '{name}': expected '{Small.Name}', '{MovieLens1M.Name}' or '{Tiny.Name}'.");
}
