namespace TwoTower.Model.Data.Reading;

/// <summary>Collects rows of all files of a source, refuses or counts bad ones, and finishes as a <see cref="RatingTable"/>.</summary>
/// <param name="options">How it is read.</param>
/// <param name="isPart">Whether it is a part of what is known, in which every user or item may stand once.</param>
internal sealed class RatingTableBuilder(DataOptions options, bool isPart = false)
{
    private const int NamedBadLines = 3;
    private readonly ChunkedColumn<int> _users = new();
    private readonly ChunkedColumn<int> _items = new();
    private readonly ChunkedColumn<float> _ratings = new();
    private readonly ChunkedColumn<long> _timestamps = new();
    private readonly List<string> _warnings = [];
    private readonly List<string> _badSentences = [];
    private readonly RatingCensus _census = new();
    private readonly TimeCensus _timeCensus = new();
    private long _badLines;
    private bool _hasTimes = true;
    private RatingReader? _reader;

    public int Count => _users.Count;

    public IdInterner Users { get; } = new();

    public IdInterner Items { get; } = new();

    public Dictionary<string, string> Titles { get; } = new(StringComparer.Ordinal);

    /// <summary>Sentences for people, before those about rows.</summary>
    public void Note(string sentence) => _warnings.Add(sentence);

    /// <summary>Begins a file.</summary>
    public void Begin(RatingReader reader) => (_reader, _hasTimes) = (reader, reader.HasTimes);

    /// <summary>Adds a row of the file that was begun. The caller has interned the ids.</summary>
    /// <param name="user">Code of the user.</param>
    /// <param name="item">Code of the item.</param>
    /// <param name="kind">What the rating says.</param>
    /// <param name="rating">It, if it is a number.</param>
    /// <param name="timestamp">Unix time in seconds; 0 is unknown.</param>
    /// <param name="ordinal">Number of the row in its file, from 1.</param>
    public void Add(int user, int item, RatingKind kind, float rating, long timestamp, long ordinal)
    {
        _census.Count(kind, rating, _reader!, ordinal);
        _timeCensus.Count(timestamp, _reader!, ordinal);
        _users.Add(user);
        _items.Add(item);
        _ratings.Add(kind switch
        {
            RatingKind.Yes => (float)options.PositiveThreshold,
            RatingKind.No =>
            Math.Min(0f, (float)options.PositiveThreshold - 1),
            _ => rating
        });
        _timestamps.Add(timestamp);
    }

    /// <summary>Begins rows that come from no file and have no times.</summary>
    public void BeginWithoutTimes() => _hasTimes = false;

    /// <summary>Adds a row that comes from no file.</summary>
    public void Add(int user, int item, float rating, long timestamp) => Add(user, item, RatingKind.Number, rating, timestamp);

    /// <summary>Adds a row that comes from no file, with what its rating says.</summary>
    public void Add(int user, int item, RatingKind kind, float rating, long timestamp) =>
        Add(user, item, kind, rating, timestamp, Count + 1);

    /// <summary>Ends a file.</summary>
    /// <param name="bad">Rows of it that cannot be used.</param>
    /// <param name="sentences">The first of them, each in a sentence without its stop.</param>
    /// <param name="note">What else is to be told of it.</param>
    /// <exception cref="DataException">A row is bad and reading is strict.</exception>
    public void End(long bad, IReadOnlyList<string> sentences, string? note)
    {
        if (note is not null)
        {
            _warnings.Add(note);
        }

        if (bad > 0 && !options.Lenient)
        {
            throw new DataException(
                $"{sentences[0]} (--lenient skips and counts such "
                + $"lines{(bad > 1 ? FormattableString.Invariant($"; there are {bad} in the file") : string.Empty)}).");
        }

        _badLines += bad;
        _badSentences.AddRange(sentences.Take(NamedBadLines - _badSentences.Count));
    }

    /// <exception cref="DataException">There is no usable row, too much of the source was bad, or something
    /// cannot be what it is taken for.</exception>
    /// <param name="name">Short name of the source.</param>
    /// <param name="format">What it was recognised as.</param>
    /// <param name="ends">Rows at the ends of its parts, which become those of the rows that are kept; may be empty.</param>
    public RatingTable Complete(string name, string format, params int[] ends)
    {
        _warnings.AddRange(_badSentences.Select(sentence => $"Skipped {sentence}."));
        if (Count == 0)
        {
            throw new DataException(_badLines == 0
                ? $"{name} has no ratings: it was recognised as {format} but holds no data row."
                : $"{name} has no usable rating: all {_badLines} data lines were bad, the first one "
                    + $"being: {_warnings[^_badSentences.Count]}");
        }

        var missing = _census.Decide(options, _warnings);
        var rows = Count;
        var kept = Apply(missing, ends);
        if (missing.CountsAsBad)
        {
            _badLines += rows - kept;
        }

        TellBadLines(rows - (missing.CountsAsBad ? rows - kept : 0));
        var (usedUsers, usedItems) = (Used(_users, Users.Count), Used(_items, Items.Count));
        _census.RefuseDoubtful(options.Columns);
        _timeCensus.RefuseDoubtful(options);
        if (!isPart)
        {
            TableDoubts.RefuseDistinct(Count, usedUsers.Count(used => used), usedItems.Count(used => used), options.Columns, _reader);
        }

        if (kept == 0)
        {
            throw new DataException($"{name} has no usable rating: every row was left out.");
        }

        var (users, userIndex) = Users.ToCatalogue(usedUsers);
        var (items, itemIndex) = Items.ToCatalogue(usedItems);
        TableDoubts.RefuseTwins("user", users.RawIds, _reader);
        TableDoubts.RefuseTwins("item", items.RawIds, _reader);
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
            HasTimes = _hasTimes,
        };
    }

    /// <summary>Gives rows without a rating what was decided for them.</summary>
    private int Apply(MissingRatings missing, int[] ends)
    {
        if (missing.None)
        {
            return Count;
        }

        var (kept, part) = (0, 0);
        for (var row = 0; row < Count; row++)
        {
            for (; part < ends.Length && ends[part] == row; part++)
            {
                ends[part] = kept;
            }

            var isMissing = missing.Is(_ratings[row]);
            if (!isMissing || missing.ArePositive)
            {
                (_users[kept], _items[kept], _timestamps[kept]) = (_users[row], _items[row], _timestamps[row]);
                _ratings[kept++] = isMissing ? (float)options.PositiveThreshold : _ratings[row];
            }
        }

        ends.AsSpan(part).Fill(kept);
        _users.Truncate(kept);
        _items.Truncate(kept);
        _ratings.Truncate(kept);
        _timestamps.Truncate(kept);
        return kept;
    }

    private void TellBadLines(long good)
    {
        if (_badLines == 0)
        {
            return;
        }

        var share = _badLines / (double)(_badLines + good);
        if (share > options.LenientShare)
        {
            throw new DataException(FormattableString.Invariant(
                $"--lenient would skip {_badLines} of {_badLines + good} rows, {share:P1}, which is more ")
                    + FormattableString.Invariant(
                    $"than {options.LenientShare:P0}; {(_badSentences.Count > 0 ? $"the first is {_badSentences[0]}" : "they have no rating")}. If that share is right, say --set data.lenientShare={Math.Min(1, Math.Ceiling(share * 100) / 100)}."));
        }

        _warnings.Add(
            FormattableString.Invariant(
            $"Skipped {_badLines} of {_badLines + good} rows in all ")
            + FormattableString.Invariant(
            $"({share:P1}){(_badLines > _badSentences.Count && _badSentences.Count > 0 ? $"; the first {_badSentences.Count} are named above" : string.Empty)}."));
    }

    private static bool[] Used(ChunkedColumn<int> column, int count)
    {
        var used = new bool[count];
        for (var row = 0; row < column.Count; row++)
        {
            used[column[row]] = true;
        }

        return used;
    }
}
