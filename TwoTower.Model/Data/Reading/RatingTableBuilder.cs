namespace TwoTower.Model.Data;

/// <summary>Collects rows from any reader, refuses or counts bad ones, and finishes as a <see cref="RatingTable"/>.</summary>
internal sealed class RatingTableBuilder(bool lenient)
{
    private const int NamedBadLines = 3;

    // A unix time in seconds stays below 10^11 until the year 5138, so a larger column is in a finer unit.
    private const long LargestSeconds = 100_000_000_000;
    private readonly IdInterner _userIds = new();
    private readonly IdInterner _itemIds = new();
    private readonly ChunkedColumn<int> _users = new();
    private readonly ChunkedColumn<int> _items = new();
    private readonly ChunkedColumn<float> _ratings = new();
    private readonly ChunkedColumn<long> _timestamps = new();
    private readonly List<string> _warnings = [];
    private long _badLines;
    private long _latest;

    public int Count => _users.Count;

    public IdInterner Users => _userIds;

    public IdInterner Items => _itemIds;

    public Dictionary<string, string> Titles { get; } = new(StringComparer.Ordinal);

    /// <summary>Adds a row. The caller has interned the ids.</summary>
    public void Add(int user, int item, float rating, long timestamp)
    {
        _users.Add(user);
        _items.Add(item);
        _ratings.Add(rating);
        _timestamps.Add(timestamp);
        _latest = Math.Max(_latest, timestamp);
    }

    /// <summary>Skips and counts a bad line when lenient, else refuses the whole source.</summary>
    /// <exception cref="DataException">Reading is strict.</exception>
    public void Reject(string file, string unit, long number, string expected, string found)
    {
        var sentence = $"{file}, {unit} {number}: expected {expected}, found {found}";
        if (!lenient)
        {
            throw new DataException($"{sentence} (lenient reading would skip and count such lines).");
        }

        _badLines++;
        if (_badLines <= NamedBadLines)
        {
            _warnings.Add($"Skipped {sentence}.");
        }
    }

    public void Warn(string sentence) => _warnings.Add(sentence);

    /// <exception cref="DataException">There is no usable row.</exception>
    public RatingTable Complete(string name, string format)
    {
        if (Count == 0)
        {
            throw new DataException(_badLines == 0
                ? $"{name} has no ratings: it was recognised as {format} but holds no data row."
                : $"{name} has no usable rating: all {_badLines} data lines were bad, the first one being: {_warnings[0]}");
        }

        ScaleToSeconds();
        if (_badLines > NamedBadLines)
        {
            _warnings.Add($"Skipped {_badLines} bad lines in all; the first {NamedBadLines} are named above.");
        }

        var (users, userIndex) = _userIds.ToCatalogue();
        var (items, itemIndex) = _itemIds.ToCatalogue();
        for (var row = 0; row < Count; row++)
        {
            _users[row] = userIndex[_users[row]];
            _items[row] = itemIndex[_items[row]];
        }

        return new RatingTable(users, items, _users, _items, _ratings, _timestamps)
        {
            Name = name,
            Format = format,
            Titles = Titles,
            BadLines = _badLines,
            Warnings = _warnings,
        };
    }

    private void ScaleToSeconds()
    {
        long divisor = 1;
        while (_latest / divisor >= LargestSeconds)
        {
            divisor *= 1000;
        }

        if (divisor == 1)
        {
            return;
        }

        for (var row = 0; row < Count; row++)
        {
            _timestamps[row] /= divisor;
        }

        _warnings.Add($"Timestamps are too large for seconds and were divided by {divisor}.");
    }
}
