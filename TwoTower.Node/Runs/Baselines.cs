using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Node.Runs;

/// <summary>A baseline and its results; null when it could not be fitted.</summary>
internal sealed record JudgedBaseline(Baseline Fitted, Judged? Result);

/// <summary>The bars that a model has to pass, on the same users under the same mask.</summary>
/// <param name="All">All that were asked for, weakest idea first.</param>
internal sealed record Baselines(IReadOnlyList<JudgedBaseline> All)
{
    /// <summary>Fits and judges baselines.</summary>
    /// <param name="data">The data.</param>
    /// <param name="options">Deciding metric, cut-offs, seed.</param>
    /// <param name="tasks">What they are judged on.</param>
    /// <param name="kinds">Which.</param>
    /// <param name="done">Is told of each when it is judged; null for nobody.</param>
    /// <param name="truth">What the data was loaded with, for the oracle of a synthetic world; null for none.</param>
    public static Baselines Of(RecommenderData data, TrainingOptions options, JudgedTasks tasks, IReadOnlyList<BaselineKind> kinds,
        Action<JudgedBaseline>? done = null, DataOptions? truth = null)
    {
        var fitter = new BaselineFitter(data, options.Metric, options.Seed, Environment.ProcessorCount);
        var all = new List<JudgedBaseline>();
        foreach (var kind in kinds)
        {
            var fitted = fitter.Fit(kind);
            // EASE's matrix is not kept for the run
            all.Add(new JudgedBaseline(fitted with { Scorer = null }, fitted.Scorer is { } scorer ? Judged.Of(fitted.Label, scorer,
                tasks) : null));
            done?.Invoke(all[^1]);
        }

        return new Baselines(all)
        {
            Oracle = truth is not null && Model.Evaluation.Oracle.OfValidation(data, truth) is { } oracle
            ? Judged.Of(OracleName, oracle, tasks, onTest: Model.Evaluation.Oracle.OfTest(data, truth)) : null
        };
    }

    /// <summary>The oracle's name.</summary>
    public const string OracleName = "oracle";

    /// <summary>What the truth of a synthetic world reaches: no bar, but what there is to reach.
    /// Null where the truth is not known.</summary>
    public Judged? Oracle { get; init; }

    /// <summary>The share of the way from popularity to the oracle that a ranking went, by a masked validation metric: 0 is popularity, 1
    /// the oracle. Null where there is no oracle above popularity.</summary>
    public double? ShareOfTheWay(Judged ranking, string metric) => Oracle is { } oracle && oracle.Masked.Mean(metric)
        - Popularity.Masked.Mean(metric) is > 0 and var way
        ? (ranking.Masked.Mean(metric) - Popularity.Masked.Mean(metric)) / way
        : null;

    /// <summary>Results of those that could be fitted.</summary>
    public IEnumerable<Judged> Results => All.Where(baseline => baseline.Result is not null).Select(baseline => baseline.Result!);

    /// <summary>Results of those that a model can be said to be better than: beating chance is no news.</summary>
    public IEnumerable<Judged> Bars => All.Where(baseline => baseline.Result is not null && baseline.Fitted.Kind != BaselineKind.Random)
        .Select(baseline => baseline.Result!);

    /// <summary>What plain popularity reaches; it can always be fitted and is always asked for.</summary>
    public Judged Popularity => All.First(baseline => baseline.Fitted.Kind == BaselineKind.Popularity).Result!;

    /// <summary>What a reader must know, one sentence each.</summary>
    public IEnumerable<string> Notes => All.Where(baseline => baseline.Fitted.Note is not null).Select(baseline => baseline.Fitted.Note!);
}
