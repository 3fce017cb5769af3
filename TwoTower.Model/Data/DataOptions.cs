namespace TwoTower.Model.Data;

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

    /// <summary>Share of all ratings, the earliest ones, that is train under a global split; in (0, 1).</summary>
    public double TrainShare { get; init; } = 0.8;

    /// <summary>Share of all ratings that is validation under a global split; the rest is test; in (0, 1), and under 1 together with
    /// <see cref="TrainShare"/>.</summary>
    public double ValidationShare { get; init; } = 0.1;

    /// <summary>Train positives that a user needs to be evaluated; null means 5, or 0 for a prepared folder, whose author has chosen the users.</summary>
    public int? MinimumTrainHistory { get; init; }

    /// <summary>Skip and count lines that do not parse instead of refusing the source.</summary>
    public bool Lenient { get; init; }

    /// <summary>Rating of every row of a source without a rating column (a file of positives: being in it is the rating); null makes the column required.</summary>
    public float? RatingIfAbsent { get; init; }

    /// <summary>Column names of a CSV or parquet source.</summary>
    public ColumnNames Columns { get; init; } = new();

    /// <exception cref="DataException">A setting is impossible.</exception>
    internal void Verify()
    {
        if (!(TrainShare > 0 && ValidationShare > 0 && TrainShare + ValidationShare < 1))
        {
            throw new DataException(
                $"The train share {TrainShare} and the validation share {ValidationShare} must both be above 0 and add up to less than 1: the rest is test.");
        }

        if (!double.IsFinite(PositiveThreshold))
        {
            throw new DataException($"The threshold for positives must be a finite number, not {PositiveThreshold}.");
        }

        if (MinimumTrainHistory < 0)
        {
            throw new DataException($"The minimum train history must be 0 or more, not {MinimumTrainHistory}.");
        }
    }
}
