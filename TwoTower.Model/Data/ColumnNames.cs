namespace TwoTower.Model.Data;

/// <summary>Names of the four columns in a source that has named columns; null stands for any of the usual names.</summary>
/// <param name="User">Column of user ids (else user, user_id, userId, uid, ...).</param>
/// <param name="Item">Column of item ids (else item, item_id, movie_id, movieId, product_id, ...).</param>
/// <param name="Rating">Column of ratings (else rating, score, stars).</param>
/// <param name="Timestamp">Column of times (else timestamp, time, ts, date, ...).</param>
public sealed record ColumnNames(string? User = null, string? Item = null, string? Rating = null, string? Timestamp = null)
{
    private static readonly string[] UserAliases = ["user", "userid", "uid", "reviewerid", "customerid"];
    private static readonly string[] ItemAliases =
        ["item", "itemid", "iid", "movie", "movieid", "product", "productid", "asin", "bookid", "songid", "trackid", "articleid"];

    private static readonly string[] RatingAliases = ["rating", "score", "stars", "overall"];
    private static readonly string[] TimestampAliases = ["timestamp", "time", "ts", "date", "datetime", "unixreviewtime"];
    private static readonly string[] TitleAliases = ["title", "name"];

    /// <summary>Finds the four columns by name; -1 stands for a column that is not there.</summary>
    internal (int User, int Item, int Rating, int Timestamp) Find(IReadOnlyList<string> columns) => (
        Find(columns, User, UserAliases), Find(columns, Item, ItemAliases),
        Find(columns, Rating, RatingAliases), Find(columns, Timestamp, TimestampAliases));

    /// <summary>Names what <see cref="Find(IReadOnlyList{string})"/> did not find and how to name it, for the end of a message that has listed the columns.</summary>
    internal string Missing((int User, int Item, int Rating, int Timestamp) found)
    {
        (string Role, string? Name, int Column)[] columns =
            [("user", User, found.User), ("item", Item, found.Item), ("rating", Rating, found.Rating), ("timestamp", Timestamp, found.Timestamp)];
        var missing = columns.Where(column => column.Column < 0).ToArray();
        var named = string.Join(" and ", missing.Select(column => column.Name is null ? $"the {column.Role} column" : $"the {column.Role} column '{column.Name}'"));
        return $"{named} {(missing.Length == 1 ? "is" : "are")} not among them: say which is which with {string.Join(' ', missing.Select(column => $"--set data.{column.Role}Column=…"))}";
    }

    internal static int FindTitle(IReadOnlyList<string> columns) => FindAlias(columns, TitleAliases);

    internal static int FindItem(IReadOnlyList<string> columns) => FindAlias(columns, ItemAliases);

    internal static int FindUser(IReadOnlyList<string> columns) => FindAlias(columns, UserAliases);

    private static int Find(IReadOnlyList<string> columns, string? name, string[] aliases)
    {
        if (name is null)
        {
            return FindAlias(columns, aliases);
        }

        for (var column = 0; column < columns.Count; column++)
        {
            if (string.Equals(columns[column].Trim(), name, StringComparison.OrdinalIgnoreCase))
            {
                return column;
            }
        }

        return -1;
    }

    private static int FindAlias(IReadOnlyList<string> columns, string[] aliases)
    {
        // The order of the aliases decides, not the order of the columns: 'user_id' wins over 'uid' wherever they stand.
        foreach (var alias in aliases)
        {
            for (var column = 0; column < columns.Count; column++)
            {
                if (Plain(columns[column]) == alias)
                {
                    return column;
                }
            }
        }

        return -1;
    }

    private static string Plain(string column) =>
        string.Concat(column.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
