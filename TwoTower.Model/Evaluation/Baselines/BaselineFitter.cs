using System.Diagnostics;
using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>Fits baselines on the train positives, and chooses what has to be chosen by masked validation. What cannot be fitted says why and leaves the others alone.</summary>
public sealed class BaselineFitter
{
    private static readonly Dictionary<string, double> s_nothing = new(StringComparer.Ordinal);
    private readonly RecommenderData _data;
    private readonly RankingTask _validation;
    private readonly string _metric;
    private readonly int _recentCutoff;
    private readonly long _seed;
    private readonly int _parallelism;
    private readonly Lazy<CoOccurrence> _counts;

    /// <summary>For one data set.</summary>
    /// <param name="data">The data.</param>
    /// <param name="validation">Its validation, or another task over the same users and items.</param>
    /// <param name="metric">The metric that chooses, such as <c>recall@50</c>.</param>
    /// <param name="recentCutoff">K of the recall by which the window of recent popularity is chosen.</param>
    /// <param name="seed">Seed of random rankings and initial factors.</param>
    /// <param name="parallelism">Threads; what is fitted does not depend on them.</param>
    public BaselineFitter(RecommenderData data, RankingTask validation, string metric, int recentCutoff, long seed, int parallelism)
    {
        _data = data;
        _validation = validation;
        _metric = metric;
        _recentCutoff = recentCutoff;
        _seed = seed;
        _parallelism = parallelism;
        _counts = new Lazy<CoOccurrence>(() => new CoOccurrence(InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train)));
    }

    /// <summary>Fits one baseline.</summary>
    public Baseline Fit(BaselineKind kind)
    {
        var start = Stopwatch.GetTimestamp();
        var (scorer, chosen, note) = FitOrSay(kind);
        return new Baseline(kind, scorer, chosen, note, Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    private (IItemScorer? Scorer, IReadOnlyDictionary<string, double> Chosen, string? Note) FitOrSay(BaselineKind kind)
    {
        try
        {
            switch (kind)
            {
                case BaselineKind.Random:
                    return (new RandomScorer(_data.Items.Count, _seed), s_nothing, null);
                case BaselineKind.Popularity:
                    return (StaticScorer.Popularity(_data), s_nothing, ConstantPopularity());
                case BaselineKind.RecentPopularity:
                    var recent = RecentPopularity.Choose(_data, _validation, _recentCutoff);
                    return (recent.Scorer, Values(("windowShare", recent.Share)), null);
                case BaselineKind.ItemKnn:
                    var knn = ItemKnn.Choose(_counts.Value, ItemKnn.Grid, _validation, _metric, _parallelism);
                    return (knn.Scorer, Values(("neighbours", knn.Option.Neighbours), ("shrinkage", knn.Option.Shrinkage)), null);
                case BaselineKind.Ease:
                    var ease = Ease.Choose(_counts.Value, Ease.Lambdas, _validation, _metric, _parallelism);
                    return (ease.Scorer, Values(("lambda", ease.Option)), null);
                default:
                    var als = ImplicitAls.Choose(_counts.Value, ImplicitAls.Grid, new ImplicitAlsOptions { Seed = _seed }, _validation, _metric, _parallelism);
                    return (als.Scorer, Values(("alpha", als.Option.Alpha), ("lambda", als.Option.Lambda), ("dim", als.Option.Dim), ("iterations", als.Option.Iterations)), null);
            }
        }
        catch (BaselineException impossible)
        {
            return (null, s_nothing, impossible.Message);
        }
        catch (AggregateException failures) when (failures.InnerExceptions[0] is ArithmeticException)
        {
            return (null, s_nothing, $"{kind.InWords()} cannot be fitted: {failures.InnerExceptions[0].Message}");
        }
    }

    private string? ConstantPopularity()
    {
        var counts = new int[_data.Items.Count];
        foreach (var item in _data.Train.Items)
        {
            counts[item]++;
        }

        return counts.Min() == counts.Max()
            ? $"Every item has {counts[0]} train positives, so popularity tells nothing: equal counts rank by item number, which is chance."
            : null;
    }

    private static Dictionary<string, double> Values(params ReadOnlySpan<(string Name, double Value)> pairs)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (name, value) in pairs)
        {
            values[name] = value;
        }

        return values;
    }
}
