using System.Globalization;
using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Features;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using static TwoTower.Node.Settings.Setting;

namespace TwoTower.Node.Settings;

/// <summary>Every setting there is. A key that is not here is an error.</summary>
internal static class SettingCatalogue
{
    private const int Most = int.MaxValue;

    private static readonly (string Name, SplitKind? Value)[] s_splits =
        [("auto", null), ("global-time", SplitKind.GlobalTime), ("leave-last-out", SplitKind.LeaveLastOut), ("random", SplitKind.Random),
            ("prepared", SplitKind.Prepared)];

    private static readonly (string Name, OptimizerKind Value)[] s_optimizers =
    [
        ("sgd", OptimizerKind.Sgd), ("momentum", OptimizerKind.Momentum), ("adagrad", OptimizerKind.Adagrad),
        ("rowwise-adagrad", OptimizerKind.RowwiseAdagrad),
        ("rmsprop", OptimizerKind.RmsProp), ("adam", OptimizerKind.Adam),
    ];

    private static readonly (string Name, LossKind Value)[] s_losses =
        [("softmax", LossKind.InBatchSoftmax), ("sampled-softmax", LossKind.SampledSoftmax), ("full-softmax", LossKind.FullSoftmax),
            ("bpr", LossKind.Bpr)];

    private static readonly (string Name, RowPrecision Value)[] s_precisions =
        [("float32", RowPrecision.Float32), ("bfloat16", RowPrecision.BFloat16), ("int8", RowPrecision.Int8)];

    /// <summary>What has taken the place of settings that were, as the end of a sentence.</summary>
    private static readonly Dictionary<string, string> s_renamed = new(StringComparer.OrdinalIgnoreCase)
    {
        ["model.priorDays"] = "model.priorWindow takes days (8d), a share of the train positives (7.8%) or a number of them",
        ["loss.recencyHalfLifeDays"] = "loss.recencyHalfLife takes days (20d), a share of the train positives (33%) or a number of them",
        ["data.windowsBack"] = "windows roll forward: data.window=K/N is the K-th of N",
    };

    /// <summary>The settings, grouped by prefix.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Words("data.path", "a file or folder", "Data to train on; empty makes synthetic data", s => s.Data.Path,
            (s, v) => s with { Data = s.Data with { Path = v } }),
        Choice("data.profile", [.. SyntheticProfile.All.Select(profile => (profile.Name, profile.Name))], "Size of the synthetic data",
            s => s.Data.Profile, (s, v) => s with { Data = s.Data with { Profile = v } }),
        Integer("data.seed", 0, Most, "Seed of the synthetic data", s => s.Data.Seed, (s, v) => s with { Data = s.Data with { Seed = v } }),
        Choice("data.split", s_splits, "How train, validation and test are divided", s => s.Data.Split,
            (s, v) => s with { Data = s.Data with { Split = v } }),
        Number("data.trainShare", 0.001, 0.998,
            "Global time: share of the ratings, earliest first, that is train; random: of each user's positives", s => s.Data.TrainShare,
            (s, v) => s with { Data = s.Data with { TrainShare = v } }),
        Number("data.validationShare", 0.001, 0.998, "Global time: share that is validation; the rest is test", s => s.Data.ValidationShare,
            (s, v) => s with { Data = s.Data with { ValidationShare = v } }),
        new(RollingWindows.Key, "none, or K/N such as 2/6",
            "Validation is the K-th of N windows that roll forward over what is before test; what is later is left out",
            RollingWindows.Read, RollingWindows.Apply),
        Number(RollingWindows.FromKey, 0.01, 0.99, "Windows: share of the ratings before test that are before the first",
            s => s.Windows.From, (s, v) => RollingWindows.With(s, s.Windows with { From = v })),
        Choice(RollingWindows.SpacingKey, [("events", WindowSpacing.Events), ("time", WindowSpacing.Time)],
            "Windows: as many ratings each, or as much time", s => s.Windows.Spacing,
            (s, v) => RollingWindows.With(s, s.Windows with { Spacing = v })),
        new("data.minimumTrainHistory", $"auto, 0 to {Most}",
            "Train positives a user needs to be evaluated; auto is 5, 0 for a prepared split", s => s.Data.MinimumTrainHistory
            ?.ToString(CultureInfo.InvariantCulture) ?? "auto", (s, text) =>
                text.Equals("auto", StringComparison.OrdinalIgnoreCase) ? s with { Data = s.Data with { MinimumTrainHistory = null } }
                : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var v)
                ? s with { Data = s.Data with { MinimumTrainHistory = v } }
                : throw Refused("data.minimumTrainHistory", text, "auto or a whole number from 0 on")),
        Choice("data.refit", [("no", Refit.No), ("blind", Refit.Blind), ("judged", Refit.Judged)],
            "Train on train and validation together; nothing is judged, or test", s => s.Data.Refit,
            (s, v) => s with { Data = s.Data with { Refit = v } }),
        Number("data.positiveThreshold", -1e9, 1e9, "Ratings from this on are positive", s => s.Data.PositiveThreshold,
            (s, v) => s with { Data = s.Data with { PositiveThreshold = v } }),
        Flag("data.lenient", "Skip and count lines that do not parse", s => s.Data.Lenient,
            (s, v) => s with { Data = s.Data with { Lenient = v } }),
        Number("data.lenientShare", 0, 1, "Lenient: largest share of the rows that may be skipped", s => s.Data.LenientShare,
            (s, v) => s with { Data = s.Data with { LenientShare = v } }),
        Choice("data.missing", [("refuse", MissingRating.Refuse), ("drop", MissingRating.Drop), ("positive", MissingRating.Positive),
            ("keep", MissingRating.Keep)],
            "Rows without a rating (empty, NULL, -1, 0 among others): left out, each a positive, or -1 and 0 kept as ratings",
            s => s.Data.Missing, (s, v) => s with { Data = s.Data with { Missing = v } }),
        Words("data.userColumn", "a column", "Column of user ids, by name or by number from 1", s => s.Data.Columns.User,
            (s, v) => s with { Data = s.Data with { Columns = s.Data.Columns with { User = v } } }),
        Words("data.itemColumn", "a column", "Column of item ids, in files of titles too", s => s.Data.Columns.Item,
            (s, v) => s with { Data = s.Data with { Columns = s.Data.Columns with { Item = v } } }),
        Words("data.ratingColumn", "a column, or none", "Column of ratings; without one every row is a positive",
            s => s.Data.Columns.Rating, (s, v) => s with { Data = s.Data with { Columns = s.Data.Columns with { Rating = v } } }),
        Words("data.timestampColumn", "a column, or none", "Column of times; without one the split is random",
            s => s.Data.Columns.Timestamp, (s, v) => s with { Data = s.Data with { Columns = s.Data.Columns with { Timestamp = v } } }),
        Words("data.titleColumn", "a column", "Column of titles in a file of titles", s => s.Data.Columns.Title,
            (s, v) => s with { Data = s.Data with { Columns = s.Data.Columns with { Title = v } } }),
        Words("data.timeFormat", "a unit or a pattern",
            "How times are written: seconds, milliseconds, microseconds, nanoseconds, days, excel, order, dd/MM/yyyy HH:mm, %d/%m/%Y",
            s => s.Data.TimeFormat, (s, v) => s with { Data = s.Data with { TimeFormat = v } }),

        Integer("model.dim", 1, 4096, "Columns of the embeddings", s => s.Training.Model.Dim,
            (s, v) => s.Model(m => m with { Dim = (int)v })),
        Flag("model.normalise", "Divide vectors by their L2 norm", s => s.Training.Model.Normalise,
            (s, v) => s.Model(m => m with { Normalise = v })),
        Flag("model.itemBias", "A learned scalar per item", s => s.Training.Model.ItemBias,
            (s, v) => s.Model(m => m with { ItemBias = v })),
        Tower("model.userTower", "user", s => s.Training.Model.UserTower, (s, v) => s.Model(m => m with { UserTower = v })),
        Integer("model.historyLength", 1, 10_000, "History: a user's last positives that count", s => s.Training.Model.History.Length,
            (s, v) => s.History(h => h with { Length = (int)v })),
        Choice("model.historyTable", [("shared", false), ("separate", true)],
            "History: its items count by the vectors that score them, or by others of their own",
            s => s.Training.Model.History.SeparateTable, (s, v) => s.History(h => h with { SeparateTable = v })),
        Number("model.historyHalfLife", 0, 1e6, "History: positives after which an earlier one counts half; 0 weighs all alike",
            s => s.Training.Model.History.HalfLife, (s, v) => s.History(h => h with { HalfLife = v })),
        Number("model.historyHalfLifeDays", 0, 1e6,
            "History: days before its newest after which a positive counts half; 0 weighs all alike",
            s => s.Training.Model.History.HalfLifeDays, (s, v) => s.History(h => h with { HalfLifeDays = v })),
        Number("model.historyAttention", 0, 1000, "History: how much more an item counts that is like the history's mean; 0 is off",
            s => s.Training.Model.History.Attention, (s, v) => s.History(h => h with { Attention = v })),
        Number("model.historySessionGap", 0, 1e9,
            "History: seconds without a positive after which a session begins; an example's own session is not in its history",
            s => s.Training.Model.History.SessionGap, (s, v) => s.History(h => h with { SessionGap = v })),
        Tower("model.itemTower", "item", s => s.Training.Model.ItemTower, (s, v) => s.Model(m => m with { ItemTower = v })),
        Names("model.userFeatures", FeatureNames.OfUsers, "Features of users that join their embedding", s => s.Data.UserFeatures,
            (s, v) => s with { Data = s.Data with { UserFeatures = v } }),
        Names("model.itemFeatures", FeatureNames.OfItems, "Features of items that join their embedding", s => s.Data.ItemFeatures,
            (s, v) => s with { Data = s.Data with { ItemFeatures = v } }),
        Choice("model.featureCombine", [("sum", FeatureCombine.Sum), ("concat", FeatureCombine.Concat)],
            "Side features are added to the embedding, or stand beside it", s => s.Training.Model.FeatureCombine,
            (s, v) => s.Model(m => m with { FeatureCombine = v })),
        Number("model.priorStrength", 0, 10, "How much an item's log popularity counts as a fixed term of its logit",
            s => s.Training.Model.PriorStrength, (s, v) => s.Model(m => m with { PriorStrength = v })),
        Recent("model.priorWindow", "all", "The latest train positives, which the prior counts", s => s.Training.Model.PriorWindow,
            (s, v) => s.Model(m => m with { PriorWindow = v })),
        Number("model.priorSmoothing", 1e-6, 1e6, "Prior: pseudo-counts per item, spread as all earlier positives are",
            s => s.Training.Model.PriorSmoothing, (s, v) => s.Model(m => m with { PriorSmoothing = v })),
        Integer("model.priorSteps", 1, 4096, "Prior: moments of train at which it is counted anew; 1 gives all examples that of the end",
            s => s.Training.Model.PriorSteps, (s, v) => s.Model(m => m with { PriorSteps = (int)v })),
        Choice("model.priorFit", [("off", PriorFit.Off), ("all", PriorFit.All), ("returning", PriorFit.Returning)],
            "Prior: recent popularity alone, or mixed with all-time popularity as fits what everybody, or users who return, liked next in train", s => s.Training.Model.PriorFit, (s, v) => s.Model(m => m with { PriorFit = v })),
        Number("model.initStd", 0, 100, "Standard deviation of initial values", s => s.Training.Model.InitStd,
            (s, v) => s.Model(m => m with { InitStd = v })),

        Choice("loss.kind", s_losses, "In-batch softmax, sampled or full softmax, or BPR", s => s.Training.Loss.Kind,
            (s, v) => s.Loss(l => l with { Kind = v })),
        Number("loss.temperature", 1e-3, 1000, "Scores are divided by this", s => s.Training.Loss.Temperature,
            (s, v) => s.Loss(l => l with { Temperature = v })),
        Flag("loss.learnTemperature", "The temperature is learned too, from loss.temperature on, between 0.01 and 100",
            s => s.Training.Loss.LearnTemperature, (s, v) => s.Loss(l => l with { LearnTemperature = v })),
        Number("loss.logQ", 0, 2, "Softmax: strength of the log-q correction", s => s.Training.Loss.LogQ,
            (s, v) => s.Loss(l => l with { LogQ = v })),
        Choice("loss.qEstimate", [("exact", FrequencyEstimate.Exact), ("streaming", FrequencyEstimate.Streaming)],
            "In-batch softmax: q counted over train, or estimated from the stream", s => s.Training.Loss.QEstimate,
            (s, v) => s.Loss(l => l with { QEstimate = v })),
        Number("loss.qRate", 1e-6, 1, "Streaming q: weight of an item's newest gap", s => s.Training.Loss.QRate,
            (s, v) => s.Loss(l => l with { QRate = v })),
        Integer("loss.qBuckets", 0, Most, "Streaming q: buckets items are hashed into; 0 gives each its own", s => s.Training.Loss.QBuckets,
            (s, v) => s.Loss(l => l with { QBuckets = (int)v })),
        Flag("loss.logQPositive", "Softmax: the log-q correction takes the positive as certain, not as drawn",
            s => s.Training.Loss.LogQPositive, (s, v) => s.Loss(l => l with { LogQPositive = v })),
        Flag("loss.maskDuplicates", "Softmax: an item is no negative of itself", s => s.Training.Loss.MaskDuplicates,
            (s, v) => s.Loss(l => l with { MaskDuplicates = v })),
        Flag("loss.maskKnownPositives", "Softmax: a user's train positives are no negatives", s => s.Training.Loss.MaskKnownPositives,
            (s, v) => s.Loss(l => l with { MaskKnownPositives = v })),
        Integer("loss.negatives", 1, 65_536, "BPR: negatives per positive; sampled softmax: per batch", s => s.Training.Loss.Negatives,
            (s, v) => s.Loss(l => l with { Negatives = (int)v })),
        Choice("loss.sampling", [("uniform", NegativeSampling.Uniform), ("unseen", NegativeSampling.Unseen),
            ("popularity", NegativeSampling.Popularity), ("dynamic", NegativeSampling.Dynamic), ("ranked", NegativeSampling.Ranked)],
            "BPR, sampled softmax: how negatives are drawn", s => s.Training.Loss.Sampling, (s, v) => s.Loss(l => l with { Sampling = v })),
        Integer("loss.mixedNegatives", 0, 65_536, "In-batch softmax: uniform items added to every batch's columns",
            s => s.Training.Loss.MixedNegatives, (s, v) => s.Loss(l => l with { MixedNegatives = (int)v })),
        Integer("loss.crossBatchMemory", 0, 64,
            "In-batch softmax: a worker's last batches whose item vectors are columns too, without gradient; not under bsp",
            s => s.Training.Loss.CrossBatchMemory, (s, v) => s.Loss(l => l with { CrossBatchMemory = (int)v })),
        Integer("loss.crossBatchFromEpoch", 1, 100_000, "Cross-batch memory: the first epoch in which it counts",
            s => s.Training.Loss.CrossBatchFromEpoch, (s, v) => s.Loss(l => l with { CrossBatchFromEpoch = (int)v })),
        Number("loss.popularityAlpha", 0, 2, "Exponent of popularity sampling", s => s.Training.Loss.PopularityAlpha,
            (s, v) => s.Loss(l => l with { PopularityAlpha = v })),
        Integer("loss.candidates", 1, 1000, "Dynamic sampling: unseen items drawn for each negative; the highest score counts",
            s => s.Training.Loss.Candidates, (s, v) => s.Loss(l => l with { Candidates = (int)v })),
        Integer("loss.rankingDepth", 1, 10_000,
            "Ranked sampling: a user's best unseen items in the last snapshot's ranking, of which each negative is one",
            s => s.Training.Loss.RankingDepth, (s, v) => s.Loss(l => l with { RankingDepth = (int)v })),
        Integer("loss.hardNegatives", 0, 65_536, "Softmax: negatives with the highest logits that are kept; 0 keeps all",
            s => s.Training.Loss.HardNegatives, (s, v) => s.Loss(l => l with { HardNegatives = (int)v })),
        Integer("loss.hardFromEpoch", 1, 100_000, "Hard negatives, dynamic and ranked sampling: the first epoch that has them",
            s => s.Training.Loss.HardFromEpoch, (s, v) => s.Loss(l => l with { HardFromEpoch = (int)v })),
        Number("loss.labelSmoothing", 0, 0.99, "Softmax: share of the target spread over all columns", s => s.Training.Loss.LabelSmoothing,
            (s, v) => s.Loss(l => l with { LabelSmoothing = v })),
        Number("loss.positiveDecay", 0, 100, "BPR, sampled softmax: L2 penalty on the positive of every example",
            s => s.Training.Loss.PositiveDecay, (s, v) => s.Loss(l => l with { PositiveDecay = v })),
        Number("loss.negativeDecay", 0, 100, "BPR, sampled softmax: L2 penalty on an example's negatives, their mean",
            s => s.Training.Loss.NegativeDecay, (s, v) => s.Loss(l => l with { NegativeDecay = v })),
        Recent("loss.recencyHalfLife", "off", "The age at which an example's weight has halved", s => s.Training.Loss.RecencyHalfLife,
            (s, v) => s.Loss(l => l with { RecencyHalfLife = v })),

        Choice("optimizer.kind", s_optimizers, "Update rule", s => s.Training.Optimizer.Kind,
            (s, v) => s.Optimizer(o => o with { Kind = v })),
        Number("optimizer.learningRate", 1e-12, 1e6, "Base learning rate", s => s.Training.Optimizer.LearningRate,
            (s, v) => s.Optimizer(o => o with { LearningRate = v })),
        Number("optimizer.beta1", 0, 0.9999999, "Adam: decay of the first moment", s => s.Training.Optimizer.Beta1,
            (s, v) => s.Optimizer(o => o with { Beta1 = v })),
        Number("optimizer.beta2", 0, 0.9999999, "Adam: decay of the second moment", s => s.Training.Optimizer.Beta2,
            (s, v) => s.Optimizer(o => o with { Beta2 = v })),
        Number("optimizer.momentum", 0, 0.9999999, "Momentum: share of the velocity that is kept", s => s.Training.Optimizer.Momentum,
            (s, v) => s.Optimizer(o => o with { Momentum = v })),
        Number("optimizer.rmsDecay", 0, 0.9999999, "RMSProp: decay of the mean square", s => s.Training.Optimizer.RmsDecay,
            (s, v) => s.Optimizer(o => o with { RmsDecay = v })),
        Number("optimizer.epsilon", 0, 1, "Added to the denominator; 0 takes the rule's own", s => s.Training.Optimizer.Epsilon ?? 0,
            (s, v) => s.Optimizer(o => o with { Epsilon = v > 0 ? v : null })),
        Number("optimizer.weightDecay", 0, 100, "L2 penalty on touched rows; biases, batch norm and temperature have none",
            s => s.Training.Optimizer.WeightDecay, (s, v) => s.Optimizer(o => o with { WeightDecay = v })),
        Decay("optimizer.userDecay", "L2 penalty on touched user rows", s => s.Training.Optimizer.UserDecay,
            (s, v) => s.Optimizer(o => o with { UserDecay = v })),
        Decay("optimizer.itemDecay", "L2 penalty on touched item rows", s => s.Training.Optimizer.ItemDecay,
            (s, v) => s.Optimizer(o => o with { ItemDecay = v })),
        Number("optimizer.maxNorm", 0, 1e9, "Largest L2 norm of a user's, item's or feature's vector after a step; 0 is off",
            s => s.Training.Optimizer.MaxNorm, (s, v) => s.Optimizer(o => o with { MaxNorm = v })),
        Number("optimizer.clipNorm", 0, 1e9, "Largest gradient norm of a push; 0 is off", s => s.Training.Optimizer.ClipNorm,
            (s, v) => s.Optimizer(o => o with { ClipNorm = v })),
        Choice("optimizer.schedule", [("constant", ScheduleKind.Constant), ("step", ScheduleKind.StepDecay),
            ("cosine", ScheduleKind.Cosine)], "How the rate moves after warm-up", s => s.Training.Optimizer.Schedule, (s,
            v) => s.Optimizer(o => o with { Schedule = v })),
        Integer("optimizer.warmupSteps", 0, Most, "Steps of linear warm-up", s => s.Training.Optimizer.WarmupSteps,
            (s, v) => s.Optimizer(o => o with { WarmupSteps = (int)v })),
        Integer("optimizer.decayEveryEpochs", 1, 100_000, "Step decay: epochs between two", s => s.Training.Optimizer.DecayEveryEpochs,
            (s, v) => s.Optimizer(o => o with { DecayEveryEpochs = (int)v })),
        Number("optimizer.decayFactor", 1e-6, 1, "Step decay: the factor", s => s.Training.Optimizer.DecayFactor,
            (s, v) => s.Optimizer(o => o with { DecayFactor = v })),
        Number("optimizer.finalShare", 0, 1, "Cosine: the floor as a share of the base rate", s => s.Training.Optimizer.FinalShare,
            (s, v) => s.Optimizer(o => o with { FinalShare = v })),

        Integer("train.workers", 1, 10_000, "Worker actors; live training takes up to 256", s => s.Training.Workers,
            (s, v) => s.Train(t => t with { Workers = (int)v })),
        Integer("train.shards", 1, 1024, "Parameter shards", s => s.Training.Shards, (s, v) => s.Train(t => t with { Shards = (int)v })),
        Choice("train.partitioner", [("range", PartitionerKind.Range), ("modulo", PartitionerKind.Modulo), ("hash", PartitionerKind.Hash),
            ("balanced", PartitionerKind.Balanced)], "How rows are divided over shards", s => s.Training.Partitioner, (s, v) => s.Train(t =>
            t with { Partitioner = v })),
        Integer("train.hotRows", 0, Most, "Rows per table that every worker keeps a read copy of; 0 is off", s => s.Training.HotRows,
            (s, v) => s.Train(t => t with { HotRows = (int)v })),
        Integer("train.hotRowsRefresh", 0, 1_000_000, "Clocks that such a copy serves; at most the consistency bound",
            s => s.Training.HotRowsRefresh, (s, v) => s.Train(t => t with { HotRowsRefresh = (int)v })),
        new("train.consistency", "bsp, ssp:S, asp, softsync:N", "How far workers may run ahead", s => s.Training.Consistency.ToString(),
            (s, text) =>
                Consistency.TryParse(text, out var v) ? s.Train(t => t with { Consistency = v })
                    : throw Refused("train.consistency", text, "bsp, ssp:S with a whole number S, asp, or softsync:N with N from 1")),
        Integer("train.backupWorkers", 0, 255, "bsp: workers a round need not wait for", s => s.Training.BackupWorkers,
            (s, v) => s.Train(t => t with { BackupWorkers = (int)v })),
        new("train.stalenessPolicy", "none, divide, delay-compensation, drop:N, gap-aware", "What shards do about stale gradients",
            s => s.Training.StalenessPolicy.ToString(), (s, text) =>
                s.Training.StalenessPolicy.TryParse(text, out var v) ? s.Policy(_ => v) : throw Refused("train.stalenessPolicy", text,
                    "none, divide, delay-compensation, drop:N with a whole number N, or gap-aware")),
        Number("train.compensationStrength", 0, 1e6, "Delay compensation: lambda 0", s => s.Training.StalenessPolicy.CompensationStrength,
            (s, v) => s.Policy(p => p with { CompensationStrength = v })),
        Number("train.compensationMemory", 0, 0.9999999, "Delay compensation: decay of the mean square",
            s => s.Training.StalenessPolicy.CompensationMemory, (s, v) => s.Policy(p => p with { CompensationMemory = v })),
        Number("train.gapMemory", 0, 0.9999999, "Gap-aware: decay of the mean squared step", s => s.Training.StalenessPolicy.GapMemory,
            (s, v) => s.Policy(p => p with { GapMemory = v })),
        new("train.stalenessInjection", "none, constant:K, uniform:S, geometric:P", "Iterations by which updates are shown late",
            s => s.Training.StalenessInjection.ToString(), (s, text) =>
                StalenessInjection.TryParse(text, out var v) ? s.Train(t => t with { StalenessInjection = v })
                    : throw Refused("train.stalenessInjection", text,
                    "none, constant:K or uniform:S with a whole number, or geometric:P with P above 0 and at most 1")),
        Choice("train.pullPrecision", s_precisions, "What rows are rounded to on their way to a worker", s => s.Training.PullPrecision,
            (s, v) => s.Train(t => t with { PullPrecision = v })),
        Choice("train.pushPrecision", s_precisions, "What gradients are rounded to on their way to a shard", s => s.Training.PushPrecision,
            (s, v) => s.Train(t => t with { PushPrecision = v })),
        Integer("train.prefetch", 0, 64, "Batches pulled ahead; counts as staleness", s => s.Training.Prefetch,
            (s, v) => s.Train(t => t with { Prefetch = (int)v })),
        Integer("train.batchSize", 1, 1 << 20, "Examples per batch", s => s.Training.BatchSize,
            (s, v) => s.Train(t => t with { BatchSize = (int)v })),
        Choice("train.batchPer", [("worker", BatchScope.Worker), ("clock", BatchScope.Clock)],
            "Whether each worker's batch has that size, or all workers' together", s => s.Training.BatchPer,
            (s, v) => s.Train(t => t with { BatchPer = v })),
        new("train.durability", "none, checkpoint:N, replica:R",
            "What an acknowledged push survives: nothing; a crash of its shard, at a checkpoint every N pushes; or, in a cluster, the "
            + "sudden death of any R servers", s => s.Training.Durability.ToString(), (s, text) =>
                Durability.TryParse(text, out var v) ? s.Train(t => t with { Durability = v })
                    : throw Refused("train.durability", text, "none, checkpoint:N or replica:R with a whole number from 1 on")),
        Choice("train.whenCopiesLack", [("go-on", WhenCopiesLack.GoOn), ("wait", WhenCopiesLack.Wait)],
            "replica:R while fewer than R other servers are there: pushes are acknowledged all the same, and those are lost if the "
            + "servers that hold them die as well; or none is until R hold it, and training pauses", s => s.Training.WhenCopiesLack,
            (s, v) => s.Train(t => t with { WhenCopiesLack = v })),
        Number("train.flushSeconds", 0, 3600, "Seconds that an acknowledgement waits at most for its checkpoint to begin",
            s => s.Training.FlushSeconds, (s, v) => s.Train(t => t with { FlushSeconds = v })),
        Integer("train.epochs", 1, 100_000, "Passes over the train positives", s => s.Training.Epochs,
            (s, v) => s.Train(t => t with { Epochs = (int)v })),
        Integer("train.seed", 0, Most, "Seed of initial values, shuffles and negatives", s => s.Training.Seed,
            (s, v) => s.Train(t => t with { Seed = v })),
        Number("train.leaseSeconds", 1, 86_400, "Seconds until an unfinished batch goes to another worker", s => s.Training.LeaseSeconds,
            (s, v) => s.Train(t => t with { LeaseSeconds = v })),
        Number("train.retrySeconds", 0.01, 3600, "Seconds until an unanswered message is sent again", s => s.Training.RetrySeconds,
            (s, v) => s.Train(t => t with { RetrySeconds = v })),
        Number("train.startWithinSeconds", 0, 604_800,
            "Seconds that workers may take to join before training begins; then the run ends and says who is missing. 0 waits for ever",
            s => s.Training.StartWithinSeconds, (s, v) => s.Train(t => t with { StartWithinSeconds = v })),
        Integer("train.checkpointEveryEpochs", 0, 100_000, "Epochs between checkpoints; 0 saves at the end only",
            s => s.Training.CheckpointEveryEpochs, (s, v) => s.Train(t => t with { CheckpointEveryEpochs = (int)v })),

        Integer("evaluate.everyEpochs", 1, 100_000, "Epochs between evaluations", s => s.Training.EvaluateEveryEpochs,
            (s, v) => s.Train(t => t with { EvaluateEveryEpochs = (int)v })),
        Integer("evaluate.everyBatches", 0, Most, "Batches between evaluations; 0 goes by epochs", s => s.Training.EvaluateEveryBatches,
            (s, v) => s.Train(t => t with { EvaluateEveryBatches = (int)v })),
        new("evaluate.cutoffs", "10,50,100", "The K's", s => string.Join(',', s.Training.Cutoffs), (s, text) =>
        {
            var parts = text.Split(',', StringSplitOptions.TrimEntries);
            return parts.All(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var k) && k > 0)
                ? s.Train(t =>
                    t with { Cutoffs = [.. parts.Select(part => int.Parse(part, CultureInfo.InvariantCulture)).Distinct().Order()] })
                : throw Refused("evaluate.cutoffs", text, "whole numbers from 1 on, with commas between");
        }),
        Words("evaluate.metric", "recall@10 …", "The validation metric that decides", s => s.Training.Metric,
            (s, v) => s.Train(t => t with { Metric = v ?? "recall@10" })),
        Choice("evaluate.protocol", [("masked", RankingProtocol.Masked), ("raw", RankingProtocol.Raw)],
            "Whether the deciding metric leaves seen items out of the ranking, or not", s => s.Training.Protocol,
            (s, v) => s.Train(t => t with { Protocol = v })),
        Integer("evaluate.patience", 0, 100_000, "Evaluations without improvement until the stop; 0 is off", s => s.Training.Patience,
            (s, v) => s.Train(t => t with { Patience = (int)v })),
        Number("evaluate.minDelta", 0, 1, "What counts as an improvement", s => s.Training.MinDelta,
            (s, v) => s.Train(t => t with { MinDelta = v })),
        new("evaluate.baselines", $"all, or {string.Join(", ", BaselineNames.All.Select(kind => kind.Key()))}",
            "Rankings that the model is held against; the first three cost nothing and are always there", s => s.Judging.BaselinesText,
            (s, text) =>
                s.Judging.WithBaselines(text) is { } v ? s with { Judging = v } : throw Refused("evaluate.baselines", text,
                    $"all, or names with commas between: {string.Join(", ", BaselineNames.All.Select(kind => kind.Key()))}")),
        Number("evaluate.coldUsers", 0, 0.9,
            "Share of the evaluated users who are left out of training, folded in from their train positives, and judged apart",
            s => s.Data.ColdUsers, (s, v) => s with { Data = s.Data with { ColdUsers = v } }),
        Flag("evaluate.final", "Compute test metrics too: once, when every choice has been made", s => s.Judging.Final,
            (s, v) => s with { Judging = s.Judging with { Final = v } }),

        .. WorldSettings.All,
    ];

    /// <summary>The setting of a key.</summary>
    /// <exception cref="SettingException">There is none; the message names the nearest.</exception>
    public static Setting Find(string key)
    {
        var found = All.FirstOrDefault(setting => setting.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
        return found ?? throw new SettingException(s_renamed.TryGetValue(key, out var now) ? $"'{key}' is no setting any more; {now}."
            : $"'{key}' is no setting; did you mean '{NearNames.Nearest(key, All.Select(setting => setting.Key))}' ('twotower settings' "
            + $"lists them all)?");
    }

    /// <summary>Key and value of a <c>--set key=value</c>.</summary>
    /// <exception cref="SettingException">It is no such pair.</exception>
    public static (string Key, string Value) Pair(string pair)
    {
        var at = pair.IndexOf('=', StringComparison.Ordinal);
        return at > 0 ? (pair[..at].Trim(), pair[(at + 1)..]) : throw new SettingException($"--set takes key=value, not '{pair}'.");
    }

    /// <summary>A table's own decay, or the common one.</summary>
    private static Setting Decay(string key, string description, Func<RunSettings, double?> read,
        Func<RunSettings, double?, RunSettings> apply) =>
            new(key, "auto, 0 to 100", description + "; auto is optimizer.weightDecay",
                s => read(s)?.ToString("R", CultureInfo.InvariantCulture) ?? "auto", (s, text) =>
                    text.Equals("auto", StringComparison.OrdinalIgnoreCase) ? apply(s, null)
                    : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && v is >= 0 and <= 100
                    ? apply(s, v)
                    : throw Refused(key, text, "auto or a number from 0 to 100"));

    private static Setting Tower(string key, string side, Func<RunSettings, TowerSpec> read,
        Func<RunSettings, TowerSpec, RunSettings> apply) =>
            new(key, $"none, {(side == "user" ? "history, history+id, " : string.Empty)}mlp:256,128, or layers: relu, linear:N, "
                + $"batchnorm, dropout:P with commas between", side == "user"
                ? "Layers between the embedding of a user and its vector; or the user's history in place of an embedding, or beside one"
                : "Layers between the embedding of an item and its vector", s => read(s).ToString(), (s, text) =>
            {
                try
                {
                    return apply(s, TowerSpec.Parse(text));
                }
                catch (FormatException unreadable)
                {
                    throw new SettingException($"{key} cannot be '{text}': {unreadable.Message.TrimEnd('.')}.");
                }
            });

    private static RunSettings Train(this RunSettings s, Func<TrainingOptions, TrainingOptions> change) =>
        s with { Training = change(s.Training) };

    private static RunSettings Model(this RunSettings s, Func<ModelOptions, ModelOptions> change) =>
        s.Train(t => t with { Model = change(t.Model) });

    private static RunSettings History(this RunSettings s, Func<HistoryOptions, HistoryOptions> change) =>
        s.Model(m => m with { History = change(m.History) });

    private static RunSettings Policy(this RunSettings s, Func<StalenessPolicyOptions, StalenessPolicyOptions> change) =>
        s.Train(t => t with { StalenessPolicy = change(t.StalenessPolicy) });

    private static RunSettings Loss(this RunSettings s, Func<LossOptions, LossOptions> change) =>
        s.Train(t => t with { Loss = change(t.Loss) });

    private static RunSettings Optimizer(this RunSettings s, Func<OptimizerOptions, OptimizerOptions> change) =>
        s.Train(t => t with { Optimizer = change(t.Optimizer) });
}
