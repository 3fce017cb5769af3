using System.Text;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Learned;

/// <summary>Finds items by title, as people type them: without regard to case, punctuation, the year, or an article ("Matrix, The (1999)"
/// is "matrix" and "the matrix").</summary>
internal sealed class TitleSearch
{
    private static readonly string[] s_articles = ["the", "a", "an"];
    private readonly Title[] _titles;

    /// <summary>Over titles by item index; null where there is none.</summary>
    public TitleSearch(IReadOnlyList<string?> titles) => _titles = [.. titles.Select(title => Title.Of(title ?? string.Empty))];

    /// <summary>Items whose title is the query, the nearer to the letter the better; else those whose title holds every word of it; else
    /// those that hold words which begin so.</summary>
    public IReadOnlyList<int> Matches(string query)
    {
        var asked = Title.Of(query);
        if (asked.Whole.Length == 0)
        {
            // a title may be "???"
            return Where(title => title.Written.Length > 0 && title.Written.Equals(query.Trim(), StringComparison.OrdinalIgnoreCase));
        }

        var words = asked.Whole.Split(' ');
        return new Func<Title, bool>[]
        {
            title => title.Written.Equals(query.Trim(), StringComparison.OrdinalIgnoreCase)
                || title.Undated.Equals(query.Trim(), StringComparison.OrdinalIgnoreCase),
            title => title.Whole == asked.Whole || title.Bare == asked.Whole,
            title => title.Bare == asked.Bare,
            title => words.All(word => $" {title.Whole} ".Contains($" {word} ", StringComparison.Ordinal)),
            title => words.All(word => $" {title.Whole}".Contains($" {word}", StringComparison.Ordinal)),
        }.Select(Where).FirstOrDefault(found => found.Length > 0) ?? [];
    }

    /// <summary>Items whose title is spelt almost like the query, nearest first.</summary>
    public IReadOnlyList<int> Near(string query, int most)
    {
        var asked = Title.Of(query).Bare;
        return
        [
            .. Where(title => title.Bare.Length > 0).Select(item => (item, Distance: NearNames.Distance(_titles[item].Bare, asked)))
                .Where(near => near.Distance <= Math.Max(1, asked.Length / 3)).OrderBy(near => near.Distance).ThenBy(near => near.item)
                .Take(most).Select(near => near.item),
        ];
    }

    private int[] Where(Func<Title, bool> holds) => [.. Enumerable.Range(0, _titles.Length).Where(item => holds(_titles[item]))];

    /// <summary>A title as it is written, the same without its year, its words, and its words without year and article.</summary>
    private readonly record struct Title(string Written, string Undated, string Whole, string Bare)
    {
        public static Title Of(string title)
        {
            var written = title.Trim();
            var undated = written is [.., '(', var a, var b, var c, var d, ')'] && new[] { a, b, c, d }.All(char.IsAsciiDigit)
                ? written[..^6].TrimEnd() : written;
            var words = Words(undated).Split(' ').ToList();
            var article = undated.LastIndexOf(',') is >= 0 and var comma
                && s_articles.Contains(undated[(comma + 1)..].Trim(), StringComparer.OrdinalIgnoreCase) ? words.Count - 1
                : words.Count > 1 && s_articles.Contains(words[0]) ? 0 : -1;
            if (article >= 0)
            {
                words.RemoveAt(article);
            }

            return new Title(written, undated, Words(written), string.Join(' ', words));
        }

        /// <summary>Lower case letters and digits, a space between words.</summary>
        private static string Words(string text)
        {
            var words = new StringBuilder(text.Length);
            foreach (var letter in text)
            {
                if (char.IsLetterOrDigit(letter))
                {
                    words.Append(char.ToLowerInvariant(letter));
                }
                else if (letter is not ('\'' or '’') && words.Length > 0 && words[^1] != ' ')
                {
                    words.Append(' ');
                }
            }

            return words.ToString().TrimEnd();
        }
    }
}
