using TwoTower.Actors.Options;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Losses;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Actors.Hosting;

/// <summary>Everything the actors of one run share, made once from a plan.</summary>
internal sealed class TrainingRun : ITrainingRun
{
    private readonly TrainingPlan _plan;
    private readonly EpochOrder _order;
    private readonly RankingTask _validation;
    private readonly float[]? _prior;
    private long _births;

    /// <summary>Prepares a run.</summary>
    /// <param name="plan">Options, data and checkpoints.</param>
    /// <param name="progress">Receives events, or null.</param>
    /// <exception cref="TrainingException">The options do not fit each other, the data or the checkpoint.</exception>
    public TrainingRun(TrainingPlan plan, IProgress<TrainingEvent>? progress = null)
    {
        _plan = plan;
        Progress = progress;
        var options = plan.Options;
        Check(options, plan);
        Board = progress is null ? null : new ShardBoard(options.Shards);
        Set = new TrainingSet(plan.Data.Users.Count, plan.Data.Items.Count, plan.Data.Train, options.Loss.RecencyHalfLife);
        Towers = TowersOf(options, plan);
        CheckHistories(options);
        CheckResume(options, plan);
        CheckViews(options);
        var prior = ItemPrior.Of(options.Model, Set);
        _prior = prior?.Logits;
        TellPrior(options.Model, prior);
        _order = new EpochOrder(plan.Data.Train.Count, options.Seed);
        _validation = RankingTask.Validation(plan.Data);
        Epochs = new EpochPlan(plan.Data.Train.Count, options);
        var (users, items) = (Towers.Users.Frequencies(Set.UserCounts, Epochs.BatchesPerEpoch),
            Towers.Items.Frequencies(Set.ItemCounts, Epochs.BatchesPerEpoch, Towers.Histories?.Occurrences(Set.Items)));
        Layout = new ParameterLayout(LayoutOf(options, users), LayoutOf(options, items));
        Hot = new HotRows(new HotSet(users, options.HotRows), new HotSet(items, options.HotRows), options.HotRowsRefresh);
        ShardBlueprint = new ShardBlueprint(
            options, Layout, new LearningRateSchedule(options.Optimizer, Epochs.StepsPerEpoch, Epochs.TotalSteps),
            new PopularityBuckets(users), new PopularityBuckets(items),
            plan.Resume?.Step ?? 0, Restore(plan.Resume, "user"), Restore(plan.Resume, "item"), Towers: Towers);
    }

    /// <summary>The settings.</summary>
    public TrainingOptions Options => _plan.Options;

    /// <summary>The options, data and checkpoints.</summary>
    public TrainingPlan Plan => _plan;

    /// <summary>The train positives with counts and weights.</summary>
    public TrainingSet Set { get; }

    /// <summary>What the rows of both tables are.</summary>
    public TowerLayouts Towers { get; }

    /// <summary>How the run is cut into batches.</summary>
    public EpochPlan Epochs { get; }

    /// <summary>Which rows lie where.</summary>
    public ParameterLayout Layout { get; }

    /// <summary>Which rows workers keep copies of.</summary>
    public HotRows Hot { get; }

    /// <summary>What every shard is made from.</summary>
    public ShardBlueprint ShardBlueprint { get; }

    /// <inheritdoc />
    public ShardBoard? Board { get; }

    /// <summary>Receives events, or null.</summary>
    public IProgress<TrainingEvent>? Progress { get; }

    /// <summary>Is told the end.</summary>
    public TaskCompletionSource<TrainingOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <inheritdoc />
    public ProtocolProbe Probe { get; init; } = ProtocolProbe.None;

    /// <summary>Users that an evaluation ranks for.</summary>
    public int ValidationUsers => _validation.Users.Length;

    /// <summary>Numbers the lives of workers.</summary>
    public long NextBirth() => Interlocked.Increment(ref _births);

    /// <summary>Tools for one worker, or for all that share a thread.</summary>
    /// <param name="shared">Whether they are shared.</param>
    public WorkerTools Tools(bool shared) => new(
        new BatchBuilder(Set, Options.Loss, _order, Options.Seed, Towers),
        GradientKernel.Create(Options.Model, Options.Loss, Set, Options.BatchSize, Towers),
        () => new WorkerSlot(Options, Layout, Towers), shared);

    /// <summary>Computes one batch from initial values and throws it away. What a process loads and compiles for its first batch (libtorch
    /// above all, a second or more) is there before others wait for that batch.</summary>
    public void Rehearse()
    {
        using var tools = Tools(shared: false);
        var plan = tools.TakeSlot().Plan;
        tools.Builder!.Build(0, 0, (int)Math.Min(Options.BatchSize, Set.Log.Count), plan);
        var users = InitialRows(plan.UserRows.AsSpan(0, plan.UserRowCount), Towers.Users);
        var items = InitialRows(plan.ItemRows.AsSpan(0, plan.ItemRowCount), Towers.Items);
        tools.Kernel.Compute(plan, users, items, new float[users.Length], new float[items.Length]);
    }

    /// <summary>The vectors that score, made from raw parameters.</summary>
    public TwoTowerEmbeddings ToEmbeddings(ModelSnapshot snapshot)
    {
        var temperature = Towers.Items.TemperatureIn(snapshot.Items) ?? Options.Loss.Temperature;
        return EmbeddingTower.ToEmbeddings(Options.Model, snapshot.Users, snapshot.Items, ItemPrior.Scores(_prior, temperature), Towers);
    }

    /// <summary>Ranks a snapshot for every user, for negatives to be drawn from.</summary>
    public RankedNegatives Rank(ModelSnapshot snapshot) =>
        RankedNegatives.Of(snapshot.Step, ToEmbeddings(snapshot), Set, Options.Loss.RankingDepth, Environment.ProcessorCount);

    /// <summary>Scores a snapshot on validation.</summary>
    public EvaluationReport Score(ModelSnapshot snapshot, double epoch)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var scorer = new DotProductScorer(ToEmbeddings(snapshot));
        var (masked, raw) = RankingEvaluator.EvaluateBoth(scorer, _validation, Options.Cutoffs, Environment.ProcessorCount);
        return new EvaluationReport(epoch, snapshot.Step, masked, raw, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>The checkpoint's best snapshot, scored again, or null.</summary>
    public EvaluationReport? RestoredBest()
    {
        if (_plan.Resume is not { BestTensors: { } best } resume)
        {
            return null;
        }

        var step = resume.Evaluations.MaxBy(evaluation => evaluation.Value).Step;
        return Score(new ModelSnapshot(step, best["user"], best["item"]), (double)step / Epochs.BatchesPerEpoch);
    }

    private static TableLayout LayoutOf(TrainingOptions options, int[] frequencies)
    {
        try
        {
            return options.OwnPartitioner is { } own
                ? TableLayout.Create(own, options.Shards, frequencies)
                : TableLayout.Create(options.Partitioner, options.Shards, frequencies);
        }
        catch (ArgumentException misfit)
        {
            throw new TrainingException(misfit.Message, misfit);
        }
    }

    private static float[] InitialRows(ReadOnlySpan<int> rows, TowerLayout tower)
    {
        var values = new float[rows.Length * tower.Width];
        for (var n = 0; n < rows.Length; n++)
        {
            tower.Initialise(values.AsSpan(n * tower.Width, tower.Width), rows[n]);
        }

        return values;
    }

    private static TableImage? Restore(TrainingCheckpoint? resume, string table) => resume is null
        ? null
        : new TableImage(
            resume.Tensors[table],
            [.. resume.Tensors.Where(tensor => tensor.Key.StartsWith($"{table}/slot", StringComparison.Ordinal))
                .OrderBy(tensor => tensor.Key, StringComparer.Ordinal).Select(tensor => tensor.Value)],
            resume.RowSteps[table]);

    private static void Check(TrainingOptions options, TrainingPlan plan)
    {
        Require(options.Workers >= 1, "train.workers must be at least 1.");
        Require(options.Shards >= 1, "train.shards must be at least 1.");
        Require(options.BatchSize >= 1, "train.batchSize must be at least 1.");
        Require(options.Epochs >= 1, "train.epochs must be at least 1.");
        Require(options.StalenessRefusal is null, options.StalenessRefusal ?? string.Empty);
        Require(options.Loss.Refusal is null, options.Loss.Refusal ?? string.Empty);
        var misfit = options.Loss.RefusalFor(plan.Data.Users.Count, plan.Data.Items.Count);
        Require(misfit is null, misfit ?? string.Empty);
        Require(options.Prefetch >= 0, "train.prefetch must not be negative.");
        Require(options.HotRows >= 0 && options.HotRowsRefresh >= 0, "train.hotRows and train.hotRowsRefresh must not be negative.");
        Require(!options.CopiesBreakBound, options.CopiesRefusal);
        Require(plan.Data.Train.Count >= options.BatchSize,
            $"There are {plan.Data.Train.Count} train positives, fewer than one batch of {options.BatchSize}; lower train.batchSize.");
        Require(options.Cutoffs.All(k => k >= 1 && k <= plan.Data.Items.Count),
            $"Every K of evaluate.cutoffs must lie between 1 and the catalogue's {plan.Data.Items.Count} items.");
    }

    private static TowerLayouts TowersOf(TrainingOptions options, TrainingPlan plan)
    {
        try
        {
            return TowerLayouts.Of(options.Model, plan.Data, options.Seed, options.Loss);
        }
        catch (ArgumentException misfit)
        {
            throw new TrainingException(misfit.Message, misfit);
        }
    }

    private void CheckResume(TrainingOptions options, TrainingPlan plan)
    {
        if (plan.Resume is { } resume)
        {
            Require(resume.Tensors["user"].Length == Towers.Users.Rows * options.Model.UserWidth
                && resume.Tensors["item"].Length == Towers.Items.Rows * options.Model.ItemWidth,
                "The checkpoint's tables have other sizes than the data and model; resume with the data it was made from.");
        }
    }

    /// <summary>A tower that reads histories has nothing to learn from examples without one, and whoever trains it
    /// has to know how many those are.</summary>
    private void CheckHistories(TrainingOptions options)
    {
        if (Towers.Histories is not { } histories)
        {
            return;
        }

        var (gap, with) = (options.Model.History.SessionGap, histories.ExamplesWithHistory());
        Require(with > 0,
            FormattableString.Invariant(
            $"No train positive comes more than model.historySessionGap {gap} seconds after another of its user, so ")
            + FormattableString.Invariant(
            $"model.userTower={options.Model.UserTower} has no history to learn from; lower the gap, or take model.userTower=none."));
        Progress?.Report(new TrainingEvent.Notice(FormattableString.Invariant(
            $"{(double)with / Set.Log.Count:0.0%} of the train positives have a history; the others are of their users' first session ")
                + FormattableString.Invariant($"(model.historySessionGap {gap} seconds).")));
    }

    private void TellPrior(ModelOptions model, ItemPrior? prior)
    {
        if (prior is not null && model.PriorFit != PriorFit.Off)
        {
            var (weights, whose) = (prior.Weights, model.PriorFit == PriorFit.Returning ? "visits of users who returned" : "visits");
            Progress?.Report(new TrainingEvent.Notice(FormattableString.Invariant(
                $"The prior is {weights}, as fits {weights.Visits:#,0} {whose} best, all inside train (model.priorFit).")));
        }
    }

    /// <summary>Injected staleness needs a view of both tables for every worker.</summary>
    private void CheckViews(TrainingOptions options)
    {
        var (users, items) = ((long)Towers.Users.Rows, (long)Towers.Items.Rows);
        var bytes = StalenessInjection.BytesOfViews(options.Workers, users + items,
            (users * options.Model.UserWidth) + (items * options.Model.ItemWidth));
        var there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Require(!options.StalenessInjection.IsOn || bytes <= there / 2,
            $"train.stalenessInjection keeps a copy of every row for each of {options.Workers} workers: {bytes / 1e9:0.0} GB, more than "
                + $"half of the {there / 1e9:0.0} GB there are. Take fewer workers, a smaller model.dim, or none.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new TrainingException(message);
        }
    }
}
