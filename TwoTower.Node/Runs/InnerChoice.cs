using System.Globalization;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Options;
using TwoTower.Node.Display;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Runs;

/// <summary>Settles <c>model.priorWindow=auto</c> and <c>loss.recencyHalfLife=auto</c> before a run: the run's own model is trained on the
/// earlier part of train under every candidate and judged on the later part (<see cref="InnerSplit"/>), so that validation has no say. What
/// is chosen becomes the setting's value.</summary>
internal static class InnerChoice
{
    /// <summary>Windows of the prior that are tried; the first of equals stays.</summary>
    public static readonly IReadOnlyList<string> Windows = ["8%", "2%", "32%", "all"];

    /// <summary>Half-lives of examples that are tried, with the window that was chosen.</summary>
    public static readonly IReadOnlyList<string> HalfLives = ["off", "50%", "20%"];

    /// <summary>The value that leaves a setting to be chosen, and the source of one that was.</summary>
    internal const string Auto = "auto";

    private const string Window = "model.priorWindow";
    private const string HalfLife = "loss.recencyHalfLife";

    /// <summary>The settings that may be left to be chosen.</summary>
    internal static readonly IReadOnlyList<string> Keys = [Window, HalfLife];

    /// <summary>Settles what is to be chosen.</summary>
    /// <param name="settings">The settings, which are changed.</param>
    /// <param name="data">The data.</param>
    /// <param name="to">Where what is chosen is told, and from what.</param>
    /// <param name="stop">Ends the trainings.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static async Task SettleAsync(ResolvedSettings settings, RecommenderData data, TextWriter to, CancellationToken stop)
    {
        if (!IsNeeded(settings.Values.Training))
        {
            return;
        }

        var inner = InnerSplit.Of(data);
        var batch = settings.Values.Training.BatchSize;
        if (inner is null || inner.Train.Count < batch)
        {
            to.WriteLine(
                Paragraph.Wrap(
                $"  note: train is too small to choose inside "
                + $"it: {string.Join(", ", Due(settings).Select(due => $"{due.Key}={due.Candidates[0]}"))} is taken.", 4));
            foreach (var (key, candidates) in Due(settings).ToArray())
            {
                settings.Set(key, candidates[0], Auto);
            }

            return;
        }

        var task = RankingTask.Validation(inner);
        var metric = settings.Values.Training.Metric;
        to.WriteLine(Paragraph.Wrap(string.Create(CultureInfo.InvariantCulture,
            $"Choosing inside train: on the first {inner.Train.Count:#,0} of {data.Train.Count:#,0} train positives, by {metric} of {task.Users.Length:#,0} users on {inner.Validation.Count:#,0} that follow."), 2));
        var best = 0.0;
        foreach (var (key, candidates) in Due(settings).ToArray())
        {
            best = double.NegativeInfinity;
            var chosen = candidates[0];
            var told = new List<string>();
            foreach (var candidate in candidates)
            {
                var value = await JudgeAsync(settings.With(key, candidate, Auto), inner, metric, stop).ConfigureAwait(false);
                told.Add(string.Create(CultureInfo.InvariantCulture, $"{candidate} {value:0.0000}"));
                if (value > best)
                {
                    (best, chosen) = (value, candidate);
                }
            }

            settings.Set(key, chosen, Auto);
            to.WriteLine(Paragraph.Wrap($"  {key}={chosen}, of {string.Join(", ", told)}", 4));
        }

        WarnWhereBaselinesWin(inner, task, settings.Values.Training, best, to);
    }

    /// <summary>Whether anything is to be chosen.</summary>
    public static bool IsNeeded(TrainingOptions training) => training.Model.PriorWindow.Unit == SpanUnit.Auto
        || training.Loss.RecencyHalfLife.Unit == SpanUnit.Auto;

    /// <summary>Settings with the first candidate wherever something is to be chosen: to check what else is in them.</summary>
    internal static ResolvedSettings WithFirstCandidates(ResolvedSettings settings) =>
        Due(settings).ToArray().Aggregate(settings, (all, due) => all.With(due.Key, due.Candidates[0], Auto));

    /// <summary>Whether a run has what was wanted of a setting: the value itself, or any where it was left to be chosen.</summary>
    /// <param name="key">The setting.</param>
    /// <param name="wanted">Its value before the run.</param>
    /// <param name="recorded">Its value in the run.</param>
    public static bool Agrees(string key, string wanted, string recorded) => wanted == recorded
        || (key is Window or HalfLife && wanted == Auto);

    private static IEnumerable<(string Key, IReadOnlyList<string> Candidates)> Due(ResolvedSettings settings)
    {
        if (settings.Values.Training.Model.PriorWindow.Unit == SpanUnit.Auto)
        {
            yield return (Window, Windows);
        }

        if (settings.Values.Training.Loss.RecencyHalfLife.Unit == SpanUnit.Auto)
        {
            yield return (HalfLife, HalfLives);
        }
    }

    /// <summary>The same training by one worker, which repeats to the bit: what is chosen by it does not depend on threads.</summary>
    internal static TrainingOptions AsOneWorker(TrainingOptions options) => options with
    {
        Workers = 1,
        BackupWorkers = 0,
        // bsp refuses a memory, which repeats with one worker
        Consistency = options.Loss.CrossBatchMemory > 0 ? Consistency.Ssp(1) : Consistency.Bsp,
        Prefetch = 0,
        HotRows = 0,
        CheckpointEveryEpochs = 0,
    };

    // A half-life that is still open is none meanwhile.
    private static async Task<double> JudgeAsync(ResolvedSettings settings, RecommenderData inner, string metric, CancellationToken stop)
    {
        var options = settings.Values.Training;
        var outcome = await LocalTraining.RunAsync(
            new TrainingPlan(
                AsOneWorker(options) with
                {
                    EvaluateEveryEpochs = options.Epochs,
                    EvaluateEveryBatches = 0,
                    Patience = 0,
                    Loss = options.Loss with
                    {
                        RecencyHalfLife = options.Loss.RecencyHalfLife.Unit == SpanUnit.Auto
                        ? RecentSpan.All : options.Loss.RecencyHalfLife
                    },
                },
                inner), null, stop).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return outcome.Best!.Masked.Mean(metric);
    }

    private static void WarnWhereBaselinesWin(RecommenderData inner, RankingTask task, TrainingOptions options, double best, TextWriter to)
    {
        var fitter = new BaselineFitter(inner, options.Metric, 1, Environment.ProcessorCount);
        foreach (var kind in new[] { BaselineKind.Popularity, BaselineKind.Ease })
        {
            if (fitter.Fit(kind).Scorer is { } scorer && RankingEvaluator.Evaluate(scorer, task, RankingProtocol.Masked, options.Cutoffs,
                Environment.ProcessorCount).Mean(options.Metric) is var value && value > best)
            {
                to.WriteLine(
                    Paragraph.Wrap(string.Create(CultureInfo.InvariantCulture,
                    $"  note: inside train {kind.InWords()} has {value:0.0000}, more than any of these: it is the better choice for this data."), 4));
            }
        }
    }
}
