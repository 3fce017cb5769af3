using System.Globalization;
using TwoTower.Node.Display;

namespace TwoTower.Node.Learned;

/// <summary>What a model has learned, as a person reads it in a terminal of 80 columns.</summary>
internal static class LearnedText
{
    private const int TitleWidth = 46;

    public static void Write(TextWriter to, Recommendations result)
    {
        var who = result.User is null ? "Somebody" : $"User {result.User}";
        var vector = result.Vector switch
        {
            VectorOrigin.Trained => "a trained vector",
            VectorOrigin.ByHistory => "a vector that the user tower makes from them, as for any user",
            _ => "a vector made from them (no vector was trained)",
        };
        to.WriteLine(
            Paragraph.Wrap(string.Create(CultureInfo.InvariantCulture,
            $"{who}: {result.Liked:#,0} liked {Items(result.Liked)}, {vector}; {result.LeftOut:#,0} seen {Items(result.LeftOut)} left out"),
            2));
        Header(to, "score");
        foreach (var item in result.Items)
        {
            to.WriteLine(Row(item.Rank, item.Item, item.Score) + (item.LikedLater ? "  *" : string.Empty));
            if (item.Because is { } because)
            {
                to.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"      taste {item.Taste:0.000}{(item.Bias == 0 ? string.Empty : $", the item's own {item.Bias:0.000}")}"));
                foreach (var pull in because)
                {
                    to.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"      <- {Fit(Name(pull.Item), TitleWidth)}  cosine {pull.Cosine:0.00}{(pull.Weight < 0.995 ? $" x age {pull.Weight:0.00}" : string.Empty)}"));
                }
            }
        }

        if (result.Items.Any(item => item.LikedLater))
        {
            to.WriteLine("* they went on to like it: a validation positive, of which training knew nothing");
        }
    }

    public static void Write(TextWriter to, SimilarItems result)
    {
        to.WriteLine(Paragraph.Wrap($"Nearest to {Described(result.Item)}", 2));
        if (result.Item.Positives == 0)
        {
            to.WriteLine("  No user of train likes it: its vector has learned nothing of who would.");
        }

        Header(to, "cosine");
        foreach (var near in result.Near)
        {
            to.WriteLine(Row(near.Rank, near.Item, near.Cosine));
            if (Genres(near.Item) is { Length: > 0 } genres)
            {
                to.WriteLine($"      {genres}");
            }
        }
    }

    /// <summary>Why a search gave no single item.</summary>
    public static void Write(TextWriter to, ItemSearch search)
    {
        to.WriteLine(search switch
        {
            { Matches: > 0 } => $"'{search.Query}' may be any of {search.Matches} items; name one by its id:",
            { Candidates.Count: > 0 } => $"There is no item '{search.Query}'. Did you mean one of these?",
            _ => $"There is no item '{search.Query}', by id or by title.",
        });
        foreach (var item in search.Candidates)
        {
            to.WriteLine($"  {item.Id,8}  {Fit(Described(item), 68).TrimEnd()}");
        }
    }

    public static void Write(TextWriter to, ItemMap map)
    {
        to.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{map.Points.Count:#,0} of {map.Items:#,0} items on the plane in which their vectors differ most:"));
        to.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {map.XShare:0.0%} of the variance along the first direction, {map.YShare:0.0%} along the second"));
        if (map.Genres.Count > 0)
        {
            to.WriteLine();
            to.WriteLine($"  {"genre",-20} {"items",6} {"mean x",8} {"mean y",8} {"spread",8}");
        }

        foreach (var genre in map.Genres)
        {
            var points = map.Points.Where(point => point.Item.Genres.Contains(genre)).ToArray();
            var (x, y) = (points.Average(point => point.X), points.Average(point => point.Y));
            var spread = Math.Sqrt(points.Average(point => ((point.X - x) * (point.X - x)) + ((point.Y - y) * (point.Y - y))));
            to.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {Fit(genre, 20)} {points.Length,6:#,0} {x,8:0.000} {y,8:0.000} {spread,8:0.000}"));
        }
    }

    private static void Header(TextWriter to, string value) => to.WriteLine($"   #  {"id",8}  {"title",-TitleWidth} {value,8}");

    private static string Row(int rank, ItemView item, double value) =>
        string.Create(CultureInfo.InvariantCulture,
        $"{rank,4}  {item.Id,8}  {Fit(item.Title ?? string.Empty, TitleWidth)} {value,8:0.0000}");

    private static string Name(ItemView item) => item.Title ?? item.Id;

    private static string Described(ItemView item)
    {
        var name = Name(item);
        return Genres(item) is { Length: > 0 } genres ? $"{name} [{genres}]" : name;
    }

    /// <summary>Genres that the title does not tell.</summary>
    private static string Genres(ItemView item) =>
        string.Join(", ", item.Genres.Where(genre => !Name(item).Contains(genre, StringComparison.Ordinal)));

    private static string Items(int count) => count == 1 ? "item" : "items";

    private static string Fit(string text, int width) => text.Length <= width ? text.PadRight(width)
        : text[..(char.IsHighSurrogate(text[width - 2]) ? width - 2 : width - 1)] + "…";
}
