using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A temperature that leaves unit vectors too little room, or so much that one negative takes the whole gradient.</summary>
internal sealed class TemperatureCheck : ICheck
{
    /// <summary>Share of the range that popularity needs under which a temperature is too high. Somewhat under 1: the rarest and the most
    /// popular items may share a little.</summary>
    private const double LeastRoom = 0.75;

    /// <summary>Effective negatives under which one takes it all.</summary>
    private const double LeastEffective = 2;

    /// <summary>An in-batch softmax with fewer distinct negatives than this has few whatever its temperature.</summary>
    private const double FewNegatives = 20;

    /// <inheritdoc />
    public string Name => "temperature";

    /// <inheritdoc />
    public string Question =>
        "Does the temperature give unit vectors room for what they have to say, and more than one negative to learn from?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var options = subject.SettingsOrSay().Training;
        var (loss, model) = (subject.LossOrSay(), options.Model);
        if (!model.Normalise)
        {
            return null; // lengths are free: the vectors choose their own temperature
        }

        var set = subject.Train();
        var popularity = ScoreRange.PopularityRange(set, null);
        if (NegativeStrength.Of(subject.EmbeddingsForTrainOrSay(), set, loss, options.BatchSize, options.Seed,
            options.Epochs - 1) is not { } strength)
        {
            throw new NotLookedException("no train example has a negative, or every user has seen every item");
        }

        // A bias or a prior says popularity without the vectors.
        var needed = model.ItemBias || model.PriorStrength > 0 ? 0 : PopularityAsked(loss) * popularity;
        var range = ScoreRange.Of(loss.Temperature);
        var isLow = loss.IsSoftmax && strength.Negatives >= FewNegatives && strength.Effective < LeastEffective;
        if (range >= LeastRoom * needed && !isLow)
        {
            return null;
        }

        var better = ScoreRange.TemperatureFor(Math.Max(popularity, 2));
        var floor = ScoreRange.SoftmaxFloor(strength.Negatives, loss.Temperature);
        return new Finding(
            Name,
            isLow
                ? FormattableString.Invariant(
                    $"The temperature {loss.Temperature:0.####} is too low: of {strength.Negatives:0} negatives an example learns ")
                    + FormattableString.Invariant($"from {strength.Effective:0.0}.")
                : FormattableString.Invariant(
                    $"The temperature {loss.Temperature:0.####} is too high for unit vectors: their scores span {range:0.0} logits, and ")
                    + FormattableString.Invariant($"differences of popularity alone need {needed:0.0}."),
            [
                new Evidence("logits that unit vectors span, 2/T", range,
                    FormattableString.Invariant($"nine tenths of the items differ by {popularity:0.0} in log popularity")),
                new Evidence("least loss that vectors can reach", floor, subject.History is { LossByEpoch: [.., var last] }
                    ? FormattableString.Invariant($"the last epoch's is {last:0.0000}") : null),
                .. WeakNegativesCheck.EffectiveOf(loss, strength),
            ],
            new Advice(
                isLow ? "Raise it until several negatives count; where scores must hold popularity, no further than 2/T covers it."
                    : "Lower it, give popularity as a fixed term (model.priorStrength), or leave vectors unnormalised.",
                [("loss.temperature", FormattableString.Invariant($"{better}"))]))
        {
            Severity = Severity.Harmful,
            Plots = [Plot(loss, popularity)],
        };
    }

    /// <summary>How much of log popularity the loss drives scores to have: λ of a softmax; of pairs all
    /// that the sampler does not draw by.</summary>
    private static double PopularityAsked(LossOptions loss) => loss switch
    {
        { Kind: LossKind.FullSoftmax } => 1,
        { Kind: LossKind.SampledSoftmax, Sampling: not NegativeSampling.Popularity } => 1,
        { Kind: not LossKind.Bpr } => Math.Clamp(loss.LogQ, 0, 1),
        { Sampling: NegativeSampling.Popularity } => Math.Clamp(1 - loss.PopularityAlpha, 0, 1),
        _ => 1,
    };

    private static Chart Plot(LossOptions loss, double popularity) =>
        new("temperature", "Room of unit vectors by temperature", "temperature", "logits",
        [
            new ChartSeries("2/T", [.. new[] { 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2 }.Append(loss.Temperature).Distinct().Order()
                .Select(t => new ChartPoint(t, ScoreRange.Of(t)))]),
            new ChartSeries("here", [new ChartPoint(loss.Temperature, ScoreRange.Of(loss.Temperature))]),
        ])
        {
            Reference = popularity,
            YFrom = 0,
            Caption = "The dashed line is what nine tenths of the items differ by in log popularity.",
        };
}
