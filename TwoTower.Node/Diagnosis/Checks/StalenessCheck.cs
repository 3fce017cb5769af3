using TwoTower.Model.Optimizers;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Gradients that are computed so late that their row has moved away meanwhile.</summary>
internal sealed class StalenessCheck : ICheck
{
    /// <summary>How far a row may move while its gradient is under way, in units of its initial spread.</summary>
    private const double TooFar = 0.5;

    /// <inheritdoc />
    public string Name => "staleness for the learning rate";

    /// <inheritdoc />
    public string Question => "Do rows stay about where they are while a gradient is under way?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var training = subject.SettingsOrSay().Training;
        var history = subject.HistoryOrSay();
        if (history.P99Staleness == 0 && !training.StalenessInjection.IsOn)
        {
            return null;
        }

        var optimizer = training.Optimizer;
        if (optimizer.Kind is OptimizerKind.Sgd or OptimizerKind.Momentum)
        {
            throw new NotLookedException(
                $"a step of {optimizer.Kind.ToString().ToLowerInvariant()} is as long as its gradient, which is not kept");
        }

        // Normalised steps move a parameter by up to the rate each.
        var (mean, p99) = (history.MeanStaleness * optimizer.LearningRate / training.Model.InitStd,
            history.P99Staleness * optimizer.LearningRate / training.Model.InitStd);
        if (p99 < TooFar)
        {
            return null;
        }

        var changes = new List<(string Key, string Value)> { ("train.consistency", "bsp") };
        if (training.StalenessInjection.IsOn)
        {
            changes.Add(("train.stalenessInjection", "none"));
        }

        if (training.Prefetch > 0)
        {
            changes.Add(("train.prefetch", "0"));
        }

        if (training.HotRows > 0)
        {
            changes.Add(("train.hotRows", "0"));
        }

        return new Finding(
            Name,
            FormattableString.Invariant(
                $"Gradients come late for this learning rate: in the {history.P99Staleness:0} updates that one in a hundred of them ")
                + FormattableString.Invariant($"misses, a row may move by {p99:0.0} times its initial spread."),
            [
                new Evidence("updates that a row had since it was pulled, mean", history.MeanStaleness,
                    FormattableString.Invariant(
                    $"99th percentile {history.P99Staleness:0}, most {history.MaxStaleness:0}; {training.Consistency}")),
                new Evidence("mean staleness times learning rate over initial spread", mean,
                    FormattableString.Invariant($"rate {optimizer.LearningRate:0.####}, spread {training.Model.InitStd:0.###}")),
                new Evidence("the same at the 99th percentile", p99, FormattableString.Invariant($"from {TooFar:0.0} on it is too far")),
            ],
            new Advice("Bound it (train.consistency=bsp or a smaller ssp bound, less prefetch), or lower optimizer.learningRate as "
                + "staleness grows (Zhang et al. 2015).", changes))
        {
            Severity = Severity.Weak,
        };
    }
}
