using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Node.Runs;

/// <summary>A ranking's results under both protocols, on validation and, when there is one, on test.</summary>
public sealed record Judged(string Name, RankingResult Masked, RankingResult Raw, (RankingResult Masked, RankingResult Raw)? Test)
{
    /// <summary>Judges a scorer.</summary>
    public static Judged Of(string name, IItemScorer scorer, JudgedTasks tasks)
    {
        var (masked, raw) = RankingEvaluator.EvaluateBoth(scorer, tasks.Validation, tasks.Cutoffs, Environment.ProcessorCount);
        return new Judged(name, masked, raw, TestOf(scorer, tasks));
    }

    /// <summary>Test results of a scorer, or null when there is no test part.</summary>
    public static (RankingResult Masked, RankingResult Raw)? TestOf(IItemScorer scorer, JudgedTasks tasks) =>
        tasks.Test is null ? null : RankingEvaluator.EvaluateBoth(scorer, tasks.Test, tasks.Cutoffs, Environment.ProcessorCount);
}

/// <summary>What models and baselines are judged on.</summary>
public sealed record JudgedTasks(RankingTask Validation, RankingTask? Test, IReadOnlyList<int> Cutoffs)
{
    /// <summary>The tasks of a data set.</summary>
    public static JudgedTasks Of(RecommenderData data, TrainingOptions options) =>
        new(RankingTask.Validation(data), data.Test.Count > 0 ? RankingTask.Test(data) : null, options.Cutoffs);
}

/// <summary>The bars that a model has to pass, on the same users.</summary>
public sealed record Baselines(Judged Random, Judged Popularity, Judged Recent, double RecentShare)
{
    /// <summary>Judges all baselines.</summary>
    public static Baselines Of(RecommenderData data, TrainingOptions options, JudgedTasks tasks)
    {
        var recent = RecentPopularity.Choose(data, tasks.Validation, options.Cutoffs[0]);
        return new Baselines(
            Judged.Of("random", new RandomScorer(data.Items.Count, options.Seed), tasks),
            Judged.Of("popularity", StaticScorer.Popularity(data), tasks),
            Judged.Of("recent popularity", recent.Scorer, tasks),
            recent.Share);
    }

    /// <summary>All, weakest idea first.</summary>
    public IReadOnlyList<Judged> All => [Random, Popularity, Recent];
}
