using System.Globalization;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Display;

namespace TwoTower.Node.Runs;

/// <summary>Rankings side by side, in 80 columns of plain text.</summary>
/// <param name="to">Where.</param>
/// <param name="cutoffs">The K's of the run.</param>
internal sealed class JudgingTables(TextWriter to, IReadOnlyList<int> cutoffs)
{
    /// <summary>What stands over the differences of a model from its bars.</summary>
    public const string ModelMinusBaseline = "The model minus a baseline; a winner is named where the interval leaves 0 out";

    private const int MostColumns = 4;

    /// <summary>The metrics that are shown: recall at the first three cut-offs, NDCG at the first.</summary>
    public IReadOnlyList<string> Metrics { get; } = [.. cutoffs.Take(MostColumns - 1).Select(k => $"recall@{k}"), $"ndcg@{cutoffs[0]}"];

    /// <summary>A table of metrics, a row per ranking.</summary>
    /// <param name="title">Up to 30 characters.</param>
    /// <param name="rows">The rankings.</param>
    /// <param name="part">The results of a ranking that are meant.</param>
    public void Means(string title, IEnumerable<Judged> rows, Func<Judged, RankingResult?> part)
    {
        to.WriteLine();
        to.WriteLine($"{title,-30}{string.Concat(Metrics.Select(metric => $"{metric,12}"))}");
        foreach (var row in rows)
        {
            Row(row.Name, Metrics.Select(metric => part(row)?.Mean(metric).ToString("0.0000", CultureInfo.InvariantCulture) ?? "-"));
        }
    }

    /// <summary>The share of the way from popularity to the oracle that a ranking went, as a row beneath the means;
    /// nothing where there is no oracle.</summary>
    public void Shares(Baselines baselines, Judged ranking)
    {
        if (baselines.Oracle is not null)
        {
            Row("way from popularity to it",
                Metrics.Select(metric => baselines.ShareOfTheWay(ranking, metric)?.ToString("0%", CultureInfo.InvariantCulture) ?? "-"));
        }
    }

    /// <summary>Recall by train positives of the item, then of the user: a row per ranking, a column per bucket.</summary>
    public void Buckets(IReadOnlyList<Judged> rows)
    {
        Table("item", rows[0].Buckets.ByItem, ranking => ranking.Buckets.ByItem, "held-out positives", bucket => bucket.Positives);
        Table("user", rows[0].Buckets.ByUser, ranking => ranking.Buckets.ByUser, "users", bucket => bucket.Users);

        void Table(string whose, IReadOnlyList<BucketRecall> buckets, Func<Judged, IReadOnlyList<BucketRecall>> of, string sizes,
            Func<BucketRecall, int> size)
        {
            to.WriteLine();
            to.WriteLine($"recall@{rows[0].Buckets.Cutoff} by train positives of the {whose}");
            Row("train positives", buckets.Select(bucket => Bounds(bucket.Bucket)));
            Row(sizes, buckets.Select(bucket => size(bucket).ToString("#,0", CultureInfo.InvariantCulture)));
            foreach (var row in rows)
            {
                Row(row.Name,
                    of(row).Select(bucket => bucket.Users == 0 ? "-" : bucket.Recall.ToString("0.0000", CultureInfo.InvariantCulture)));
            }
        }
    }

    /// <summary>Whether a ranking differs from others: masked metrics, paired bootstrap over users.</summary>
    /// <param name="title">What is taken from what.</param>
    /// <param name="first">The ranking.</param>
    /// <param name="others">The others.</param>
    /// <param name="above">What to say when the first is better.</param>
    /// <param name="below">What to say when the other is.</param>
    public void Differences(string title, Judged first, IEnumerable<Judged> others, string above, string below)
    {
        to.WriteLine();
        to.WriteLine(title);
        foreach (var other in others)
        {
            foreach (var metric in Metrics)
            {
                var difference = PairedDifference.Of(first.Masked, other.Masked, metric).Difference;
                to.WriteLine(
                    $"  {metric,-10} - {Short(other.Name),-17} {DifferenceText.Signed(difference.Value),7} {DifferenceText.Range(difference)}  {DifferenceText.Verdict(difference, above, below)}");
            }
        }
    }

    private void Row(string name, IEnumerable<string> cells) =>
        to.WriteLine($"  {name,-28}{string.Concat(cells.Select(cell => $"{cell,12}"))}");

    // What was chosen for it stands in the tables above.
    private static string Short(string name) => name.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at ? name[..at] : name;

    private static string Bounds(CountBucket bucket) => bucket.From == bucket.To
        ? bucket.From.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{bucket.From}-{bucket.To}");
}
