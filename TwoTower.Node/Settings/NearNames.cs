using System.Globalization;

namespace TwoTower.Node.Settings;

/// <summary>What somebody may have meant by a name that does not exist.</summary>
internal static class NearNames
{
    /// <summary>The name nearest to one that does not exist, however far it is.</summary>
    public static string Nearest(string name, IEnumerable<string> names) => names.MinBy(candidate => Distance(candidate, name))!;

    /// <summary>Names that a slip of the hand away, or that begin as it does: nearest first, equal ones in their order.</summary>
    /// <param name="name">What does not exist.</param>
    /// <param name="names">What exists.</param>
    /// <param name="most">How many at most.</param>
    public static IReadOnlyList<string> Of(string name, IEnumerable<string> names, int most = 3) =>
    [
        .. names.Select(candidate =>
            (Name: candidate, Distance: Math.Min(Distance(candidate, name), candidate.StartsWith(name, StringComparison.OrdinalIgnoreCase)
            && name.Length > 1 ? 1 : int.MaxValue)))
            .Where(near => near.Distance <= Math.Max(1, name.Length / 3)).OrderBy(near => near.Distance).Select(near => near.Name)
            .Distinct(StringComparer.Ordinal).Take(most),
    ];

    /// <summary>Ids near one that does not exist: the next ones by number where all ids are numbers, else as <see cref="Of"/>.</summary>
    public static IReadOnlyList<string> Ids(string id, IReadOnlyList<string> ids, int most = 3)
    {
        var numbers = ids.Select(known => long.TryParse(known, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number : (long?)null).ToArray();
        return long.TryParse(id, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var asked)
            && numbers.All(number => number is not null)
            ? [.. ids.Zip(numbers, (known, number) => (known, Gap: Int128.Abs((Int128)number!.Value - asked))).OrderBy(near => near.Gap)
                .Take(most).Select(near => near.known)]
            : Of(id, ids, most);
    }

    /// <summary>A question about them, such as " Did you mean 'train' or 'trace'?", or nothing.</summary>
    public static string Question(IReadOnlyList<string> near) => near.Count == 0 ? string.Empty : $" Did you mean {Either(near)}?";

    /// <summary>'a', 'b' or 'c'.</summary>
    public static string Either(IReadOnlyList<string> names) => names.Count == 1
        ? $"'{names[0]}'"
        : $"{string.Join(", ", names.SkipLast(1).Select(name => $"'{name}'"))} or '{names[^1]}'";

    /// <summary>The optimal string alignment distance without regard to case: insertions, deletions,
    /// substitutions, and two neighbours exchanged.</summary>
    internal static int Distance(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                rows[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1,
                    rows[i - 1, j - 1] + (Same(i, j) ? 0 : 1));
                if (i > 1 && j > 1 && Same(i, j - 1) && Same(i - 1, j))
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];

        bool Same(int i, int j) => char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]);
    }
}
