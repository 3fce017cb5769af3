namespace TwoTower.Model.Data;

/// <summary>Raw ratings as compact columns, as a source gives them: before positives are chosen and before
/// any split. Twenty bytes a row.</summary>
internal sealed class RatingTable
{
    private readonly ChunkedColumn<int> _users;
    private readonly ChunkedColumn<int> _items;
    private readonly ChunkedColumn<float> _ratings;
    private readonly ChunkedColumn<long> _timestamps;

    internal RatingTable(
        IdCatalogue users, IdCatalogue items,
        ChunkedColumn<int> userColumn, ChunkedColumn<int> itemColumn, ChunkedColumn<float> ratingColumn,
        ChunkedColumn<long> timestampColumn)
    {
        Users = users;
        Items = items;
        _users = userColumn;
        _items = itemColumn;
        _ratings = ratingColumn;
        _timestamps = timestampColumn;
    }

    /// <summary>Short name for people.</summary>
    public required string Name { get; init; }

    /// <summary>What the source was recognised as.</summary>
    public required string Format { get; init; }

    /// <summary>Every user that appears, numeric ids ascending if all are numeric, else in ordinal order.</summary>
    public IdCatalogue Users { get; }

    /// <summary>Every item that appears, in the same kind of order.</summary>
    public IdCatalogue Items { get; }

    /// <summary>Titles by raw item id; empty when the source has none.</summary>
    public required IReadOnlyDictionary<string, string> Titles { get; init; }

    /// <summary>Lines or rows that did not parse and were skipped; always 0 unless reading was lenient.</summary>
    public required long BadLines { get; init; }

    /// <summary>Whether the source has times.</summary>
    public bool HasTimes { get; init; } = true;

    /// <summary>What was odd about the source, one sentence each.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Number of ratings.</summary>
    public int Count => _users.Count;

    /// <summary>User index of a row, in [0, <see cref="Users"/>.Count).</summary>
    public int UserAt(int row) => _users[row];

    /// <summary>Item index of a row, in [0, <see cref="Items"/>.Count).</summary>
    public int ItemAt(int row) => _items[row];

    /// <summary>Rating of a row: finite, not negative.</summary>
    public float RatingAt(int row) => _ratings[row];

    /// <summary>Unix time of a row in seconds; 0 stands for unknown.</summary>
    public long TimestampAt(int row) => _timestamps[row];

    /// <summary>Gives every row its number, from 1, for a time.</summary>
    internal void TakeOrderForTime()
    {
        for (var row = 0; row < Count; row++)
        {
            _timestamps[row] = row + 1;
        }
    }
}
