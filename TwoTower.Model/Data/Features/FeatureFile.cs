using System.Globalization;

namespace TwoTower.Model.Data.Features;

/// <summary>One of MovieLens' files of users or items: where an id and its features stand on a line.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Separator">Between fields.</param>
/// <param name="Columns">Fewest fields of a line.</param>
/// <param name="HasHeader">Whether the first line names the columns.</param>
/// <param name="Features">By name, a feature's values on a line; none when it says nothing.</param>
internal sealed record FeatureFile(string Name, string Separator, int Columns, bool HasHeader,
    IReadOnlyDictionary<string, Func<string[], IEnumerable<string>>> Features)
{
    // In the order of u.item's flags, as u.genre names them.
    private static readonly string[] s_genresOf100K =
    [
        "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy", "Film-Noir",
        "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller",
        "War", "Western",
    ];

    // The first ages of MovieLens 1M's groups, of which its age codes are the names.
    private static readonly int[] s_ages = [1, 18, 25, 35, 45, 50, 56];

    /// <summary>Files with users.</summary>
    public static IReadOnlyList<FeatureFile> OfUsers { get; } =
    [
        new("users.dat", "::", 4, false, Dictionary(("gender", line => [line[1]]), ("age", line => Age(line[2])),
            ("occupation", line => [line[3]]))),
        new("u.user", "|", 4, false, Dictionary(("gender", line => [line[2]]), ("age", line => Age(line[1])),
            ("occupation", line => [line[3]]))),
    ];

    /// <summary>Files with items.</summary>
    public static IReadOnlyList<FeatureFile> OfItems { get; } =
    [
        new("movies.dat", "::", 3, false, Dictionary(("genres", line => Genres(line[2])), ("year", line => Year(line[1])))),
        new("movies.csv", ",", 3, true, Dictionary(("genres", line => Genres(line[2])), ("year", line => Year(line[1])))),
        new("u.item", "|", 5 + s_genresOf100K.Length, false, Dictionary(
            ("genres", line => s_genresOf100K.Where((_, flag) => line[5 + flag] == "1")), ("year", line => Year(line[1])))),
    ];

    private static Dictionary<string, Func<string[], IEnumerable<string>>> Dictionary(
        params (string Name, Func<string[], IEnumerable<string>> Values)[] features) =>
            features.ToDictionary(feature => feature.Name, feature => feature.Values, StringComparer.Ordinal);

    private static IEnumerable<string> Genres(string text) =>
        text.Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(genre => genre != "(no genres listed)");

    private static string[] Age(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var age)
        && age >= s_ages[0]
        ? [s_ages.Last(first => first <= age).ToString("00", CultureInfo.InvariantCulture)]
        : [];

    /// <summary>The year in brackets at a title's end.</summary>
    private static string[] Year(string title) => title.TrimEnd() is [.., '(', var a, var b, var c, var d, ')']
        && new[] { a, b, c, d }.All(char.IsAsciiDigit) ? [$"{a}{b}{c}{d}"] : [];
}
