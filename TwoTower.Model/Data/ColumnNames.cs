using System.Globalization;
using System.Text.RegularExpressions;

namespace TwoTower.Model.Data;

/// <summary>The columns of a source, each by its name, or by its number from 1; null stands for any of the usual names, and <c>none</c> for
/// a column that is not there.</summary>
/// <param name="User">Column of user ids (else user, user_id, userId, uid, ...).</param>
/// <param name="Item">Column of item ids (else item, item_id, movie_id, movieId, product_id, ...), also in a file of titles.</param>
/// <param name="Rating">Column of ratings (else rating, score, stars, ...).</param>
/// <param name="Timestamp">Column of times (else timestamp, time, ts, date, ...).</param>
/// <param name="Title">Column of titles in a file of titles (else title, name).</param>
/// <remarks>Names are compared without regard to case, punctuation and RecBole's types (<c>user_id:token</c>).</remarks>
public sealed partial record ColumnNames(string? User = null, string? Item = null, string? Rating = null, string? Timestamp = null,
    string? Title = null)
{
    /// <summary>What stands for a column that is not there.</summary>
    public const string None = "none";

    private static readonly string[] s_users =
        ["user", "userid", "uid", "userno", "reviewer", "reviewerid", "customer", "customerid", "visitor", "visitorid", "memberid",
            "account", "accountid", "profile", "profileid", "userindex", "useridx"];

    private static readonly string[] s_items =
    [
        "item", "itemid", "iid", "itemno", "movie", "movieid", "mid", "filmid", "product", "productid", "pid", "sku", "asin", "parentasin",
        "isbn", "book", "bookid", "song", "songid", "track", "trackid", "artist", "artistid", "article",
        "articleid", "anime", "animeid", "game", "gameid", "business", "businessid", "recipe", "recipeid", "news", "newsid", "video",
        "videoid", "show", "showid", "place", "placeid", "itemindex", "itemidx",
    ];

    private static readonly string[] s_ratings =
        ["rating", "ratings", "score", "stars", "star", "overall", "bookrating", "reviewrating", "reviewscore", "reviewoverall",
            "userrating", "myrating", "preference", "plays", "playcount", "listens", "listencount", "count", "like", "liked",
            "likes", "label"];

    private static readonly string[] s_times =
        ["timestamp", "time", "ts", "date", "datetime", "unixreviewtime", "reviewtime", "reviewdate", "createdat", "created", "datecreated",
            "eventtime", "eventtimestamp", "ratingtime", "ratingdate", "ratedat", "submitted", "submitdate", "clicktime"];

    private static readonly string[] s_titles = ["title", "name", "itemtitle", "movietitle", "booktitle", "itemname", "productname",
        "producttitle", "articletitle"];

    // What stands in names of columns of which nobody should think that they are not there.
    private static readonly string[] s_partsOfRatings = ["rating", "score", "star", "grade", "vote", "point"];
    private static readonly string[] s_partsOfTimes = ["time", "date", "stamp", "epoch", "created", "when"];

    /// <summary>Whether a header has one of the names.</summary>
    internal bool Knows(IReadOnlyList<string> header) =>
        new[] { (User, s_users), (Item, s_items), (Rating, s_ratings), (Timestamp, s_times), (Title, s_titles) }.Any(role =>
            Find(header, header.Count, role.Item1, role.Item2) >= 0 && !IsNumber(role.Item1, header));

    /// <summary>Finds the columns of ratings.</summary>
    /// <param name="header">The header; null for a table without.</param>
    /// <param name="count">Columns.</param>
    /// <param name="takeFirst">Whether, without a header, a column of which nothing was said stands where it does in
    /// MovieLens: user, item, rating, time.</param>
    internal (int User, int Item, int Rating, int Timestamp) Find(IReadOnlyList<string>? header, int count, bool takeFirst)
    {
        int[] found = [Find(header, count, User, s_users), Find(header, count, Item, s_items), Find(header, count, Rating, s_ratings),
            Find(header, count, Timestamp, s_times)];
        string?[] said = [User, Item, Rating, Timestamp];
        for (var role = 0; takeFirst && role < found.Length; role++)
        {
            found[role] = said[role] is null && role < count && !found.Contains(role) ? role : found[role];
        }

        return (found[0], found[1], found[2], found[3]);
    }

    /// <summary>Two columns that both are named like ids of users, or of items; null when there are none,
    /// or it was said which is meant.</summary>
    internal string? Ambiguous(IReadOnlyList<string> header)
    {
        foreach (var (role, named, aliases) in (ReadOnlySpan<(string, string?, string[])>)[("user", User, s_users),
            ("item", Item, s_items)])
        {
            string[] columns = named is null ? [.. header.Where(column => aliases.Contains(Plain(column), StringComparer.Ordinal))] : [];
            if (columns.Length > 1)
            {
                return $"{string.Join(" and ", columns)} are both named like a column of {role}s: say which is meant with --set "
                    + $"data.{role}Column=…";
            }
        }

        return null;
    }

    /// <summary>Which columns were taken for what, where another could have been; null where none could.</summary>
    internal string? Taken(IReadOnlyList<string> header, (int User, int Item, int Rating, int Timestamp) found)
    {
        var taken = new List<string>();
        foreach (var (role, named, aliases, column) in (ReadOnlySpan<(string, string?, string[], int)>)[
            ("rating", Rating, s_ratings, found.Rating), ("timestamp", Timestamp, s_times, found.Timestamp)])
        {
            string[] others = named is null && column >= 0
                ? [.. header.Where((name, at) => at != column && aliases.Contains(Plain(name), StringComparer.Ordinal))] : [];
            if (others.Length > 0)
            {
                taken.Add($"{header[column]} is taken for the {role}, not {string.Join(" or ", others)} (data.{role}Column)");
            }
        }

        return taken.Count == 0 ? null : string.Join("; ", taken);
    }

    /// <summary>Finds the columns of a file of titles.</summary>
    internal (int Item, int Title) FindTitles(IReadOnlyList<string>? header, int count) =>
        (Find(header, count, Item, s_items), Find(header, count, Title, s_titles));

    /// <summary>Names what was not found and how to name it, for the end of a message that has listed the columns; null
    /// when all is there that is needed.</summary>
    internal string? Missing((int User, int Item, int Rating, int Timestamp) found, IReadOnlyList<string>? header)
    {
        var ratingIsDoubted = found.Rating < 0 && Rating is null && Left(found, header, s_partsOfRatings);
        var timeIsDoubted = found.Timestamp < 0 && Timestamp is null && Left(found, header, s_partsOfTimes);
        (string Role, string? Name, bool IsMissing, bool MayBeNone)[] columns =
        [
            ("user", User, found.User < 0, false), ("item", Item, found.Item < 0, false),
            ("rating", Rating, found.Rating < 0 && (ratingIsDoubted || IsNamed(Rating)), true),
            ("timestamp", Timestamp, found.Timestamp < 0 && (timeIsDoubted || IsNamed(Timestamp)), true),
        ];
        var missing = columns.Where(column => column.IsMissing).ToArray();
        if (missing.Length == 0)
        {
            return null;
        }

        var named = string.Join(" and ",
            missing.Select(column => column.Name is null ? $"the {column.Role} column" : $"the {column.Role} column '{column.Name}'"));
        var none = missing.FirstOrDefault(column => column.MayBeNone) is { Role: { } role }
            ? $" (--set data.{role}Column=none if there is none)" : string.Empty;
        return $"{named} {(missing.Length == 1 ? "is" : "are")} not among them: say which is which, by name or number, "
            + $"with {string.Join(' ', missing.Select(column => $"--set data.{column.Role}Column=…"))}{none}";
    }

    private static bool IsNamed(string? name) => name is not null && !IsNone(name);

    private static bool IsNone(string name) => name.Equals(None, StringComparison.OrdinalIgnoreCase);

    private static bool IsNumber(string? name, IReadOnlyList<string> header) => name is not null
        && !header.Any(column => IsSame(column, name));

    /// <summary>Whether a column that was not found may be one of those that are left over.</summary>
    private static bool Left((int User, int Item, int Rating, int Timestamp) found, IReadOnlyList<string>? header, string[] parts) =>
        header is not null && header.Where((_, column) => column != found.User && column != found.Item && column != found.Rating
            && column != found.Timestamp).Any(name => parts.Any(part => Plain(name).Contains(part, StringComparison.Ordinal)));

    private static int Find(IReadOnlyList<string>? header, int count, string? name, string[] aliases)
    {
        if (name is not null)
        {
            var named = header is null ? -1 : header.Index().Where(column => IsSame(column.Item, name)).Select(column => column.Index)
                .DefaultIfEmpty(-1).First();
            return named >= 0 || IsNone(name) ? named : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                && number >= 1 && number <= count ? number - 1 : -1;
        }

        // The order of the aliases decides, not the order of the columns: 'user_id' wins over 'uid' wherever they stand.
        return header is null ? -1 : aliases.Select(alias => header.Index().Where(column => Plain(column.Item) == alias)
            .Select(column => column.Index).DefaultIfEmpty(-1).First()).FirstOrDefault(column => column >= 0, -1);
    }

    private static bool IsSame(string column, string name) => column.Trim().Equals(name, StringComparison.OrdinalIgnoreCase)
        || Type().Replace(column.Trim(), string.Empty).Equals(name, StringComparison.OrdinalIgnoreCase);

    private static string Plain(string column) => string.Concat(Type().Replace(column.Trim(), string.Empty).Where(char.IsLetterOrDigit))
        .ToLowerInvariant();

    [GeneratedRegex(":(token|token_seq|float|float_seq)$", RegexOptions.IgnoreCase)]
    private static partial Regex Type();
}
