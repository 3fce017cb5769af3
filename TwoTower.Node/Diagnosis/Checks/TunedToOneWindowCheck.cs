using System.Globalization;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Display;
using TwoTower.Node.Recipes;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A recipe that keeps up with the best baseline on its own window and with none on the mean
/// of others: it was tuned to one.</summary>
internal sealed class TunedToOneWindowCheck : ICheck
{
    /// <inheritdoc />
    public string Name => "tuned to one window";

    /// <inheritdoc />
    public string Question =>
        "Does the same recipe, trained up to another time and judged on what followed, stand against the best baseline there as it does "
        + "on its own window?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var model = subject.ModelOrSay();
        var metric = subject.CostMetric;
        _ = subject.SettingsOrSay();
        if (subject.UsersOrSay().Length < 2)
        {
            throw new NotLookedException("one user alone has no interval: a difference would prove nothing");
        }

        var windows = subject.WindowsOrSay();
        var kinds = subject.Baselines.All.Where(bar => bar.Result is not null && bar.Fitted.Kind != BaselineKind.Random)
            .Select(bar => bar.Fitted.Kind)
            .Where(kind => windows.All(window => Of(window, kind) is not null)).ToArray();
        var ownBest = kinds.MaxBy(kind => Of(subject, kind)!.Mean(metric));
        var own = PairedDifference.Of(model.Masked, Of(subject, ownBest)!, metric).Difference;
        var best = kinds.MaxBy(kind => windows.Average(window => Of(window, kind)!.Mean(metric)));
        var loss = Bootstrap.MeanOfMeans(
            [.. windows.Select(window => Of(window, best)!.PerUser(metric)
            .Zip(window.Model!.Masked.PerUser(metric), (bar, towers) => bar - towers).ToArray())]);
        if (!(own.High >= 0) || !(loss.Low > 0))
        {
            return null; // where it is behind on its own window too, the bars say so
        }

        var ahead = windows.Count(window => window.Model!.Masked.Mean(metric) > Of(window, best)!.Mean(metric));
        return new Finding(
            Name,
            string.Create(CultureInfo.InvariantCulture,
                $"The recipe {(own.Low > 0 ? "is above" : "keeps up with")} {ownBest.InWords()} on its own window and is below {best.InWords()} on the mean of {ChangeTrials.Names(windows)}, ahead on {ahead} of {windows.Count}: it was tuned to one window."),
            [
                new Evidence($"masked {metric} on its own window", model.Masked.Mean(metric),
                    $"{ownBest.InWords()} {Four(Of(subject, ownBest)!.Mean(metric))}, "
                    + $"difference {DifferenceText.Signed(own.Value)} {DifferenceText.Range(own)}"),
                .. windows.Select(window => new Evidence($"masked {metric} on window {window.Window}", window.Model!.Masked.Mean(metric),
                    $"{best.InWords()} {Four(Of(window, best)!.Mean(metric))}")),
            ],
            Advice.Only($"Choose on several windows and count recency in events, not in days. '{Command(subject, windows[0])}' shows it."))
        {
            RecallCost = new Cost(metric, loss, $"{best.InWords()} minus the same recipe, mean of {ChangeTrials.Names(windows)}"),
            Severity = Severity.Harmful,
        };
    }

    private static RankingResult? Of(DiagnosisSubject subject, BaselineKind kind) =>
        subject.Baselines.All.FirstOrDefault(bar => bar.Fitted.Kind == kind)?.Result?.Masked;

    private static string Four(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Command(DiagnosisSubject subject, DiagnosisSubject window)
    {
        var settings = subject.Settings!;
        var given = SettingCatalogue.All.Where(setting => setting.Key != RollingWindows.Key && settings.IsGiven(setting.Key))
            .Select(setting => $" --set {setting.Key}={setting.Read(settings.Values)}");
        var recipe = RecipeReader.BuiltIn.Contains(settings.Recipe) ? settings.Recipe : $"{settings.Recipe}.json";
        return $"twotower train --recipe {recipe}{string.Concat(given)} {RollingWindows.Flag} {window.Window!.Split('/')[^1]}";
    }
}
