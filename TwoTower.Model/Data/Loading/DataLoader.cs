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
