using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Diagnosis;

/// <summary>What is looked at. Parts are null when they do not exist: bare data has no settings, no embeddings, no history.</summary>
internal sealed record DiagnosisSubject
{
    /// <summary>What it is, for people: "the run in runs/a", "recipe seed-bpr on ml-1m".</summary>
    public required string Title { get; init; }

    /// <summary>The data.</summary>
    public required RecommenderData Data { get; init; }

    /// <summary>Validation, with the cut-offs of this diagnosis.</summary>
    public required JudgedTasks Tasks { get; init; }

    /// <summary>The bars, on the same users under the same mask.</summary>
    public required Baselines Baselines { get; init; }

    /// <summary>The settings of the training.</summary>
    public ResolvedSettings? Settings { get; init; }

    /// <summary>The embeddings that are judged: those of the best evaluation.</summary>
    public TwoTowerEmbeddings? Embeddings { get; init; }

    /// <summary>Their metrics, masked and raw, user by user.</summary>
    public Judged? Model { get; init; }

    /// <summary>How the training went.</summary>
    public TrainingHistory? History { get; init; }

    /// <summary>Reads the training's last state; null when there is none.</summary>
    public Func<TrainingCheckpoint>? ReadCheckpoint { get; init; }

    /// <summary>Which window of another subject's data this is, such as <c>2/3</c>; null for a subject itself.</summary>
    public string? Window { get; init; }

    /// <summary>The same settings on windows of the same data whose time is not that of the subject's validation, the earliest first; each
    /// with its own bars and, where its training succeeded, its own model.</summary>
    public IReadOnlyList<DiagnosisSubject> Windows { get; init; } = [];

    /// <summary>Why there are no windows, or not all: the end of a sentence that begins "not looked,
    /// because"; null when all are there.</summary>
    public string? WhyNoWindows { get; init; }

    /// <summary>The epoch that validation chose beside the one that an inner split chooses; null when that was not tried.</summary>
    public EpochChoice? EpochChoice { get; init; }

    /// <summary>Why it was not tried: the end of a sentence that begins "not looked, because".</summary>
    public string? WhyNoEpochChoice { get; init; }

    /// <summary>The metric in which costs are counted: recall@10, or at the first cut-off of a catalogue that has no ten items.</summary>
    public string CostMetric => $"recall@{CostCutoff}";

    /// <summary>K of <see cref="CostMetric"/>.</summary>
    public int CostCutoff => Tasks.Cutoffs.Contains(10) ? 10 : Tasks.Cutoffs[0];

    /// <summary>The embeddings.</summary>
    /// <exception cref="NotLookedException">There are none.</exception>
    public TwoTowerEmbeddings EmbeddingsOrSay() => Embeddings
        ?? throw new NotLookedException("there is no model: give a run's folder or a --recipe");

    /// <summary>The loss as it was at the end of training: with the temperature that was learned, if one was.</summary>
    /// <exception cref="NotLookedException">There are no settings.</exception>
    public LossOptions LossOrSay()
    {
        var loss = SettingsOrSay().Training.Loss;
        return loss with { Temperature = Embeddings?.TemperatureUnder(loss) ?? loss.Temperature };
    }

    /// <summary>The embeddings, to score train positives by.</summary>
    /// <exception cref="NotLookedException">There are none; or users' vectors are made from their train positives, the last ones too, which
    /// no example of training sees of itself.</exception>
    public TwoTowerEmbeddings EmbeddingsForTrainOrSay() => Embeddings?.ItemHistories is null
        ? EmbeddingsOrSay()
        : throw new NotLookedException(
            "users' vectors are made from their train positives (model.userTower), so how these score says nothing of what was learned");

    /// <summary>The model's metrics.</summary>
    /// <exception cref="NotLookedException">There are none.</exception>
    public Judged ModelOrSay() => Model ?? throw new NotLookedException("there is no model: give a run's folder or a --recipe");

    /// <summary>The settings' values.</summary>
    /// <exception cref="NotLookedException">There are none.</exception>
    public RunSettings SettingsOrSay() => Settings?.Values
        ?? throw new NotLookedException("there are no settings: give a run's folder or a --recipe");

    /// <summary>The history.</summary>
    /// <exception cref="NotLookedException">There is none.</exception>
    public TrainingHistory HistoryOrSay() => History
        ?? throw new NotLookedException("there is no training: give a run's folder or a --recipe");

    /// <summary>The windows that have a model and the metric of costs.</summary>
    /// <exception cref="NotLookedException">There are none.</exception>
    public IReadOnlyList<DiagnosisSubject> WindowsOrSay() => JudgedWindows is { Count: > 0 } judged
        ? judged : throw new NotLookedException(WhyNoWindows ?? "no windows were tried");

    /// <summary>The windows that have a model and the metric of costs.</summary>
    public IReadOnlyList<DiagnosisSubject> JudgedWindows =>
        [.. Windows.Where(window => window.Model is { } model && model.Masked.Users.Length > 0 && model.Masked.Metrics.Contains(CostMetric,
        StringComparer.Ordinal))];

    /// <summary>The users who are evaluated.</summary>
    /// <exception cref="NotLookedException">There are none.</exception>
    public int[] UsersOrSay() => Tasks.Validation.Users is { Length: > 0 } users
        ? users : throw new NotLookedException("nobody is evaluated: no validation positive is new to its user and in the catalogue");

    /// <summary>The train positives with their counts and weights.</summary>
    public TrainingSet Train() =>
        new(Data.Users.Count, Data.Items.Count, Data.Train, Settings?.Values.Training.Loss.RecencyHalfLife ?? RecentSpan.All);

    /// <summary>What every evaluated user would be shown.</summary>
    /// <param name="scorer">By whom.</param>
    /// <param name="protocol">Whether seen items are left out.</param>
    /// <param name="k">Length of the lists.</param>
    public IReadOnlyList<ShownItems> Lists(IItemScorer scorer, RankingProtocol protocol, int k) => RankingEvaluator.Show(
        scorer,
        protocol == RankingProtocol.Masked ? Tasks.Validation
            : new RankingTask(Tasks.Validation.Positives, InteractionMatrix.From(Data.Users.Count, Data.Items.Count)),
        k, Environment.ProcessorCount);
}
