using TwoTower.Actors.Hosting;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Losses;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Simulation.Sizing;

/// <summary>A run with numerics off: the same actors send the same messages of the same sizes, and no row has a value. For
/// sizes that no machine here holds.</summary>
/// <remarks>What is not modelled: metrics (all are 0, so nothing stops early), the staleness of rows (that of pushes, in versions and
/// clocks, is measured), and the parameters in the message that brings metrics to the trainer.</remarks>
internal sealed class SizedRun : ITrainingRun
{
    private readonly AccessPattern _users;
    private readonly AccessPattern _items;
    private long _births;

    /// <summary>Prepares a run.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="model">The sizes.</param>
    /// <param name="progress">Receives events, or null.</param>
    /// <exception cref="WorldException">They cannot be together.</exception>
    public SizedRun(TrainingOptions options, SizedModel model, IProgress<TrainingEvent>? progress = null)
    {
        model.Check(options);
        if ((options.Loss.Refusal ?? options.Loss.RefusalFor(model.Users, model.Items)
            ?? (options.Loss.RanksSnapshots ? "Where rows are only counted nothing can be ranked; take another loss.sampling than ranked."
                : null)) is { } refusal)
        {
            throw new WorldException(refusal);
        }

        var none = new IdCatalogue([]);
        var log = InteractionLog.Empty;
        var data = new RecommenderData
        {
            Name = "sizes",
            Fingerprint = string.Empty,
            Users = none,
            Items = none,
            Train = log,
            Validation = log,
            Test = log,
            Split = new SplitReport(SplitKind.Prepared, "none", 0, null, null, null, null, null, []),
        };
        Plan = new TrainingPlan(options with { Patience = 0, EvaluateEveryEpochs = options.Epochs, EvaluateEveryBatches = 0 }, data);
        Progress = progress;
        Epochs = new EpochPlan(model.Examples, options);
        var layout = TableLayout.Create(PartitionerKind.Modulo, options.Shards, []);
        Layout = new ParameterLayout(layout, layout);
        Hot = new HotRows(new HotSet([], 0), new HotSet([], 0), 0);
        _users = new AccessPattern(model.Users, new Zipf(model.Users, model.UserSkew), 0, 0, options, 0);
        var shared = options.Loss.Kind == LossKind.FullSoftmax ? model.Items : SharedNegatives.CountOf(options.Loss);
        _items = new AccessPattern(model.Items, new Zipf(model.Items, model.ItemSkew), BatchBuilder.NegativesOf(options.Loss), shared,
            options, 1);
        var optimizer = RowOptimizer.Create(options.Optimizer);
        CountedTable Table(ShardId shard, long rows, int width) =>
            new(SizedModel.RowsOn(shard.Value, rows, options.Shards), width,
                (long)optimizer.Slots * optimizer.SlotWidth(width) * sizeof(float));
        ShardBlueprint = new ShardBlueprint(
            options, Layout, new LearningRateSchedule(options.Optimizer, Epochs.StepsPerEpoch, Epochs.TotalSteps),
            new PopularityBuckets([]), new PopularityBuckets([]),
            Tables: shard => (Table(shard, model.Users, options.Model.UserWidth), Table(shard, model.Items, options.Model.ItemWidth)));
    }

    /// <inheritdoc />
    public TrainingOptions Options => Plan.Options;

    /// <inheritdoc />
    public TrainingPlan Plan { get; }

    /// <inheritdoc />
    public EpochPlan Epochs { get; }

    /// <inheritdoc />
    public ParameterLayout Layout { get; }

    /// <inheritdoc />
    public HotRows Hot { get; }

    /// <inheritdoc />
    public ShardBlueprint ShardBlueprint { get; }

    /// <inheritdoc />
    public int ValidationUsers => 0;

    /// <inheritdoc />
    public IProgress<TrainingEvent>? Progress { get; }

    /// <inheritdoc />
    public TaskCompletionSource<TrainingOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    public long NextBirth() => ++_births;

    /// <inheritdoc />
    public WorkerTools Tools(bool shared) => new(null, new NoGradient(), () => new WorkerSlot(
        new CountedBatchTable(_users, Options.Model.UserWidth), new CountedBatchTable(_items, Options.Model.ItemWidth), Options.Shards,
        Options.PushPrecision), shared);

    /// <inheritdoc />
    public EvaluationReport Score(ModelSnapshot snapshot, double epoch)
    {
        RankingResult Nobody(RankingProtocol protocol) =>
            new(protocol, [], new Dictionary<string, double[]> { [Options.Metric] = [] }, new SortedDictionary<int, double>());
        return new EvaluationReport(epoch, snapshot.Step, Nobody(RankingProtocol.Masked), Nobody(RankingProtocol.Raw), 0);
    }

    /// <inheritdoc />
    public TwoTowerEmbeddings ToEmbeddings(ModelSnapshot snapshot) =>
        EmbeddingTower.ToEmbeddings(Options.Model, snapshot.Users, snapshot.Items);

    /// <inheritdoc />
    public RankedNegatives Rank(ModelSnapshot snapshot) => throw new NotSupportedException("Rows that are only counted cannot be ranked.");

    /// <inheritdoc />
    public EvaluationReport? RestoredBest() => null;

    /// <summary>Computes nothing; the time that a gradient takes is the world's to say.</summary>
    private sealed class NoGradient : IGradientKernel
    {
        public KernelTimes Times { get; } = new();

        public BatchLoss Compute(BatchPlan plan, ReadOnlySpan<float> users, ReadOnlySpan<float> items, Span<float> userGradient,
            Span<float> itemGradient) => default;

        public void Dispose()
        {
        }
    }
}
