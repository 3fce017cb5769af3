using TwoTower.Model.Evaluation;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;

namespace TwoTower.Actors.Options;

/// <summary>What a batch size counts.</summary>
public enum BatchScope
{
    /// <summary>Each worker's batch: more workers make larger steps under BSP.</summary>
    Worker,

    /// <summary>The batches of a clock together: they are divided over the workers, and under BSP a mean loss (BPR) trains the same
    /// model with any number of them.</summary>
    Clock,
}

/// <summary>How rows are divided over shards.</summary>
public enum PartitionerKind
{
    /// <summary>Consecutive rows together.</summary>
    Range,

    /// <summary>Row modulo shards.</summary>
    Modulo,

    /// <summary>A hash of the row, modulo shards.</summary>
    Hash,

    /// <summary>Greedy by train frequency, so that shards are accessed equally often.</summary>
    Balanced,
}

/// <summary>Everything that decides a training run besides the data.</summary>
public sealed record TrainingOptions
{
    /// <summary>The model.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>The loss.</summary>
    public LossOptions Loss { get; init; } = new();

    /// <summary>The optimizer.</summary>
    public OptimizerOptions Optimizer { get; init; } = new();

    /// <summary>Worker actors.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Parameter shards.</summary>
    public int Shards { get; init; } = 4;

    /// <summary>How rows are divided over shards.</summary>
    public PartitionerKind Partitioner { get; init; } = PartitionerKind.Hash;

    /// <summary>A partitioner of one's own, in place of <see cref="Partitioner"/>; null for none.</summary>
    public IPartitioner? OwnPartitioner { get; init; }

    /// <summary>How far workers may run ahead of each other.</summary>
    public Consistency Consistency { get; init; } = Consistency.Ssp(4);

    /// <summary>Rows per table, by train frequency, of which every worker keeps a read copy; 0 is none.</summary>
    public int HotRows { get; init; }

    /// <summary>Clocks for which a copy of a hot row serves: one that was pulled at clock c is used up to
    /// clock c + this. 0 keeps no copies.</summary>
    public int HotRowsRefresh { get; init; }

    /// <summary>The consistency that leases are given under. A copy that may be R clocks old has missed pushes for R clocks longer, so
    /// workers must stay R clocks closer together for <see cref="Consistency"/> to hold for what they read.</summary>
    public Consistency LeaseConsistency => HotRows > 0 && HotRowsRefresh > 0 && Consistency.Bound is { } bound
        ? Consistency with { Bound = bound - HotRowsRefresh } : Consistency;

    /// <summary>Whether copies could be older than <see cref="Consistency"/> allows.</summary>
    public bool CopiesBreakBound => HotRows > 0 && Consistency.Bound is { } bound && HotRowsRefresh > bound;

    /// <summary>What is wrong when <see cref="CopiesBreakBound"/>.</summary>
    public string CopiesRefusal =>
        $"train.hotRowsRefresh is {HotRowsRefresh}, but under {Consistency} nothing that is read may be older "
            + $"than {Consistency.Bound} clocks; lower it or loosen train.consistency.";

    /// <summary>What shards do about stale gradients.</summary>
    public StalenessPolicyOptions StalenessPolicy { get; init; } = new();

    /// <summary>How late updates are shown to workers, on top of all that makes them late anyway.</summary>
    public StalenessInjection StalenessInjection { get; init; } = StalenessInjection.None;

    /// <summary>Under bsp: workers beyond those whose gradients make a round. A round has <see cref="Workers"/> less this many batches and
    /// is closed by the first so many gradients; late batches are computed again in a later round (Chen et al. 2016, "Revisiting
    /// distributed synchronous SGD").</summary>
    public int BackupWorkers { get; init; }

    /// <summary>Why these options about staleness cannot be together; null when they can.</summary>
    public string? StalenessRefusal => this switch
    {
        _ when Consistency.Updates > Workers =>
            $"{Consistency} makes {Consistency.Updates} updates of one push by each of {Workers} workers; take softsync:{Workers} or "
            + $"less, or raise train.workers.",
        _ when Loss.CrossBatchMemory > 0 && Consistency.Kind == ConsistencyKind.Bsp =>
            "loss.crossBatchMemory keeps what each worker has computed, so a model depends on which worker computed which batch, and bsp "
                + "promises that it does not; take train.consistency=ssp:1 (with one worker, or in simulate, that repeats too), or "
                + "loss.mixedNegatives.",
        _ when BackupWorkers < 0 || BackupWorkers >= Workers =>
            $"train.backupWorkers must lie between 0 and one less than train.workers ({Workers}).",
        _ when BackupWorkers > 0 && Consistency.Kind != ConsistencyKind.Bsp =>
            $"train.backupWorkers are for bsp: under {Consistency} no round waits for anybody. Set train.backupWorkers to 0.",
        _ when HotRows > 0 && Consistency.Rule is not null =>
            $"{Consistency} sets the bound at each clock, which copies that serve for several clocks cannot keep; set train.hotRows to 0.",
        _ when HotRows > 0 && StalenessPolicy.ComparesRows =>
            $"train.stalenessPolicy {StalenessPolicy} needs to know what a worker has read, and a shard does not see what is read from "
                + $"copies; set train.hotRows to 0.",
        _ => null,
    };

    /// <summary>What rows are rounded to when a worker pulls them.</summary>
    public RowPrecision PullPrecision { get; init; }

    /// <summary>What gradients are rounded to when a worker pushes them.</summary>
    public RowPrecision PushPrecision { get; init; }

    /// <summary>Batches a worker pulls ahead of the one it computes; counts as staleness.</summary>
    public int Prefetch { get; init; }

    /// <summary>Examples per batch.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>Whether every worker's batch has <see cref="BatchSize"/> examples, or those of all workers together.</summary>
    public BatchScope BatchPer { get; init; } = BatchScope.Worker;

    /// <summary>Passes over the train positives.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Seed of initial values, shuffles and negatives.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Epochs between two evaluations (ignored when <see cref="EvaluateEveryBatches"/> is set).</summary>
    public int EvaluateEveryEpochs { get; init; } = 1;

    /// <summary>Batches between two evaluations; 0 evaluates by epochs.</summary>
    public int EvaluateEveryBatches { get; init; }

    /// <summary>Ranking cut-offs K.</summary>
    public IReadOnlyList<int> Cutoffs { get; init; } = [10, 50, 100];

    /// <summary>The validation metric that decides which model is best, under <see cref="Protocol"/>.</summary>
    public string Metric { get; init; } = "recall@10";

    /// <summary>Whether the deciding metric is measured with seen items left out of the ranking, or as some evaluations do it with them in
    /// it. Both are always measured.</summary>
    public RankingProtocol Protocol { get; init; } = RankingProtocol.Masked;

    /// <summary>Evaluations without improvement after which training stops; 0 never stops early.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>What counts as an improvement of <see cref="Metric"/>.</summary>
    public double MinDelta { get; init; }

    /// <summary>Seconds after which a lease that is not completed is given to another worker.</summary>
    public double LeaseSeconds { get; init; } = 60;

    /// <summary>What an acknowledged push survives.</summary>
    public Durability Durability { get; init; } = Durability.None;

    /// <summary>Whether pushes are acknowledged while fewer servers are there than <see cref="Durability"/> wants copies.</summary>
    public WhenCopiesLack WhenCopiesLack { get; init; } = WhenCopiesLack.GoOn;

    /// <summary>Seconds that an acknowledgement waits at most for the checkpoint that covers it to begin.</summary>
    public double FlushSeconds { get; init; } = 0.5;

    /// <summary>Seconds after which an unanswered message is sent again.</summary>
    public double RetrySeconds { get; init; } = 10;

    /// <summary>Seconds that all workers may take to join before training has begun; then the run ends and says
    /// who is missing. 0 waits for ever.</summary>
    public double StartWithinSeconds { get; init; } = 600;

    /// <summary>Epochs between two checkpoints; 0 saves only at the end and when stopped.</summary>
    public int CheckpointEveryEpochs { get; init; } = 1;

    /// <summary>Batches that one worker has leased and not completed at most. Under bsp a worker may have to compute a whole round by
    /// itself, when the others are lost; elsewhere it pushes as much as it pulls.</summary>
    public int BatchesOnTheWay => Math.Max(2 * (1 + Prefetch), Consistency.Kind == ConsistencyKind.Bsp ? Workers + Prefetch + 1 : 0);
}
