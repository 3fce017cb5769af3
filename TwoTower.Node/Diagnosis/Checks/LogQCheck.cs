using TwoTower.Model.Diagnosis;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using TwoTower.Node.Plots;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>A log-q correction that is missing, doubled or of the wrong sign, as the finished scores tell it.</summary>
internal sealed class LogQCheck : ICheck
{
    private const double WrongSignBelow = -0.4, MissingBelow = 0.5, DoubleAbove = 1.5;
    private const int Bins = 12;

    /// <inheritdoc />
    public string Name => "log q";

    /// <inheritdoc />
    public string Question =>
        "Do the scores hold the popularity that in-batch sampling takes out, or is the log-q correction missing, doubled or of the wrong sign?";

    /// <inheritdoc />
    public Finding? Look(DiagnosisSubject subject)
    {
        var options = subject.SettingsOrSay().Training;
        var (loss, embeddings) = (subject.LossOrSay(), subject.EmbeddingsForTrainOrSay());
        if (loss.Kind is LossKind.Bpr or LossKind.FullSoftmax || loss is
            {
                Kind: LossKind.SampledSoftmax,
                Sampling: not NegativeSampling.Popularity
            })
        {
            return null; // negatives are not drawn by popularity
        }

        var set = subject.Train();
        if (LogQEstimate.Of(embeddings, set, loss, options.BatchSize, options.Seed) is not { } estimate)
        {
            throw new NotLookedException(
                "every item has the same number of train positives, or no example has a negative: log q is one constant");
        }

        if (estimate.Strength is >= MissingBelow and <= DoubleAbove)
        {
            return null;
        }

        subject.UsersOrSay();
        var corrected = RankingEvaluator.Evaluate(
            new DotProductScorer(estimate.Corrected(embeddings, set, loss.Temperature)), subject.Tasks.Validation, RankingProtocol.Masked,
            [subject.CostCutoff], Environment.ProcessorCount).Mean(subject.CostMetric);
        return new Finding(
            Name,
            Headline(estimate.Strength, loss.LogQ),
            [
                new Evidence("strength of log q that the scores show", estimate.Strength,
                    FormattableString.Invariant(
                    $"± {estimate.StandardError:0.00}; 1 when scores follow log p(item | user); loss.logQ is {loss.LogQ:0.##}")),
                new Evidence("slope of an item's mean score / T on log q", estimate.Slope,
                    FormattableString.Invariant($"correlation {estimate.Correlation:0.00}")),
                new Evidence($"masked {subject.CostMetric} when what is missing is added to the finished scores", corrected,
                    FormattableString.Invariant($"{subject.ModelOrSay().Masked.Mean(subject.CostMetric):0.0000} as they are")),
            ],
            AdviceFor(estimate.Strength, loss, options.Model, set))
        {
            Severity = Severity.Harmful,
            Plots = [Plot(embeddings, set, loss.Temperature)],
        };
    }

    private static string Headline(double strength, double asked) => strength < WrongSignBelow
        ? "log q has the wrong sign: the scores fall as items get more popular than their sampling accounts for, so the tail is ranked "
            + "above the head."
        : strength > DoubleAbove
            ? "log q is doubled: the scores hold popularity more than once, so the head is ranked above what users want."
            : asked < MissingBelow
                ? "Missing log q: in-batch negatives come by as often as they are popular, and without the correction the scores learn to "
                    + "take popularity out of the ranking."
                : FormattableString.Invariant(
                    $"The scores do not hold popularity though loss.logQ is {asked:0.##}: the correction asks for more than they have ")
                    + FormattableString.Invariant($"come to say.");

    private static Advice AdviceFor(double strength, LossOptions loss, ModelOptions model, TrainingSet set)
    {
        if (strength <= DoubleAbove && loss.LogQ >= MissingBelow)
        {
            var needed = loss.LogQ * ScoreRange.PopularityRange(set, ItemPrior.Of(model, set)?.Logits);
            return model.Normalise && ScoreRange.Of(loss.Temperature) < needed && ScoreRange.TemperatureFor(needed) is var fits
                ? new Advice(
                    FormattableString.Invariant(
                    $"Unit vectors at temperature {loss.Temperature:0.###} span {ScoreRange.Of(loss.Temperature):0.0} logits, and ")
                    + FormattableString.Invariant($"popularity needs {needed:0.0}: lower it, or give popularity as model.priorStrength."),
                    [("loss.temperature", FormattableString.Invariant($"{fits}"))])
                : Advice.Only(
                    "Train longer or at a larger rate, or give popularity as a fixed term of the logits (model.priorStrength=1).");
        }

        return strength > DoubleAbove && loss.LogQ <= 1
            ? model.PriorStrength > 1
                ? new Advice("A prior above 1 counts popularity twice; take 1.", [("model.priorStrength", "1")])
                : Advice.Only(
                    "Nothing in the settings doubles it: look whether popularity gets into the scores by another way too (an item bias, a "
                    + "prior, a sampler that is not the one that q is counted for).")
            : new Advice("Subtract log q once from every logit in training, positive and negatives alike, and from none in ranking.",
                [("loss.logQ", "1")]);
    }

    /// <summary>Mean score against log q, both from their means, in bins of equally many items.</summary>
    private static Chart Plot(TwoTowerEmbeddings embeddings, TrainingSet set, double temperature)
    {
        var (scores, logQ) = (LogQEstimate.MeanLogits(embeddings, temperature), ItemFrequencies.LogQ(set));
        var items = Enumerable.Range(0, set.Items).Where(item => set.ItemCounts[item] > 0).OrderBy(item => logQ[item]).ToArray();
        var (meanScore, meanLogQ) = (items.Average(item => scores[item]), items.Average(item => logQ[item]));
        var bins = items.Chunk((items.Length + Bins - 1) / Bins)
            .Select(bin => (X: bin.Average(item => logQ[item]) - meanLogQ, Y: bin.Average(item => scores[item]) - meanScore)).ToArray();
        return new Chart("log-q", "Mean score of an item against its popularity", "log q, from its mean", "mean score / T, from its mean",
        [
            new ChartSeries("the scores", [.. bins.Select(bin => new ChartPoint(bin.X, bin.Y))]),
            new ChartSeries("what log p has", [.. bins.Select(bin => new ChartPoint(bin.X, bin.X))]),
        ])
        {
            Caption = "Items in twelve bins by train popularity. Without log q the line is flat; with it it rises about as popularity "
                + "does, as far as the temperature lets it.",
        };
    }
}
