namespace TwoTower.Model.Options;

/// <summary>Which loss is minimised.</summary>
public enum LossKind
{
    /// <summary>Bayesian personalised ranking (Rendle et al. 2009).</summary>
    Bpr,

    /// <summary>Sampled softmax whose negatives are the other items of the batch (Yi et al. 2019).</summary>
    InBatchSoftmax,

    /// <summary>Sampled softmax whose negatives are drawn for the whole batch (Bengio and Senécal 2008; Jean et al. 2015).</summary>
    SampledSoftmax,

    /// <summary>Softmax over the whole catalogue: the upper bound that sampling approaches, for small catalogues.</summary>
    FullSoftmax,
}

/// <summary>How negatives are drawn, by example for BPR, for the whole batch for sampled softmax (which draws <see cref="Uniform"/> and
/// <see cref="Unseen"/> alike, since no item is unseen by all users; <see cref="LossOptions.MaskKnownPositives"/>
/// takes those out that a user knows).</summary>
public enum NegativeSampling
{
    /// <summary>Every item alike, the user's own positives included: some negatives are false.</summary>
    Uniform,

    /// <summary>Every item alike that the user has no train positive for.</summary>
    Unseen,

    /// <summary>In proportion to train count to the power <see cref="LossOptions.PopularityAlpha"/>, the
    /// user's own positives left out.</summary>
    Popularity,

    /// <summary>BPR: of <see cref="LossOptions.Candidates"/> unseen items the one that scores highest (Zhang et al. 2013, "Optimizing top-N
    /// collaborative filtering via dynamic negative item sampling").</summary>
    Dynamic,

    /// <summary>BPR: evenly among the <see cref="LossOptions.RankingDepth"/> unseen items that the last snapshot ranks best for the user
    /// (<c>RankedNegatives</c>); before there is a snapshot, like <see cref="Unseen"/>.</summary>
    Ranked,
}

/// <summary>Where the q of in-batch softmax comes from.</summary>
public enum FrequencyEstimate
{
    /// <summary>Counted over all of train.</summary>
    Exact,

    /// <summary>Estimated from the stream of examples so far (Yi et al. 2019, algorithm 2).</summary>
    Streaming,
}

/// <summary>Loss and negatives.</summary>
public sealed record LossOptions
{
    /// <summary>Most negatives per example of BPR.</summary>
    public const int MostBprNegatives = 1000;

    /// <summary>The most items that a snapshot is ranked for, of all users together: 64 MB, what a trainer keeps, and sends to
    /// every worker after each snapshot.</summary>
    public const int MostRankedItems = 1 << 24;

    /// <summary>The largest catalogue of a full softmax: its batches pull, multiply and push every item.</summary>
    public const int MostFullSoftmaxItems = 50_000;

    /// <summary>Which loss.</summary>
    public LossKind Kind { get; init; } = LossKind.InBatchSoftmax;

    /// <summary>A loss of pairs in place of BPR's −log σ; null for none. <see cref="Kind"/> is <see cref="LossKind.Bpr"/> then.</summary>
    public IPairLoss? OwnPairLoss { get; init; }

    /// <summary>Scores are divided by this before the sigmoid or softmax.</summary>
    public double Temperature { get; init; } = 0.2;

    /// <summary>Whether the temperature is learned with everything else, from <see cref="Temperature"/> on
    /// (<see cref="LearnedTemperature"/>).</summary>
    public bool LearnTemperature { get; init; }

    /// <summary>BPR, sampled softmax: L2 penalty λ₊ on the positive's row of every example.</summary>
    public double PositiveDecay { get; init; }

    /// <summary>BPR, sampled softmax: L2 penalty λ₋ on the rows of every example's negatives, their mean.</summary>
    public double NegativeDecay { get; init; }

    /// <summary>BPR: negatives per positive; the loss is their mean. Sampled softmax: negatives per batch.</summary>
    public int Negatives { get; init; } = 1;

    /// <summary>BPR and sampled softmax: how negatives are drawn.</summary>
    public NegativeSampling Sampling { get; init; } = NegativeSampling.Unseen;

    /// <summary>BPR: exponent of <see cref="NegativeSampling.Popularity"/> (0.75 is word2vec's).</summary>
    public double PopularityAlpha { get; init; } = 0.75;

    /// <summary>Softmax: how much of log q is subtracted from every logit, 0 (no correction) to 1 (full).</summary>
    public double LogQ { get; init; } = 1.0;

    /// <summary>In-batch softmax: where q comes from.</summary>
    public FrequencyEstimate QEstimate { get; init; } = FrequencyEstimate.Exact;

    /// <summary>Streaming estimate: the weight of the newest gap, α.</summary>
    public double QRate { get; init; } = 0.05;

    /// <summary>Streaming estimate: buckets that items are hashed into; 0 gives each its own.</summary>
    public int QBuckets { get; init; }

    /// <summary>Softmax: whether the correction takes the positive for what it is, always there, instead of for a draw like the negatives
    /// (Khrylchenko et al. 2025, "Correcting the LogQ correction: revisiting sampled softmax for large-scale retrieval", section 3.3). The
    /// example's own item is then no negative, whatever the masks say.</summary>
    public bool LogQPositive { get; init; }

    /// <summary>Softmax: whether other occurrences of the example's own item are left out of its negatives.</summary>
    public bool MaskDuplicates { get; init; } = true;

    /// <summary>Softmax: whether the user's other train positives are left out of the negatives.</summary>
    public bool MaskKnownPositives { get; init; } = true;

    /// <summary>In-batch softmax: items drawn uniformly from the catalogue for every batch and added to its columns (mixed negative
    /// sampling; Yang et al. 2020).</summary>
    public int MixedNegatives { get; init; }

    /// <summary>In-batch softmax: batches, the last that the worker computed, whose item vectors are columns too
    /// (<see cref="TwoTower.Model.Sampling.CrossBatchMemory"/>); 0 is off.</summary>
    public int CrossBatchMemory { get; init; }

    /// <summary>The epoch, from 1, from which on vectors in memory count: before it the towers move too
    /// fast for old ones to be of use.</summary>
    public int CrossBatchFromEpoch { get; init; } = 1;

    /// <summary>Dynamic sampling: unseen items that are drawn and pulled for every negative.</summary>
    public int Candidates { get; init; } = 5;

    /// <summary>Ranked sampling: of how many of a user's best unseen items a negative is drawn.</summary>
    public int RankingDepth { get; init; } = 500;

    /// <summary>Softmax: distinct items with the highest logits that are kept of every example's negatives; 0 keeps all.</summary>
    public int HardNegatives { get; init; }

    /// <summary>Hard negatives, dynamic and ranked sampling: the epoch, from 1, from which on negatives are chosen by their scores; before
    /// it all count, the first candidate, or any unseen item.</summary>
    public int HardFromEpoch { get; init; } = 1;

    /// <summary>Softmax: the share of the target that is spread evenly over positive and negatives (Szegedy et al. 2016, "Rethinking the
    /// Inception architecture for computer vision", section 7).</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>The age at which an example's weight has halved, counted back from the last train positive; without a limit all weigh
    /// alike. Weights are scaled to mean 1.</summary>
    public RecentSpan RecencyHalfLife { get; init; }

    /// <summary>Whether the loss is a softmax of any kind.</summary>
    public bool IsSoftmax => Kind != LossKind.Bpr;

    /// <summary>Whether every snapshot is ranked for every user, for negatives to be drawn from.</summary>
    public bool RanksSnapshots => Kind == LossKind.Bpr && Sampling == NegativeSampling.Ranked;

    /// <summary>Why these options cannot be together, in a sentence for a person, or null.</summary>
    public string? Refusal => this switch
    {
        { Kind: not LossKind.Bpr, OwnPairLoss: { } own } =>
            $"{own.GetType().Name} is a loss of pairs, which are drawn as for BPR; take LossKind.Bpr.",
        { Kind: LossKind.Bpr, Negatives: > MostBprNegatives } =>
            $"loss.negatives is {Negatives}, and BPR takes at most {MostBprNegatives} per example.",
        { Kind: not LossKind.InBatchSoftmax, MixedNegatives: > 0 } =>
            "loss.mixedNegatives adds to the columns of an in-batch softmax; take loss.kind=softmax, or 0 of them.",
        { Kind: not LossKind.InBatchSoftmax, CrossBatchMemory: > 0 } =>
            "loss.crossBatchMemory adds the items of earlier batches to the columns of an in-batch softmax; take loss.kind=softmax, or 0 of them.",
        { LearnTemperature: true, Temperature: < LearnedTemperature.Least or > LearnedTemperature.Largest } =>
            FormattableString.Invariant(
                $"loss.learnTemperature holds the temperature between {LearnedTemperature.Least} and {LearnedTemperature.Largest}; ")
                + FormattableString.Invariant($"loss.temperature {Temperature} is none to begin with."),
        { Kind: LossKind.InBatchSoftmax or LossKind.FullSoftmax, PositiveDecay: > 0 }
            or { Kind: LossKind.InBatchSoftmax or LossKind.FullSoftmax, NegativeDecay: > 0 } =>
            "loss.positiveDecay and loss.negativeDecay tell positives from drawn negatives, and here every column is both; take "
                + "optimizer.itemDecay, or loss.kind=bpr or sampled-softmax.",
        { Kind: LossKind.Bpr, HardNegatives: > 0 } =>
            "loss.hardNegatives is a softmax's; BPR finds hard negatives with loss.sampling=dynamic.",
        { Kind: LossKind.Bpr, LabelSmoothing: > 0 } => "loss.labelSmoothing is a softmax's; BPR takes 0.",
        { Kind: LossKind.Bpr, Sampling: NegativeSampling.Dynamic } when (long)Negatives * Candidates > MostBprNegatives =>
            $"loss.negatives {Negatives} times loss.candidates {Candidates} is {(long)Negatives * Candidates} items to pull for every "
                + $"example, and BPR takes at most {MostBprNegatives}.",
        { Kind: LossKind.SampledSoftmax, Sampling: NegativeSampling.Dynamic } =>
            "loss.sampling=dynamic chooses by the scores of one user, and a sampled softmax draws for the whole batch; take "
            + "loss.hardNegatives.",
        { Kind: LossKind.SampledSoftmax, Sampling: NegativeSampling.Ranked } =>
            "loss.sampling=ranked draws from the ranking of one user, and a sampled softmax draws for the whole batch; take "
            + "loss.hardNegatives.",
        { Kind: LossKind.Bpr or LossKind.FullSoftmax, LogQPositive: true } =>
            "loss.logQPositive corrects for sampled columns; only loss.kind=softmax and sampled-softmax have any.",
        { Kind: not LossKind.InBatchSoftmax, QEstimate: FrequencyEstimate.Streaming } =>
            "loss.qEstimate=streaming estimates how often items come by in batches; only loss.kind=softmax takes negatives from there.",
        { LogQPositive: true, LabelSmoothing: > 0 } or { LogQPositive: true, HardNegatives: > 0 } =>
            "loss.logQPositive takes the negatives for a sample of the catalogue and the target for one item; it cannot be together with "
                + "loss.hardNegatives or loss.labelSmoothing.",
        _ => null,
    };

    /// <summary>Whether negatives of an epoch are chosen by their scores.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public bool IsHardIn(int epoch) => epoch + 1 >= HardFromEpoch;

    /// <summary>Whether what is in memory counts in an epoch.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    public bool RecallsIn(int epoch) => epoch + 1 >= CrossBatchFromEpoch;

    /// <summary>Why these options do not fit a catalogue, in a sentence for a person, or null.</summary>
    /// <param name="users">Users of the catalogue.</param>
    /// <param name="items">Items of the catalogue.</param>
    public string? RefusalFor(long users, long items) => this switch
    {
        { Kind: LossKind.FullSoftmax } when items > MostFullSoftmaxItems =>
            $"loss.kind=full-softmax makes every item a column of every batch, and takes catalogues of up "
                + $"to {MostFullSoftmaxItems} items; this one has {items}. Take loss.kind=softmax or sampled-softmax.",
        { RanksSnapshots: true } when users * Math.Min(RankingDepth, items) > MostRankedItems =>
            $"loss.sampling=ranked sends loss.rankingDepth {RankingDepth} items for each of {users} users to every "
                + $"worker, {users * Math.Min(RankingDepth, items)} in all, and takes up to {MostRankedItems}; lower the depth, or take "
                + $"loss.sampling=dynamic.",
        _ => null,
    };
}
