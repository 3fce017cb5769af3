using TwoTower.Model.Data.Reading;
using TwoTower.Model.Data.Synthetic;

namespace TwoTower.Model.Data.Loading;

/// <summary>What users did in the source, whatever part of a split it went to: for users whom a split leaves without train positives, so
/// that no vector was learned for them.</summary>
internal sealed class SourceHistories
{
    private readonly RatingTable _table;
    private readonly double _positiveThreshold;
    private readonly int[] _itemIndex;

    /// <summary>Reads the source again.</summary>
    /// <param name="options">Where and how, as the data was loaded.</param>
    /// <param name="items">The catalogue that a model ranks.</param>
    /// <exception cref="DataException">The source cannot be read.</exception>
    public SourceHistories(DataOptions options, IdCatalogue items)
    {
        _table = options.Path is { } path ? RatingSource.Read(path, options)
            : SyntheticData.Create(SyntheticProfile.Named(options.Profile), options.Seed);
        _positiveThreshold = options.PositiveThreshold;
        _itemIndex = [.. _table.Items.RawIds.Select(id => items.TryGetIndex(id, out var index) ? index : -1)];
    }

    /// <summary>Every user of the source.</summary>
    public IdCatalogue Users => _table.Users;

    /// <summary>A user's ratings of items in the catalogue, each item's latest, by item.</summary>
    /// <param name="user">A user of <see cref="Users"/>.</param>
    public IReadOnlyList<RatedItem> Of(int user)
    {
        var latest = new SortedDictionary<int, RatedItem>();
        for (var row = 0; row < _table.Count; row++)
        {
            if (_table.UserAt(row) == user && _itemIndex[_table.ItemAt(row)] is >= 0 and var item
                && (!latest.TryGetValue(item, out var before) || before.Timestamp < _table.TimestampAt(row)
                    || (before.Timestamp == _table.TimestampAt(row) && !before.IsPositive)))
            {
                latest[item] = new RatedItem(item, _table.TimestampAt(row), _table.RatingAt(row) >= (float)_positiveThreshold);
            }
        }

        return [.. latest.Values];
    }
}

/// <summary>A rating of a user.</summary>
/// <param name="Item">Index of the item in the catalogue.</param>
/// <param name="Timestamp">Unix time in seconds.</param>
/// <param name="IsPositive">Whether it counts as positive.</param>
internal readonly record struct RatedItem(int Item, long Timestamp, bool IsPositive);
