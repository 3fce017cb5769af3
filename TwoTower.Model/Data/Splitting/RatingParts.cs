namespace TwoTower.Model.Data.Splitting;

/// <summary>Which part each row of a rating table belongs to, and the rules that decide it.</summary>
internal sealed partial class RatingParts(RatingTable table, DataOptions options, List<string> warnings)
{
    public const byte Train = 0;
    public const byte Validation = 1;
    public const byte Test = 2;
    public const byte Dropped = 3;
    private const int RandomSplitStream = 92;
    private readonly RatingTable _table = table;
    private readonly DataOptions _options = options;
    private readonly List<string> _warnings = warnings;
    private readonly byte[] _parts = new byte[table.Count];

    /// <summary>Part of a row.</summary>
    public byte this[int row] => _parts[row];

    public bool IsPositive(int row) => _table.RatingAt(row) >= (float)_options.PositiveThreshold;

    /// <summary>Puts a run of rows into a part.</summary>
    public void Assign(int firstRow, int rows, byte part) => _parts.AsSpan(firstRow, rows).Fill(part);

    /// <exception cref="DataException">The times do not tell an order.</exception>
    public void RefuseUnknownTimes()
    {
        var (earliest, latest) = TimeCut.Span(_table);
        if (earliest == latest)
        {
            throw new DataException(_table.Count == 1
                ? $"{_table.Name} cannot be split by time: it holds a single rating."
                : $"{_table.Name} cannot be split by time: all {_table.Count} ratings have the timestamp {earliest}.");
        }

        var unknown = 0;
        for (var row = 0; row < _table.Count; row++)
        {
            if (_table.TimestampAt(row) == 0)
            {
                _parts[row] = Dropped;
                unknown++;
            }
        }

        if (unknown > 0 && !_options.Lenient)
        {
            throw new DataException(
                $"{_table.Name} cannot be split by time: {unknown} of {_table.Count} ratings have the timestamp 0 (--lenient leaves them out).");
        }

        if (unknown > 0)
        {
            _warnings.Add($"Left out {unknown} ratings whose timestamp is 0.");
        }
    }

    /// <summary>The earliest share of ratings is train, the next validation, the rest test; or a window of
    /// what is before test is validation.</summary>
    public void CutByTime()
    {
        var known = _table.Count - _parts.AsSpan().Count(Dropped);
        var beforeTest = _options.TrainShare + _options.ValidationShare;
        long At(double share) => (int)Math.Floor((known * share) + 1e-6) is var place && place < known
            ? TimeCut.TimestampAtPlace(_table, place, row => _parts[row] != Dropped) : long.MaxValue;
        if (_options.Window is { } window)
        {
            var end = At(beforeTest);
            CutWindow(window, share => share < 1 ? At(share * beforeTest) : end);
            return;
        }

        // A part begins with every rating of the time at the cut, so ratings of one second are never divided.
        var (validationStart, testStart) = (At(_options.TrainShare), At(beforeTest));
        for (var row = 0; row < _table.Count; row++)
        {
            if (_parts[row] != Dropped)
            {
                var timestamp = _table.TimestampAt(row);
                _parts[row] = timestamp < validationStart ? Train : timestamp < testStart ? Validation : Test;
            }
        }
    }

    /// <summary>Cuts a window from the train and validation rows of a prepared folder, which are its first.</summary>
    /// <param name="window">The window.</param>
    /// <param name="rows">Train and validation rows.</param>
    /// <param name="sorted">All rows by user and item.</param>
    /// <exception cref="DataException">All of them have one time.</exception>
    public void CutWindow(TimeWindow window, int rows, int[] sorted)
    {
        _parts.AsSpan(rows).Fill(Dropped);
        DropRepeats(sorted);
        long[] times = [.. Enumerable.Range(0, rows).Where(row => _parts[row] != Dropped).Select(_table.TimestampAt)];
        Array.Sort(times);
        if (times.Length == 0 || times[0] == times[^1])
        {
            throw new DataException($"{_table.Name} has no time windows: its {rows} ratings before test have one timestamp.");
        }

        CutWindow(window, share => (int)Math.Floor((times.Length * share) + 1e-6) is var place && place < times.Length
            ? times[place] : times[^1] + 1);
    }

    /// <param name="window">The window.</param>
    /// <param name="at">The time before which a share of the ratings before test lies; of 1, when test begins.</param>
    private void CutWindow(TimeWindow window, Func<double, long> at)
    {
        var (start, end) = (Bound(window.Number - 1), Bound(window.Number));
        for (var row = 0; row < _table.Count; row++)
        {
            if (_parts[row] != Dropped)
            {
                var timestamp = _table.TimestampAt(row);
                _parts[row] = timestamp >= end ? Dropped : timestamp < start ? Train : Validation;
            }
        }

        long Bound(int bound)
        {
            if (window.Spacing == WindowSpacing.Events)
            {
                return at(window.ShareBefore(bound));
            }

            var (first, last) = (at(window.From), at(1));
            last = last == long.MaxValue ? TimeCut.Span(_table).Latest + 1 : last;
            return bound == window.Count ? last : first + (long)((Int128)(last - first) * bound / window.Count);
        }
    }

    // A user with fewer than three positives gives none away. Of positives of one time those go first that only what they are
    // tells from the others: never their number.
    public void LeaveLastOut(int[] rows, int[] userStart)
    {
        var signatures = new Lazy<Signatures>(SignaturesOfKept);
        for (var user = 0; user + 1 < userStart.Length; user++)
        {
            var (last, secondLast, positives) = (-1, -1, 0);
            foreach (var row in rows.AsSpan(userStart[user], userStart[user + 1] - userStart[user]))
            {
                if (_parts[row] == Dropped || !IsPositive(row))
                {
                    continue;
                }

                positives++;
                if (last < 0 || ComesAfter(row, last, signatures))
                {
                    (secondLast, last) = (last, row);
                }
                else if (secondLast < 0 || ComesAfter(row, secondLast, signatures))
                {
                    secondLast = row;
                }
            }

            if (positives >= 3)
            {
                _parts[secondLast] = Validation;
                _parts[last] = Test;
            }
        }
    }

    private Signatures SignaturesOfKept() => Signatures.Of(_table, row => _parts[row] != Dropped);

    private bool ComesAfter(int row, int other, Lazy<Signatures> signatures)
    {
        var byTime = _table.TimestampAt(row).CompareTo(_table.TimestampAt(other));
        return byTime != 0 ? byTime > 0 : signatures.Value.Items[_table.ItemAt(row)] >= signatures.Value.Items[_table.ItemAt(other)];
    }

    /// <summary>Makes validation train, and test, where it is judged, validation.</summary>
    public void JoinValidation(bool isJudged)
    {
        for (var row = 0; row < _parts.Length; row++)
        {
            _parts[row] = _parts[row] switch { Validation => Train, Test when isJudged => Validation, var part => part };
        }
    }

    /// <summary>Of each user's positives the share that is not train goes to validation, rounded, and drawn by the data's seed;
    /// names have no part in the draw.</summary>
    public void DrawPerUser(int[] rows, int[] userStart)
    {
        var signatures = SignaturesOfKept();
        var (places, itemPlaces) = (Signatures.Places(signatures.Users), Signatures.Places(signatures.Items));
        for (var user = 0; user + 1 < userStart.Length; user++)
        {
            int[] own =
            [
                .. rows.AsSpan(userStart[user], userStart[user + 1] - userStart[user]).ToArray()
                    .Where(row => _parts[row] != Dropped && IsPositive(row))
                    .OrderBy(_table.TimestampAt).ThenBy(row => itemPlaces[_table.ItemAt(row)]),
            ];
            var random = new SeededRandom(_options.Seed, RandomSplitStream, places[user]);
            var held = own.Length - (int)Math.Round(own.Length * _options.TrainShare);
            for (var n = 0; n < held; n++)
            {
                var other = n + random.NextInt(own.Length - n);
                (own[n], own[other]) = (own[other], own[n]);
                _parts[own[n]] = Validation;
            }
        }
    }

    public (long? Earliest, long? Latest)[] Bounds()
    {
        var bounds = new (long? Earliest, long? Latest)[4];
        for (var row = 0; row < _table.Count; row++)
        {
            var timestamp = _table.TimestampAt(row);
            ref var bound = ref bounds[_parts[row]];
            if (bound.Earliest is null || timestamp < bound.Earliest)
            {
                bound.Earliest = timestamp;
            }

            if (bound.Latest is null || timestamp > bound.Latest)
            {
                bound.Latest = timestamp;
            }
        }

        return bounds;
    }
}
