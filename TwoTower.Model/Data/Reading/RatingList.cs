using System.Text;

namespace TwoTower.Model.Data.Reading;

/// <summary>Ratings that a program has in memory, as a table.</summary>
internal static class RatingList
{
    /// <summary>The table of some ratings.</summary>
    /// <param name="name">Short name for people.</param>
    /// <param name="ratings">At least one. All of them have a time or none; all have a value or none.</param>
    /// <param name="options">Which are positive.</param>
    /// <exception cref="DataException">A rating cannot be used; the message names it by its place, from 1.</exception>
    public static RatingTable ToTable(string name, IEnumerable<Rating> ratings, DataOptions options)
    {
        // Times are typed and values are meant: nothing here is taken for something that it may not be.
        var table = new RatingTableBuilder(options with { TimeFormat = "seconds", Missing = MissingRating.Keep });
        (bool Time, bool Value)? form = null;
        foreach (var rating in ratings)
        {
            var (hasTime, hasValue) = form ??= (rating.Time is not null, rating.Value is not null);
            if (Refusal(rating, hasTime, hasValue) is { } why)
            {
                throw new DataException($"{name}, rating {table.Count + 1}: {why}.");
            }

            table.Add(table.Users.Intern(Encoding.UTF8.GetBytes(rating.User)), table.Items.Intern(Encoding.UTF8.GetBytes(rating.Item)),
                hasValue ? RatingKind.Number : RatingKind.Yes, rating.Value ?? 0, rating.Time?.ToUnixTimeSeconds() ?? 0);
        }

        if (form is { Time: false })
        {
            table.BeginWithoutTimes();
        }

        return table.Complete(name, "a list of ratings");
    }

    private static string? Refusal(Rating rating, bool hasTime, bool hasValue) => rating switch
    {
        _ when string.IsNullOrEmpty(rating.User) || string.IsNullOrEmpty(rating.Item) => "expected a user and an item, found an empty id",
        _ when rating.Time is not null != hasTime => "expected times for all ratings or for none",
        _ when rating.Value is not null != hasValue => "expected values for all ratings or for none",
        { Value: { } value } when !float.IsFinite(value) || value < 0 =>
            FormattableString.Invariant($"expected a value from 0 on, found {value}"),
        { Time: { } time } when time.ToUnixTimeSeconds() <= 0 => FormattableString.Invariant($"expected a time after 1970, found {time:O}"),
        _ => null,
    };
}
