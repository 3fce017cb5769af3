namespace TwoTower.Model.Data;

/// <summary>Collects rows from any reader, refuses or counts bad ones, and finishes as a <see cref="RatingTable"/>.</summary>
internal sealed class RatingTableBuilder(bool lenient)
{
    private const int NamedBadLines = 3;

    // A unix time in seconds stays below 10^11 until the year 5138, so a larger one is in a finer unit.
    private const long LargestSeconds = 100_000_000_000;
    private static readonly string[] s_unitNames = ["seconds", "milliseconds", "microseconds", "nanoseconds"];
    private readonly IdInterner _userIds = new();
    private readonly IdInterner _itemIds = new();
    private readonly ChunkedColumn<int> _users = new();
    private readonly ChunkedColumn<int> _items = new();
    private readonly ChunkedColumn<float> _ratings = new();
    private readonly ChunkedColumn<long> _timestamps = new();
    private readonly List<string> _warnings = [];
    private long _badLines;
    private string _file = string.Empty;
    private string _place = "line";
    private long _divisor;
    private long _firstTimed;

    public int Count => _users.Count;

    public IdInterner Users => _userIds;

    public IdInterner Items => _itemIds;

    public Dictionary<string, string> Titles { get; } = new(StringComparer.Ordinal);

    /// <summary>Begins a file: its times have one unit, which the first row that has a time decides.</summary>
    /// <param name="file">Its name for messages.</param>
    /// <param name="place">What its numbers count: "line" or "row".</param>
    public void BeginFile(string file, string place) => (_file, _place, _divisor) = (file, place, 0);

    /// <summary>Adds a row of the file that was begun. The caller has interned the ids.</summary>
    /// <exception cref="DataException">Its time has another unit than those of the rows before.</exception>
    public void Add(int user, int item, float rating, long timestamp, long number)
    {
        if (timestamp != 0)
        {
            timestamp = ToSeconds(timestamp, number);
        }

        _users.Add(user);
        _items.Add(item);
        _ratings.Add(rating);
        _timestamps.Add(timestamp);
    }

    /// <summary>Skips and counts a bad line when lenient, else refuses the whole source.</summary>
    /// <exception cref="DataException">Reading is strict.</exception>
    public void Reject(long number, string expected, string found)
    {
        var sentence = $"{_file}, {_place} {number}: expected {expected}, found {found}";
        if (!lenient)
        {
            throw new DataException($"{sentence} (--lenient skips and counts such lines).");
        }

        _badLines++;
        if (_badLines <= NamedBadLines)
        {
            _warnings.Add($"Skipped {sentence}.");
        }
    }

    /// <exception cref="DataException">There is no usable row.</exception>
    public RatingTable Complete(string name, string format)
    {
        if (Count == 0)
        {
            throw new DataException(_badLines == 0
                ? $"{name} has no ratings: it was recognised as {format} but holds no data row."
                : $"{name} has no usable rating: all {_badLines} data lines were bad, the first one being: {_warnings[0]}");
        }

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

    // One unit for a file, whatever stands in one row: dividing every row by what one row needs would move all the others to 1970.
    private long ToSeconds(long timestamp, long number)
    {
        var divisor = DivisorOf(timestamp);
        if (divisor != _divisor)
        {
            if (_divisor != 0)
            {
                throw new DataException(
                    $"{_file} mixes units of time: {_place} {number} has {timestamp}, which is in {NameOf(divisor)}, but {_place} {_firstTimed} is in {NameOf(_divisor)}; a file must keep to one.");
            }

            (_divisor, _firstTimed) = (divisor, number);
            if (divisor > 1)
            {
                _warnings.Add($"Timestamps of {_file} are in {NameOf(divisor)} and were divided by {divisor}.");
            }
        }

        return timestamp / divisor;
    }

    private static long DivisorOf(long timestamp)
    {
        long divisor = 1;
        while (timestamp / divisor >= LargestSeconds && divisor < 1_000_000_000)
        {
            divisor *= 1000;
        }

        return divisor;
    }

    private static string NameOf(long divisor) => s_unitNames[(int)Math.Round(Math.Log10(divisor) / 3)];
}
