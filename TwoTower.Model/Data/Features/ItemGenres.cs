using TwoTower.Model.Data.Synthetic;

namespace TwoTower.Model.Data.Features;

/// <summary>Genres of items, for people to read: whether or not a model was given them, and without
/// changing the data's fingerprint.</summary>
internal static class ItemGenres
{
    /// <summary>Genres of every item, by index, in the order of their names; null when the source has none, as when it is a single file of
    /// ratings. An item may have none.</summary>
    /// <param name="data">The data.</param>
    /// <param name="options">What it was loaded with.</param>
    /// <exception cref="DataException">The source has a file with genres that cannot be read.</exception>
    public static IReadOnlyList<IReadOnlyList<string>>? Of(RecommenderData data, DataOptions options)
    {
        if (options.Path is null)
        {
            var world = new SyntheticWorld(SyntheticProfile.Named(options.Profile), options.Seed);
            return [.. data.Items.RawIds.Select(id =>
                new[] { SyntheticData.GenreName(world.GenreOf(int.Parse(id, System.Globalization.CultureInfo.InvariantCulture) - 1)) })];
        }

        return SideFeatureReader.ItemValues("genres", data.Items, options);
    }
}
