using System.Globalization;
using System.Text;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;
using TwoTower.Node.Reproductions.Windows;

namespace TwoTower.Node.Reproductions.NewUsers;

/// <summary>The page on users who were not in train.</summary>
internal sealed class NewUserPage(string name, IReadOnlyList<ServedWindow> served, IReadOnlyList<string> models, ReproductionReport report)
{
    private static readonly (string Name, int From, int To)[] s_histories = [("all", 0, int.MaxValue), ("under 20", 0, 19),
        ("20 to 99", 20, 99), ("100 and more", 100, int.MaxValue)];

    /// <summary>Writes it.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="command">What made it.</param>
    public void Write(string folder, string command)
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture,
            $"# Users who were not in train\n\nMade by `{command}`, "
            + $"over {(served.Count == 1 ? "the split's own validation" : $"{served.Count} windows that roll forward from half of the data, each counting alike")}. ");
        page.Append(report.Rows.All(row => row.Ours >= 0.98) ? "A user who was not in train is served within 2 % of one who was.\n\n"
            : "**Not within 2 % at every metric.**\n\n");
        foreach (var remark in report.Remarks)
        {
            page.Append(CultureInfo.InvariantCulture, $"- {remark}\n");
        }

        page.Append(CultureInfo.InvariantCulture,
            $"\n## Left out, and trained\n\nThe same {served.Sum(window => window.LeftOut.Length):#,0} users, with the same history, in a "
            + $"training that left them out and in one that did not; the difference with its interval (95 %, bootstrap over users), and "
            + $"the share that is left.\n\n");
        Head(page, "users by");
        foreach (var model in models)
        {
            Row(page, $"`{model}`, trained", metric => Number(served.Average(window => window.SameTrainedMean(model, metric))));
            Row(page, $"`{model}`, left out", metric => string.Create(CultureInfo.InvariantCulture,
                $"{served.Average(window => window.LeftOutMean(model, metric)):0.0000} ({Shown(Bootstrap.MeanOfMeans([.. served.Select(window => window.LeftOutMinusTrained(model, metric))]))}, {100 * served.Average(window => window.LeftOutMean(model, metric)) / served.Average(window => window.SameTrainedMean(model, metric)):0} %)"));
        }

        foreach (var model in models.Skip(1))
        {
            page.Append(CultureInfo.InvariantCulture,
                $"\n## `{model}` against ids\n\nEverybody trained, the same users in pairs, by the train positives that they have; bold "
                + $"where the interval leaves 0 out.\n\n");
            Head(page, "train positives");
            foreach (var (label, from, to) in s_histories)
            {
                var users = served.Sum(window => window.Positives.Count(count => count >= from && count <= to));
                Row(page, string.Create(CultureInfo.InvariantCulture, $"{label} ({users:#,0} users)"), metric =>
                {
                    double[][] groups = [.. served.Select(window => window.Minus(model, models[0], metric, from, to))
                        .Where(group => group.Length > 0)];
                    return groups.Length == 0 ? "–" : Shown(Bootstrap.MeanOfMeans(groups));
                });
            }
        }

        MarkdownPage.Write(Path.Combine(folder, $"{name}.md"), page.ToString());
    }

    private static void Head(StringBuilder page, string first) =>
        page.Append(CultureInfo.InvariantCulture,
            $"| {first} | {string.Join(" | ", WindowStudy.Metrics)} |\n|---|{string.Concat(WindowStudy.Metrics.Select(_ => "---|"))}\n");

    private static void Row(StringBuilder page, string first, Func<string, string> cell) =>
        page.Append(CultureInfo.InvariantCulture, $"| {first} | {string.Join(" | ", WindowStudy.Metrics.Select(cell))} |\n");

    private static string Number(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Shown(Interval interval)
    {
        static string Signed(double value) => (Math.Round(value, 4) + 0.0).ToString("+0.0000;−0.0000;0.0000", CultureInfo.InvariantCulture);
        var text = $"{Signed(interval.Value)} [{Signed(interval.Low)}, {Signed(interval.High)}]";
        return interval.ExcludesZero ? $"**{text}**" : text;
    }
}
