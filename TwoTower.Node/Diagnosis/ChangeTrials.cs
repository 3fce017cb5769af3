using System.Globalization;
using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Diagnosis;

/// <summary>Tries the changes of settings that findings advise: each is trained once on the subject's own split
/// and once on every of its windows.</summary>
/// <param name="subject">The subject.</param>
/// <param name="counterfactuals">Trains; null leaves the trainings out.</param>
/// <param name="say">Is told of the trainings before they begin.</param>
internal sealed class ChangeTrials(DiagnosisSubject subject, ICounterfactuals? counterfactuals, Action<string> say)
{
    private readonly Dictionary<string, (Counterfactual Own, WindowedGain? OverWindows)> _known = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<DiagnosisSubject> _windows = subject.JudgedWindows;

    /// <summary>Says how many trainings there will be, where windows multiply them.</summary>
    public void Announce(IReadOnlyList<Finding> due)
    {
        var changes = due.Where(finding => finding.Advice.Settings.Count > 0)
            .Select(finding => Examination.ChangeText(finding.Advice.Settings)).Distinct(StringComparer.Ordinal).Count();
        if (counterfactuals is not null && subject.Model is not null && changes > 0 && _windows.Count > 0)
        {
            say(string.Create(CultureInfo.InvariantCulture,
                $"To try: {changes} change{(changes == 1 ? string.Empty : "s")} of settings, each here and on {Names(_windows)}: {changes * (1 + _windows.Count)} trainings."));
        }
    }

    /// <summary>A finding with its cost, or with why there is none.</summary>
    public async Task<Finding> MeasureAsync(Finding finding)
    {
        if (finding.Advice.Settings.Count == 0 || subject.Model is not { } model)
        {
            return finding with { WhyNoCost = "no change of settings alone mends it" };
        }

        if (counterfactuals is null)
        {
            return finding with { WhyNoCost = "--quick" };
        }

        var change = Examination.ChangeText(finding.Advice.Settings);
        if (!_known.TryGetValue(change, out var trained))
        {
            say($"Training again with {change} …");
            var own = await counterfactuals.TrainAsync(subject, finding.Advice.Settings).ConfigureAwait(false);
            _known[change] = trained = (own, own.Model is null ? null : await OverWindowsAsync(counterfactuals, finding.Advice.Settings)
                .ConfigureAwait(false));
        }

        return trained.Own.Model is { } mended
            ? finding with
            {
                RecallCost = new Cost(subject.CostMetric, PairedDifference.Of(mended.Masked, model.Masked, subject.CostMetric).Difference,
                    $"trained again with {change}")
                { OverWindows = trained.OverWindows },
            }
            : finding with { WhyNoCost = $"the training with {change} failed: {trained.Own.Failure?.TrimEnd('.') ?? "it left no model"}" };
    }

    /// <summary>Windows in words.</summary>
    internal static string Names(IReadOnlyCollection<DiagnosisSubject> windows) =>
        $"window{(windows.Count == 1 ? string.Empty : "s")} {string.Join(", ", windows.Select(window => window.Window))}";

    private async Task<WindowedGain?> OverWindowsAsync(ICounterfactuals trains, IReadOnlyList<(string Key, string Value)> changes)
    {
        var gains = new List<(string Window, double[] PerUser)>();
        foreach (var window in _windows)
        {
            say($"  on window {window.Window} …");
            var trained = await trains.TrainAsync(window, changes).ConfigureAwait(false);
            if (trained.Model is { } mended)
            {
                gains.Add((window.Window!,
                    [.. mended.Masked.PerUser(subject.CostMetric).Zip(window.Model!.Masked.PerUser(subject.CostMetric), (with, without) =>
                    with - without)]));
            }
            else
            {
                say($"  it failed there: {trained.Failure ?? "it left no model"}");
            }
        }

        return gains.Count == 0
            ? null
            : new WindowedGain([.. gains.Select(gain => gain.Window)], Bootstrap.MeanOfMeans([.. gains.Select(gain => gain.PerUser)]),
                gains.Count(gain => gain.PerUser.Average() > 0));
    }
}
