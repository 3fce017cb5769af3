using TwoTower.Model.Data.Features;
using TwoTower.Model.Data.Reading;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Data.Synthetic;

namespace TwoTower.Model.Data.Loading;

/// <summary>From options to data that is ready for training.</summary>
public static class DataLoader
{
    /// <summary>Reads or makes the ratings, splits them, and verifies that nothing leaks.</summary>
    /// <exception cref="DataException">The source or a setting cannot be used, or train or validation would be
    /// empty; the message says why.</exception>
    public static RecommenderData Load(DataOptions options)
    {
        options.Verify();
        var data = LoadInteractions(options);
        return SideFeatureReader.Add(options.ColdUsers > 0 ? ColdUsers.HoldOut(data, options.ColdUsers, options.Seed) : data, options);
    }

    /// <summary>Splits what the users of a world leave behind, and verifies that nothing leaks.</summary>
    /// <exception cref="DataException">A setting cannot be used, or train or validation would be empty.</exception>
    public static RecommenderData Load(SyntheticWorld world, DataOptions options)
    {
        options.Verify();
        RefusePreparedSplit(options, "synthetic data");
        return RatingSplitter.Split(SyntheticData.Create(world), options);
    }

    /// <summary>Splits ratings that a program has in memory, and verifies that nothing leaks.</summary>
    /// <param name="name">Short name for people.</param>
    /// <param name="ratings">All of them have a time or none; all have a value or none, and then every one is a positive.</param>
    /// <param name="options">Which are positive, and how to split. <see cref="DataOptions.Path"/> is not used.</param>
    /// <exception cref="DataException">A rating or a setting cannot be used, or train or validation would be empty.</exception>
    /// <example><code>
    /// var data = DataLoader.Load("likes", likes.Select(like => new Rating(like.Who, like.What, like.When)), new DataOptions());
    /// </code></example>
    public static RecommenderData Load(string name, IEnumerable<Rating> ratings, DataOptions options)
    {
        options.Verify();
        RefusePreparedSplit(options, "a list of ratings");
        return RatingSplitter.Split(RatingList.ToTable(name, ratings, options), options);
    }

    private static RecommenderData LoadInteractions(DataOptions options)
    {
        if (options.Path is null)
        {
            RefusePreparedSplit(options, "synthetic data");
            return RatingSplitter.Split(SyntheticData.Create(SyntheticProfile.Named(options.Profile), options.Seed), options);
        }

        var (table, prepared) = RatingSource.ReadAny(options.Path, options);
        TitleMatch.Of(prepared?.Table ?? table!).RefuseNone();
        if (prepared is null)
        {
            RefusePreparedSplit(options, options.Path);
            return RatingSplitter.Split(table!, options);
        }

        if (options.Split is not (null or SplitKind.Prepared))
        {
            throw new DataException(
                $"{options.Path} is a prepared folder: it keeps its own split and cannot be split by {options.Split.Value.InWords()}.");
        }

        return RatingSplitter.Take(prepared, options);
    }

    private static void RefusePreparedSplit(DataOptions options, string source)
    {
        if (options.Split == SplitKind.Prepared)
        {
            throw new DataException($"A prepared split needs a folder of train_*, val_* and test_* parquet files, which {source} is not.");
        }
    }
}
