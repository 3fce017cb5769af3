using System.Globalization;

namespace TwoTower.Model.Data.Reading;

/// <summary>What a field of ratings says.</summary>
internal enum RatingKind
{
    /// <summary>A number.</summary>
    Number,

    /// <summary>A word for yes.</summary>
    Yes,

    /// <summary>A word for no.</summary>
    No,

    /// <summary>Nothing: empty, or one of the words for it.</summary>
    Missing,

    /// <summary>Something else.</summary>
    Bad,
}

/// <summary>Reads a field of ratings.</summary>
internal static class RatingText
{
    private static readonly HashSet<string> s_yes = new(["true", "t", "yes", "y", "like", "liked", "likes", "love", "loved", "positive",
        "up", "thumbsup", "recommended", "recommend"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> s_no = new(["false", "f", "no", "n", "dislike", "disliked", "dislikes", "hate", "hated",
        "negative", "down", "thumbsdown", "notrecommended", "skip", "skipped"], StringComparer.OrdinalIgnoreCase);
    private static readonly HashSet<string> s_missing = new(["null", "nan", "na", "n/a", "none", "\\n", "nil", "-", "?", "<na>", "#n/a"],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads it.</summary>
    /// <param name="field">The field, trimmed.</param>
    /// <param name="rating">The number, if it is one.</param>
    public static RatingKind Read(ReadOnlySpan<byte> field, out float rating)
    {
        // Nearly every rating is "4" or "3.5"; the general parser costs more than the rest of the line.
        if (field.Length == 1 && char.IsAsciiDigit((char)field[0]))
        {
            rating = field[0] - '0';
            return RatingKind.Number;
        }

        if (field.Length == 3 && field[1] == '.' && char.IsAsciiDigit((char)field[0]) && char.IsAsciiDigit((char)field[2]))
        {
            rating = ((10 * (field[0] - '0')) + (field[2] - '0')) / 10f;
            return RatingKind.Number;
        }

        if (field.IsEmpty)
        {
            rating = float.NaN;
            return RatingKind.Missing;
        }

        if (float.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out rating) && float.IsFinite(rating))
        {
            return RatingKind.Number;
        }

        rating = float.NaN;
        var text = TextDialect.TextOf(field);
        var word = string.Concat(text.Where(character => character is not (' ' or '_')));
        return s_missing.Contains(text) ? RatingKind.Missing : s_yes.Contains(word) ? RatingKind.Yes : s_no.Contains(word)
            ? RatingKind.No : RatingKind.Bad;
    }
}
