using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Diagnosis;

/// <summary>After how many epochs training is judged: what validation chose, which is reported too, beside what
/// an inner split of train chooses.</summary>
/// <param name="Epoch">Epochs after which validation took the model, of the run as its history has it.</param>
/// <param name="InnerEpoch">Epochs after which an inner split would have taken it.</param>
/// <param name="Inner">Evaluations of the training on the earlier part of train, on the later part.</param>
/// <param name="Again">Evaluations, on validation and user by user, of the training on all of train once more; empty where both choose the
/// same, and nothing has to be compared.</param>
/// <param name="Chosen">Of <paramref name="Again"/> the one that the run's rule takes; null when that is empty.</param>
internal sealed record EpochChoice(double Epoch, double InnerEpoch, IReadOnlyList<EvaluationReport> Inner,
    IReadOnlyList<EvaluationReport> Again, EvaluationReport? Chosen)
{
    /// <summary>Of <see cref="Again"/> the evaluation that is nearest to <see cref="InnerEpoch"/>; null when that is empty.</summary>
    public EvaluationReport? AtInner => Again.Count == 0 ? null : Nearest(Again, InnerEpoch);

    /// <summary>Whether validation had anything to choose from: two evaluations of the masked metric that
    /// decides, and users who were judged.</summary>
    /// <param name="subject">The subject.</param>
    /// <exception cref="NotLookedException">The history does not have the metric that decided.</exception>
    public static bool IsDue(DiagnosisSubject subject)
    {
        var training = subject.SettingsOrSay().Training;
        var evaluations = subject.HistoryOrSay().Evaluations;
        return evaluations.Count >= 2
            && (training.Protocol == RankingProtocol.Masked
            && evaluations.All(evaluation => evaluation.Metrics.ContainsKey(training.Metric))
                ? true
                : throw new NotLookedException(
                    $"its evaluations do not say {(training.Protocol == RankingProtocol.Raw ? "raw" : "masked")} {training.Metric}, by "
                    + $"which the epoch was chosen"));
    }

    /// <summary>Trains once inside train, and where that chooses another epoch than validation did, once more on all of
    /// train. Both repeat to the bit.</summary>
    /// <param name="subject">A subject of which <see cref="IsDue"/>.</param>
    /// <param name="say">Is told of each training before it begins.</param>
    /// <exception cref="NotLookedException">Train is too small to choose inside it, or a training failed.</exception>
    public static async Task<EpochChoice> OfAsync(DiagnosisSubject subject, Action<string> say)
    {
        var options = Repeatable(subject.SettingsOrSay().Training);
        var inner = InnerSplit.Of(subject.Data);
        if (inner is null || inner.Train.Count < options.BatchSize)
        {
            throw new NotLookedException("train is too small to choose inside it");
        }

        say("Training inside train, for the choice of the epoch …");
        var inside = await EvaluationsAsync(options, inner).ConfigureAwait(false);
        var innerEpoch = ByTheRule(inside, options).Epoch;
        var history = Recorded(subject);
        var own = history.MaxBy(evaluation => evaluation.Value); // the earlier of equals, as in training
        if (history.MinBy(evaluation => Math.Abs(evaluation.Epoch - innerEpoch)).Epoch == own.Epoch)
        {
            return new EpochChoice(own.Epoch, innerEpoch, inside, [], null);
        }

        say("Training again on all of train, judged user by user after every epoch …");
        var again = await EvaluationsAsync(options with { Patience = 0 }, subject.Data).ConfigureAwait(false);
        return new EpochChoice(own.Epoch, innerEpoch, inside, again, ByTheRule(again, options));
    }

    /// <summary>The run's evaluations: epochs done, and the value that decided.</summary>
    /// <param name="subject">A subject of which <see cref="IsDue"/>.</param>
    public static IReadOnlyList<(double Epoch, double Value)> Recorded(DiagnosisSubject subject)
    {
        var training = subject.SettingsOrSay().Training;
        var batches = (double)new EpochPlan(subject.Data.Train.Count, training).BatchesPerEpoch;
        return [.. subject.HistoryOrSay()
            .Evaluations.Select(evaluation => (evaluation.Batches / batches, evaluation.Metrics[training.Metric]))];
    }

    private static EvaluationReport Nearest(IEnumerable<EvaluationReport> reports, double epoch) =>
        reports.MinBy(report => Math.Abs(report.Epoch - epoch))!;

    // A round of bsp is one step whatever threads do; anything else is done by one worker.
    private static TrainingOptions Repeatable(TrainingOptions options) =>
        options is { Consistency.Kind: ConsistencyKind.Bsp, BackupWorkers: 0 }
            ? options with { CheckpointEveryEpochs = 0 }
            : InnerChoice.AsOneWorker(options);

    private static async Task<IReadOnlyList<EvaluationReport>> EvaluationsAsync(TrainingOptions options, RecommenderData data)
    {
        try
        {
            return (await LocalTraining.RunAsync(new TrainingPlan(options, data)).ConfigureAwait(false)).Evaluations;
        }
        catch (TrainingException failure)
        {
            throw new NotLookedException($"a training for it failed ({failure.Message.TrimEnd('.')})");
        }
    }

    // What training would have taken: the first of the best up to where patience ends it, which takes effect one evaluation later.
    private static EvaluationReport ByTheRule(IReadOnlyList<EvaluationReport> evaluations, TrainingOptions options)
    {
        var stopping = new EarlyStopping(options.Patience, options.MinDelta);
        var best = evaluations[0];
        foreach (var evaluation in evaluations)
        {
            best = evaluation.ValueFor(options) > best.ValueFor(options) ? evaluation : best;
            if (stopping.ShouldStop)
            {
                break;
            }

            stopping.Observe(evaluation.ValueFor(options));
        }

        return best;
    }
}
