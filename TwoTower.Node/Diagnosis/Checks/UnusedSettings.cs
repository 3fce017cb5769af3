using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>When a setting has no effect.</summary>
/// <param name="Key">The setting.</param>
/// <param name="IsUnused">Whether it has none beside these values.</param>
/// <param name="Why">Why, as the end of a sentence.</param>
internal sealed record UnusedSetting(string Key, Func<RunSettings, bool> IsUnused, string Why);

/// <summary>The rules by which settings have no effect.</summary>
internal static class UnusedSettings
{
    /// <summary>All rules. A setting may have several.</summary>
    public static IReadOnlyList<UnusedSetting> Rules { get; } =
    [
        new("loss.negatives", s => Loss(s).Kind is LossKind.InBatchSoftmax or LossKind.FullSoftmax,
            "in-batch and full softmax draw no negatives"),
        new("loss.sampling", s => Loss(s).Kind is LossKind.InBatchSoftmax or LossKind.FullSoftmax,
            "in-batch and full softmax draw no negatives"),
        new("loss.popularityAlpha", s => Loss(s).Kind is LossKind.InBatchSoftmax or LossKind.FullSoftmax || Loss(s)
            .Sampling != NegativeSampling.Popularity, "only loss.sampling=popularity has an exponent"),
        new("loss.candidates", s => Loss(s).Kind != LossKind.Bpr || Loss(s).Sampling != NegativeSampling.Dynamic,
            "only BPR with loss.sampling=dynamic chooses among candidates"),
        new("loss.hardFromEpoch", s => !ChoosesHard(s), "there are no hard negatives to begin with"),
        new("loss.rankingDepth", s => !Loss(s).RanksSnapshots, "only BPR with loss.sampling=ranked draws from rankings"),
        new("loss.hardNegatives", s => Loss(s).HardFromEpoch > s.Training.Epochs, "loss.hardFromEpoch is after the last epoch"),
        new("loss.sampling", s => Loss(s) is { Kind: LossKind.Bpr, Sampling: NegativeSampling.Dynamic or NegativeSampling.Ranked }
            && Loss(s).HardFromEpoch > s.Training.Epochs,
            "loss.hardFromEpoch is after the last epoch, and until then the first candidate, or any unseen item, counts"),
        new("loss.logQ", s => Loss(s).Kind is LossKind.Bpr or LossKind.FullSoftmax,
            "BPR and full softmax have no sampled columns to correct"),
        new("loss.qRate", s => Loss(s).QEstimate != FrequencyEstimate.Streaming, "only loss.qEstimate=streaming has a rate"),
        new("loss.qBuckets", s => Loss(s).QEstimate != FrequencyEstimate.Streaming, "only loss.qEstimate=streaming hashes into buckets"),
        new("loss.qEstimate", s => Loss(s).LogQ == 0, "loss.logQ is 0, so q is not used"),
        new("loss.logQPositive", s => Loss(s).LogQ == 0, "loss.logQ is 0, so nothing is corrected"),
        new("loss.maskDuplicates", s => Loss(s).Kind == LossKind.Bpr, "BPR has no columns to mask"),
        new("loss.maskKnownPositives", s => Loss(s).Kind == LossKind.Bpr,
            "BPR has no columns to mask; loss.sampling=unseen keeps known positives away"),

        new("optimizer.momentum", s => Optimizer(s).Kind != OptimizerKind.Momentum, "only optimizer.kind=momentum has it"),
        new("optimizer.beta1", s => Optimizer(s).Kind != OptimizerKind.Adam, "only optimizer.kind=adam has it"),
        new("optimizer.beta2", s => Optimizer(s).Kind != OptimizerKind.Adam, "only optimizer.kind=adam has it"),
        new("optimizer.rmsDecay", s => Optimizer(s).Kind != OptimizerKind.RmsProp, "only optimizer.kind=rmsprop has it"),
        new("optimizer.epsilon", s => Optimizer(s).Kind is OptimizerKind.Sgd or OptimizerKind.Momentum,
            "sgd and momentum divide by nothing"),
        new("optimizer.decayEveryEpochs", s => Optimizer(s).Schedule != ScheduleKind.StepDecay,
            "only optimizer.schedule=step decays by epochs"),
        new("optimizer.decayEveryEpochs", s => Optimizer(s).Schedule == ScheduleKind.StepDecay && Optimizer(s)
            .DecayEveryEpochs >= s.Training.Epochs, "the first decay would come after the last epoch"),
        new("optimizer.decayFactor", s => Optimizer(s).Schedule != ScheduleKind.StepDecay, "only optimizer.schedule=step has a factor"),
        new("optimizer.finalShare", s => Optimizer(s).Schedule != ScheduleKind.Cosine, "only optimizer.schedule=cosine has a floor"),
        new("optimizer.weightDecay", s => Optimizer(s) is { UserDecay: not null, ItemDecay: not null },
            "both tables have a decay of their own"),

        new("model.priorWindow", s => s.Training.Model.PriorStrength == 0, "model.priorStrength is 0, so there is no prior"),
        new("model.priorSmoothing", s => s.Training.Model.PriorStrength == 0, "model.priorStrength is 0, so there is no prior"),
        new("model.priorSteps", s => s.Training.Model.PriorStrength == 0, "model.priorStrength is 0, so there is no prior"),
        new("model.priorFit", s => s.Training.Model.PriorStrength == 0, "model.priorStrength is 0, so there is no prior"),
        new("model.featureCombine", s => s.Data.UserFeatures.Count + s.Data.ItemFeatures.Count == 0, "there are no features to combine"),
        new("model.userTower", s => HasIdleDropout(s.Training.Model.UserTower), "it has a dropout of 0, which leaves everything as it is"),
        .. new[] { "Length", "Table", "HalfLife", "HalfLifeDays", "Attention", "SessionGap" }.Select(part =>
            new UnusedSetting($"model.history{part}", s => s.Training.Model.UserTower.Input == UserInput.Id,
            "only model.userTower=history and history+id read a history")),
        new("model.itemTower", s => HasIdleDropout(s.Training.Model.ItemTower), "it has a dropout of 0, which leaves everything as it is"),

        new("train.hotRowsRefresh", s => s.Training.HotRows == 0, "train.hotRows is 0, so nothing is copied"),
        new("train.flushSeconds", s => s.Training.Durability == Durability.None, "train.durability is none, so nothing is flushed"),
        new("train.whenCopiesLack", s => s.Training.Durability.Replicas == 0, "only train.durability=replica:R keeps copies"),
        new("train.stalenessPolicy", s => s.Training.Consistency.Kind == ConsistencyKind.Bsp && !s.Training.StalenessInjection.IsOn,
            "under bsp nothing is stale"),

        new("evaluate.minDelta", s => s.Training.Patience == 0, "evaluate.patience is 0, so nothing stops early"),
        new("evaluate.everyEpochs", s => s.Training.EvaluateEveryBatches > 0, "evaluate.everyBatches is set and goes first"),

        new("data.profile", s => s.Data.Path is not null, "data.path is given, so no data is made"),
        new("data.seed", s => s.Data.Path is not null, "data.path is given, so no data is made"),
        new("data.trainShare", s => s.Data.Split == SplitKind.LeaveLastOut, "leave-last-out has no shares"),
        new("data.validationShare", s => s.Data.Split is SplitKind.LeaveLastOut or SplitKind.Random,
            "leave-last-out has no shares, and in a random split all that is not train is validation"),
    ];

    private static LossOptions Loss(RunSettings settings) => settings.Training.Loss;

    private static OptimizerOptions Optimizer(RunSettings settings) => settings.Training.Optimizer;

    private static bool ChoosesHard(RunSettings settings) => Loss(settings).HardNegatives > 0
        || Loss(settings) is { Kind: LossKind.Bpr, Sampling: NegativeSampling.Dynamic or NegativeSampling.Ranked };

    private static bool HasIdleDropout(TowerSpec tower) => tower.Layers.Any(layer => layer is TowerLayer.Dropout { Share: 0 });
}
