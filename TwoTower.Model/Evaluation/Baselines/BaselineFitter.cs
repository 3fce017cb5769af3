using System.Diagnostics;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Splitting;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>Fits baselines on the train positives. What a baseline leaves open is chosen inside train (<see cref="InnerSplit"/>), as a
/// model's settings are, so that nobody sees validation; then it is fitted on all of train. What cannot be fitted says
/// why and leaves the others alone.</summary>
/// <remarks>All of it happens in the <see cref="CanonicalOrder"/> of users and items, so that neither names nor the order of rows have a
/// part in what is chosen or in the last bit of a score.</remarks>
public sealed class BaselineFitter
{
    private const double UsualShare = 0.1;
    private const double UsualLambda = 500;
    private static readonly ItemKnnOptions s_usualKnn = new(100, 0);
    private static readonly (double Alpha, double Lambda) s_usualAls = (4, 30);
    private static readonly Dictionary<string, double> s_nothing = new(StringComparer.Ordinal);
    private readonly RecommenderData _data;
    private readonly CanonicalOrder _order;
    private readonly RecommenderData? _inner;
    private readonly RankingTask? _task;
    private readonly string _metric;
    private readonly long _seed;
    private readonly int _parallelism;
    private readonly Lazy<CoOccurrence> _counts;
    private readonly Lazy<CoOccurrence> _innerCounts;

    /// <summary>For one data set.</summary>
    /// <param name="data">The data.</param>
    /// <param name="metric">The metric that chooses, such as <c>recall@50</c>.</param>
    /// <param name="seed">Seed of initial factors.</param>
    /// <param name="parallelism">Threads; what is fitted does not depend on them.</param>
    public BaselineFitter(RecommenderData data, string metric, long seed, int parallelism)
    {
        _data = data;
        _order = CanonicalOrder.Of(data);
        var canonical = _order.TrainOf(data);
        _inner = InnerSplit.Of(canonical);
        _task = _inner is null ? null : RankingTask.Validation(_inner);
        _metric = metric;
        _seed = seed;
        _parallelism = parallelism;
        _counts = new Lazy<CoOccurrence>(() => CountsOf(canonical));
        _innerCounts = new Lazy<CoOccurrence>(() => CountsOf(_inner!));
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
                    return (StaticScorer.Chance(_data.Items.Count), s_nothing, null);
                case BaselineKind.Popularity:
                    return (StaticScorer.Popularity(_data), s_nothing, ConstantPopularity());
                case BaselineKind.RecentPopularity when !_data.Split.HasTimes:
                    return (null, s_nothing, "The data has no times, so nothing is recent.");
                case BaselineKind.RecentPopularity:
                    var share = _task is null ? UsualShare : RecentPopularity.Choose(_inner!, _task, _metric, _parallelism).Share;
                    return (StaticScorer.RecentPopularity(_data, share), Values(("windowShare", share)), Note);
                case BaselineKind.ItemKnn:
                    var knn = _task is null ? s_usualKnn : ItemKnn.Choose(_innerCounts.Value, ItemKnn.Grid, _task, _metric, _parallelism)
                        .Option;
                    return (Named(ItemKnn.Fit(_counts.Value, knn, _parallelism)),
                        Values(("neighbours", knn.Neighbours), ("shrinkage", knn.Shrinkage)), Note);
                case BaselineKind.Ease:
                    var lambda = _task is null ? UsualLambda : Ease.Choose(_innerCounts.Value, Ease.Lambdas, _task, _metric, _parallelism)
                        .Option;
                    return (Named(Ease.Fit(_counts.Value, lambda, _parallelism)), Values(("lambda", lambda)), Note);
                default:
                    var usual = new ImplicitAlsOptions { Seed = _seed, Alpha = s_usualAls.Alpha, Lambda = s_usualAls.Lambda };
                    var als = _task is null ? usual : ImplicitAls.Choose(_innerCounts.Value, ImplicitAls.Grid, usual, _task, _metric,
                        _parallelism).Option;
                    return (Named(ImplicitAls.Fit(_counts.Value, als, _parallelism)), Values(("alpha", als.Alpha), ("lambda", als.Lambda),
                        ("dim", als.Dim), ("iterations", als.Iterations)), Note);
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

    private RenumberedScorer Named(IItemScorer scorer) => new(scorer, _order);

    private string? Note => _task is null ? "Train is too small to choose inside it, so the usual options were taken." : null;

    private static CoOccurrence CountsOf(RecommenderData data) =>
        new(InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train));

    private string? ConstantPopularity()
    {
        var counts = new int[_data.Items.Count];
        foreach (var item in _data.Train.Items)
        {
            counts[item]++;
        }

        return counts.Min() == counts.Max()
            ? $"Every item has {counts[0]} train positives, so popularity tells nothing: equal counts are worth what chance is."
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
