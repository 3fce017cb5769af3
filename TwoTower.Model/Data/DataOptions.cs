namespace TwoTower.Model.Data;

/// <summary>Whether validation is trained on.</summary>
public enum Refit
{
    /// <summary>It is not: choices are made on it.</summary>
    No,

    /// <summary>It is, and nothing is judged.</summary>
    Blind,

    /// <summary>It is, and test is judged in its place.</summary>
    Judged,
}

/// <summary>What rows without a rating are: empty ones, those with -1, and those with 0 where ratings are more than 0 and 1.</summary>
public enum MissingRating
{
    /// <summary>Nobody has said it: a source that has such rows is refused.</summary>
    Refuse,

    /// <summary>They are left out.</summary>
    Drop,

    /// <summary>Each is a positive: a like, a purchase or a view that was not rated.</summary>
    Positive,

    /// <summary>-1 and 0 are ratings like any other.</summary>
    Keep,
}

/// <summary>What to load and how to split it.</summary>
public sealed record DataOptions
{
    /// <summary>A file, folder or zip of ratings; null makes synthetic data.</summary>
    public string? Path { get; init; }

    /// <summary>Synthetic profile, "small" or "ml-1m"; only without a <see cref="Path"/>.</summary>
    public string Profile { get; init; } = SyntheticProfile.Small.Name;

    /// <summary>Seed of the synthetic data.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How to split; null means global time, or the split of a prepared folder, which cannot be split another way.</summary>
    public SplitKind? Split { get; init; }

    /// <summary>The lowest rating that counts as positive.</summary>
    public double PositiveThreshold { get; init; } = 4.0;

    /// <summary>Share of all ratings, the earliest ones, that is train under a global split, or of each user's positives
    /// under a random one; in (0, 1).</summary>
    public double TrainShare { get; init; } = 0.8;

    /// <summary>Share of all ratings that is validation under a global split; the rest is test; in (0, 1), and under 1 together with
    /// <see cref="TrainShare"/>.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>A window that takes validation's place, cut from all that is before test; null is the split's own
    /// validation. Needs a split by time.</summary>
    public TimeWindow? Window { get; init; }

    /// <summary>Whether validation is train too, as one trains to deploy when all choices are made, and what is judged then.</summary>
    public Refit Refit { get; init; }

    /// <summary>Train positives that a user needs to be evaluated; null means 5, or 0 for a prepared folder,
    /// whose author has chosen the users.</summary>
    public int? MinimumTrainHistory { get; init; }

    /// <summary>Share of the users with validation positives who are left out of training and judged apart
    /// (<see cref="TwoTower.Model.Data.ColdUsers"/>), in [0, 1); 0 leaves nobody out.</summary>
    public double ColdUsers { get; init; }

    /// <summary>Skip and count lines that do not parse instead of refusing the source.</summary>
    public bool Lenient { get; init; }

    /// <summary>Largest share of rows that lenient reading may skip, in [0, 1].</summary>
    public double LenientShare { get; init; } = 0.05;

    /// <summary>What rows without a rating are.</summary>
    public MissingRating Missing { get; init; }

    /// <summary>How times are written: a unit (seconds, milliseconds, microseconds, nanoseconds, days, order) or a pattern (dd/MM/yyyy
    /// HH:mm, %d/%m/%Y); null finds out, and refuses what can be read in two ways.</summary>
    public string? TimeFormat { get; init; }

    /// <summary>Features of users to read from beside the ratings: some of <c>FeatureNames.OfUsers</c>.</summary>
    public IReadOnlyList<string> UserFeatures { get; init; } = [];

    /// <summary>Features of items to read: some of <c>FeatureNames.OfItems</c>.</summary>
    public IReadOnlyList<string> ItemFeatures { get; init; } = [];

    /// <summary>Column names of a CSV or parquet source.</summary>
    public ColumnNames Columns { get; init; } = new();

    /// <exception cref="DataException">A setting is impossible.</exception>
    internal void Verify()
    {
        if (Split == SplitKind.Random && !(TrainShare is > 0 and < 1))
        {
            throw new DataException($"The train share {TrainShare} of a random split must lie between 0 and 1.");
        }

        if (Split != SplitKind.Random && !(TrainShare > 0 && ValidationShare > 0 && TrainShare + ValidationShare < 1))
        {
            throw new DataException(
                $"The train share {TrainShare} and the validation share {ValidationShare} must both be above 0 and add up to less than 1: "
                    + $"the rest is test.");
        }

        if (!double.IsFinite(PositiveThreshold))
        {
            throw new DataException($"The threshold for positives must be a finite number, not {PositiveThreshold}.");
        }

        if (Window is not null && Split is { } split && !split.IsByTime())
        {
            throw new DataException($"Rolling time windows need a split by time, which {split.InWords()} is not.");
        }

        if (Refit != Refit.No && (Window is not null || !(Split ?? SplitKind.GlobalTime).IsByTime()))
        {
            throw new DataException(
                "A refit trains on train and validation together, up to where test begins: it needs a split by time, and no window.");
        }

        if (MinimumTrainHistory < 0)
        {
            throw new DataException($"The minimum train history must be 0 or more, not {MinimumTrainHistory}.");
        }
    }
}
