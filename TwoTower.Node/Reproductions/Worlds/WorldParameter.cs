using System.Globalization;
using TwoTower.Model;
using TwoTower.Model.Data;

namespace TwoTower.Node.Reproductions.Worlds;

/// <summary>One of the numbers that a world is made from, as a search moves it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Read">Reads it.</param>
/// <param name="With">A profile with another value.</param>
/// <param name="IsShare">Whether it lies between 0 and 1, else it is positive.</param>
internal sealed record WorldParameter(string Name, Func<SyntheticProfile, double> Read,
    Func<SyntheticProfile, double, SyntheticProfile> With, bool IsShare = false)
{
    private const int Decimals = 3;

    /// <summary>All that are searched; sizes are given.</summary>
    public static IReadOnlyList<WorldParameter> All { get; } =
    [
        new("spread of items' appeal", p => p.PopularitySpread, (p, v) => p with { PopularitySpread = v }),
        new("spread of users' activity", p => p.ActivitySpread, (p, v) => p with { ActivitySpread = v }),
        new("taste of genres", p => p.GenreTaste, (p, v) => p with { GenreTaste = v }),
        new("taste of niches", p => p.NicheTaste, (p, v) => p with { NicheTaste = v }),
        new("days of a fashion", p => p.FashionDays, (p, v) => p with { FashionDays = v }),
        new("lasting share", p => p.LastingShare, (p, v) => p with { LastingShare = v }, true),
        new("share of old items", p => p.OldShare, (p, v) => p with { OldShare = v }, true),
        new("wander", p => p.Wander, (p, v) => p with { Wander = v }),
        new("days of a wander", p => p.WanderDays, (p, v) => p with { WanderDays = v }),
        new("return: share", p => p.Return!.Share, (p, v) => p with { Return = p.Return! with { Share = v } }, true),
        new("return: first sitting", p => p.Return!.FirstSitting, (p, v) => p with { Return = p.Return! with { FirstSitting = v } }, true),
        new("return: stay", p => p.Return!.Stay, (p, v) => p with { Return = p.Return! with { Stay = v } }),
        new("return: ratings of a sitting", p => p.Return!.SittingSize, (p, v) => p with { Return = p.Return! with { SittingSize = v } }),
        new("return: exponent of appeal", p => p.Return!.Appeal, (p, v) => p with { Return = p.Return! with { Appeal = v } }),
        new("return: lasting share", p => p.Return!.LastingShare, (p, v) => p with { Return = p.Return! with { LastingShare = v } }, true),
        new("return: wander", p => p.Return!.Wander, (p, v) => p with { Return = p.Return! with { Wander = v } }),
        new("return: exponent of taste", p => p.Return!.Taste, (p, v) => p with { Return = p.Return! with { Taste = v } }),
    ];

    /// <summary>A profile with some parameters moved: each with probability a third, by a Gaussian step of its log, or of its log odds
    /// where it is a share; rounded, so that what is found can be written down.</summary>
    public static SyntheticProfile Moved(SyntheticProfile profile, double step, ref SeededRandom random)
    {
        foreach (var parameter in All)
        {
            var (moves, by) = (random.NextInt(3) == 0, step * random.NextGaussian());
            if (moves)
            {
                var value = parameter.Read(profile);
                var moved = parameter.IsShare ? 1 / (1 + ((1 - value) / value * Math.Exp(-2 * by))) : value * Math.Exp(by);
                profile = parameter.With(profile,
                    Math.Max(Math.Pow(10, -Decimals), Math.Round(parameter.IsShare ? Math.Min(0.999, moved) : moved, Decimals)));
            }
        }

        return profile;
    }

    /// <summary>All parameters of a profile and its size, as one text.</summary>
    public static string Text(SyntheticProfile profile) =>
        string.Create(CultureInfo.InvariantCulture,
        $"{profile.Users} users, {profile.Items} items, {profile.Ratings} ratings, {profile.Days} days, {profile.Genres} x {profile.NichesPerGenre}, from {profile.FewestRatings}; ")
            + string.Join(", ",
                All.Select(parameter => string.Create(CultureInfo.InvariantCulture, $"{parameter.Name} {parameter.Read(profile)}")));
}
