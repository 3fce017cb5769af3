using System.Globalization;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Vectors that all point one way, or use few of their dimensions.</summary>
internal sealed class EmbeddingCollapseCheck : ICheck
{
    private const int MostPairs = 20_000;

    /// <summary>Mean cosine of two rows from which on they are taken to point one way.</summary>
    private const double OneWay = 0.8;

    /// <summary>Share of the dimensions in use below which they are taken to have collapsed.</summary>
    private const double FewDimensions = 0.1;

    /// <inheritdoc />
    public string Name => "embedding collapse";

    /// <inheritdoc />
    public string Question => "Do vectors spread over the sphere and over their dimensions?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var vectors = EmbeddingShape.VectorsOf(subject.EmbeddingsOrSay());
        if (vectors.UserCount < 2 || vectors.ItemCount < 2)
        {
            throw new NotLookedException(
                $"the shape of a table needs at least two rows, and there are {vectors.UserCount} users and {vectors.ItemCount} items");
        }

        var train = subject.Train();
        var users = EmbeddingShape.Of(vectors.Users, vectors.Dim);
        var items = EmbeddingShape.Of(vectors.Items, vectors.Dim);
        var most = (double)Math.Min(vectors.Dim, Math.Min(vectors.UserCount, vectors.ItemCount));
        (string Name, EmbeddingShape Shape)[] tables = [("users", users), ("items", items)];
        var oneWay = tables.Where(table => table.Shape.MeanCosine >= OneWay).Select(table => table.Name).ToArray();
        var flat = tables.Where(table => most >= 8 && table.Shape.EffectiveRank < Math.Max(2, FewDimensions * most))
            .Select(table => table.Name).ToArray();
        if (oneWay.Length == 0 && flat.Length == 0)
        {
            return null;
        }

        var step = Math.Max(1, train.Log.Count / MostPairs);
        var pairs = Enumerable.Range(0, train.Log.Count / step).Select(n => n * step).ToArray();
        return new Finding(
            Name,
            oneWay.Length > 0
                ? $"The vectors of {string.Join(" and ", oneWay)} point nearly one way, so everybody gets nearly the same ranking."
                : string.Create(CultureInfo.InvariantCulture,
                    $"The vectors of {string.Join(" and ", flat)} use few of their {vectors.Dim} dimensions."),
            [
                .. tables.SelectMany(table => new[]
                {
                    new Evidence($"mean cosine of two {table.Name}", table.Shape.MeanCosine, "0 when spread, 1 when all are one"),
                    new Evidence($"effective rank of {table.Name}", table.Shape.EffectiveRank,
                        string.Create(CultureInfo.InvariantCulture, $"at most {most:0}")),
                    new Evidence($"uniformity of {table.Name}", table.Shape.Uniformity, "about -4 when spread, 0 when all are one"),
                }),
                new Evidence("alignment of train pairs", EmbeddingShape.Alignment(vectors, [.. pairs.Select(n => train.Log.Users[n])],
                    [.. pairs.Select(n => train.Log.Items[n])]), "0 when a user and their items are one, 2 when unrelated"),
                .. NormsByPopularity(vectors.Items, vectors.Dim, train.ItemCounts),
            ],
            Advice.Only("A loss that pushes negatives apart spreads vectors: more negatives, a lower loss.temperature, an in-batch "
                + "softmax. What all users have in common belongs into a prior (model.priorStrength) or a bias (model.itemBias), and not "
                + "into every vector."))
        {
            Severity = Severity.Harmful,
            WhyNoCost = "it is a symptom; causes have costs",
            Plots =
            [
                new Chart("spectrum", "Singular values of the unit vectors", "number", "share of the largest",
                    [.. tables.Select(table =>
                        new ChartSeries(table.Name,
                        [.. table.Shape.SingularValues.Select((value, n) =>
                        new ChartPoint(n + 1, value / Math.Max(1e-12, table.Shape.SingularValues[0])))]))])
                { YFrom = 0,
                    Caption = "A table that uses all of its dimensions falls slowly; one whose vectors point one way falls at once." },
            ],
        };
    }

    private static IEnumerable<Evidence> NormsByPopularity(float[] rows, int dim, int[] counts)
    {
        var norms = EmbeddingShape.Norms(rows, dim);
        if (norms.Max() - norms.Min() < 1e-3 * norms.Max())
        {
            return []; // normalised: all alike
        }

        var buckets = CountBuckets.Of(counts, CountBuckets.ItemQuantiles);
        return buckets.All.Select((bucket, n) => new Evidence(
            string.Create(CultureInfo.InvariantCulture, $"mean norm of items with {bucket.From} to {bucket.To} train positives"),
            norms.Where((_, item) => buckets.IndexOf(counts[item]) == n).Average(), null));
    }
}
