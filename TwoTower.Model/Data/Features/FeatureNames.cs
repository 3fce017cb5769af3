namespace TwoTower.Model.Data.Features;

/// <summary>The side features that can be read.</summary>
internal static class FeatureNames
{
    /// <summary>Of users, from users.dat or u.user.</summary>
    public static IReadOnlyList<string> OfUsers { get; } = ["gender", "age", "occupation"];

    /// <summary>Of items, from movies.dat or u.item.</summary>
    public static IReadOnlyList<string> OfItems { get; } = ["genres", "year"];
}
