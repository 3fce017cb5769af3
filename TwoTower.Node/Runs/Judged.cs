using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Runs;

/// <summary>A ranking's results under both protocols, on validation and, in a final judgement, on test.</summary>
/// <param name="Name">Its name with what was chosen for it, in up to 28 characters.</param>
/// <param name="Masked">On validation, seen items left out.</param>
/// <param name="Raw">On validation, seen items in the ranking.</param>
/// <param name="Test">On test; null unless the judgement is final and there is a test part.</param>
/// <param name="Buckets">Masked validation recall by train positives of item and user.</param>
internal sealed record Judged(string Name, RankingResult Masked, RankingResult Raw, (RankingResult Masked, RankingResult Raw)? Test,
    BucketedRecall Buckets)
{
    /// <summary>Judges a scorer.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="scorer">Scores the catalogue.</param>
    /// <param name="tasks">What it is judged on.</param>
    /// <param name="known">Its results on validation, where it was evaluated already.</param>
    /// <param name="onTest">Its scores on test, where they are others; null where it has one ranking for both.</param>
    public static Judged Of(string name, IItemScorer scorer, JudgedTasks tasks, (RankingResult Masked, RankingResult Raw)? known = null,
        IItemScorer? onTest = null)
    {
        var cores = Environment.ProcessorCount;
        var (masked, raw) = known ?? RankingEvaluator.EvaluateBoth(scorer, tasks.Validation, tasks.Cutoffs, cores);
        return new Judged(
            name, masked, raw,
            tasks.Test is null ? null : RankingEvaluator.EvaluateBoth(onTest ?? scorer, tasks.Test, tasks.Cutoffs, cores),
            BucketedRecall.Of(scorer, tasks.Validation, tasks.Train, tasks.BucketCutoff, cores));
    }
}

/// <summary>What models and baselines are judged on.</summary>
/// <param name="Validation">The validation.</param>
/// <param name="Test">The test; null unless the judgement is final and there is a test part.</param>
/// <param name="Train">Train positives.</param>
/// <param name="Cutoffs">The K's.</param>
/// <param name="BucketCutoff">K of the recall by bucket: that of the deciding metric.</param>
internal sealed record JudgedTasks(RankingTask Validation, RankingTask? Test, InteractionLog Train, IReadOnlyList<int> Cutoffs,
    int BucketCutoff)
{
    /// <summary>The tasks of a data set.</summary>
    /// <param name="data">The data.</param>
    /// <param name="options">Cut-offs and deciding metric.</param>
    /// <param name="final">Whether test counts too.</param>
    public static JudgedTasks Of(RecommenderData data, TrainingOptions options, bool final) => new(
        RankingTask.Validation(data), final && data.Test.Count > 0 ? RankingTask.Test(data) : null, data.Train, options.Cutoffs,
        options.Cutoffs.First(k => options.Metric.EndsWith($"@{k}", StringComparison.Ordinal)));
}
