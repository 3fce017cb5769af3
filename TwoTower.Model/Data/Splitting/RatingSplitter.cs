namespace TwoTower.Model.Data;

/// <summary>Divides a rating table into train, validation and test and chooses the positives.</summary>
internal sealed class RatingSplitter
{
    private const byte Train = 0;
    private const byte Validation = 1;
    private const byte Test = 2;
    private const byte Dropped = 3;
    private readonly RatingTable _table;
    private readonly DataOptions _options;
    private readonly SplitKind _kind;
    private readonly byte[] _parts;
    private readonly List<string> _warnings;

    private RatingSplitter(RatingTable table, DataOptions options, SplitKind kind)
    {
        _table = table;
        _options = options;
        _kind = kind;
        _parts = new byte[table.Count];
        _warnings = [.. table.Warnings];
    }

    /// <summary>Splits by global time or by leaving out each user's last positives.</summary>
    /// <exception cref="DataException">The times do not allow it, or a part comes out empty.</exception>
    public static RecommenderData Split(RatingTable table, DataOptions options)
    {
        var splitter = new RatingSplitter(table, options, options.Split ?? SplitKind.GlobalTime);
        splitter.RefuseUnknownTimes();
        if (splitter._kind == SplitKind.GlobalTime)
        {
            splitter.CutByTime();
        }

        return splitter.Build(null, null);
    }

    /// <summary>Takes the split that a prepared folder came with.</summary>
    /// <exception cref="DataException">A part comes out empty.</exception>
    public static RecommenderData Take(PreparedFolder prepared, DataOptions options)
    {
        var splitter = new RatingSplitter(prepared.Table, options, SplitKind.Prepared);
        splitter._parts.AsSpan(prepared.TrainRows, prepared.ValidationRows).Fill(Validation);
        splitter._parts.AsSpan(prepared.TrainRows + prepared.ValidationRows).Fill(Test);
        return splitter.Build(prepared.Users, prepared.Items);
    }

    private int MinimumTrainHistory => _options.MinimumTrainHistory ?? (_kind == SplitKind.Prepared ? 0 : 5);

    private void RefuseUnknownTimes()
    {
        var (earliest, latest) = TimeCut.Span(_table);
        if (earliest == latest)
        {
            throw new DataException($"{_table.Name} cannot be split by time: all {_table.Count} ratings have the timestamp {earliest}.");
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
                $"{_table.Name} cannot be split by time: {unknown} of {_table.Count} ratings have the timestamp 0 (lenient reading would leave them out).");
        }

        if (unknown > 0)
        {
            _warnings.Add($"Left out {unknown} ratings whose timestamp is 0.");
        }
    }

    private void CutByTime()
    {
        // Ratings left out above have the time 0, so they stand before all others in the order.
        var unknown = _parts.AsSpan().Count(Dropped);
        var known = _table.Count - unknown;
        var validationStart = CutTimestamp(unknown, known, _options.TrainShare);
        var testStart = CutTimestamp(unknown, known, _options.TrainShare + _options.ValidationShare);
        for (var row = 0; row < _table.Count; row++)
        {
            if (_parts[row] != Dropped)
            {
                var timestamp = _table.TimestampAt(row);
                _parts[row] = timestamp < validationStart ? Train : timestamp < testStart ? Validation : Test;
            }
        }
    }

    // The part begins with every rating of the time at the cut, so ratings of one second are never divided.
    private long CutTimestamp(int unknown, int known, double share)
    {
        var place = (int)Math.Floor((known * share) + 1e-6);
        return place >= known ? long.MaxValue : TimeCut.TimestampAtPlace(_table, unknown + place);
    }

    private RecommenderData Build(IdCatalogue? givenUsers, IdCatalogue? givenItems)
    {
        var (rows, userStart) = RowOrder.ByUserAndItem(_table);
        DropDuplicates(rows);
        if (_kind == SplitKind.LeaveLastOut)
        {
            LeaveLastOut(rows, userStart);
        }

        var bounds = PartBounds();
        var (users, userIndex) = Catalogue(_table.Users, givenUsers, _table.UserAt);
        var (items, itemIndex) = Catalogue(_table.Items, givenItems, _table.ItemAt);
        var order = RowOrder.ByTime(_table, Array.FindAll(rows, row => _parts[row] != Dropped && IsPositive(row)));
        var train = TrainLog(order, userIndex, itemIndex);
        var seen = InteractionMatrix.From(users.Count, items.Count, train);
        var (validation, validationUnreachable) = HeldOut("validation", Validation, order, userIndex, itemIndex, seen);
        var (test, testUnreachable) = HeldOut("test", Test, order, userIndex, itemIndex, seen);
        RefuseEmpty(train, validation);
        if (_kind == SplitKind.LeaveLastOut)
        {
            _warnings.Add("Leave-last-out leaks the future: other users' later interactions are in train.");
        }

        var data = new RecommenderData
        {
            Name = _table.Name,
            Fingerprint = DataFingerprint.Of(users, items, train, validation, test),
            Users = users,
            Items = items,
            ItemTitles = _table.Titles.Count == 0 ? null : [.. items.RawIds.Select(rawId => _table.Titles.GetValueOrDefault(rawId))],
            Train = train,
            Validation = validation,
            Test = test,
            ValidationUnreachable = validationUnreachable,
            TestUnreachable = testUnreachable,
            Split = new SplitReport(
                _kind, FormattableString.Invariant($"rating >= {_options.PositiveThreshold}"), MinimumTrainHistory,
                bounds[Train].Latest, bounds[Validation].Earliest, bounds[Validation].Latest, bounds[Test].Earliest, bounds[Test].Latest,
                _warnings),
        };
        LeakageCheck.Verify(data);
        return data;
    }

    // Within a part only: were the latest of all kept, a rating of the test period would remove one from train, and train would know the future.
    // Leave-last-out has no parts yet, so there it is the latest of all.
    private void DropDuplicates(int[] rows)
    {
        Span<int> kept = stackalloc int[3];
        var duplicates = 0;
        for (var start = 0; start < rows.Length;)
        {
            var end = start + 1;
            while (end < rows.Length && SamePair(rows[start], rows[end]))
            {
                end++;
            }

            if (end - start > 1)
            {
                kept.Fill(-1);
                foreach (var row in rows.AsSpan(start, end - start))
                {
                    var part = _parts[row];
                    if (part == Dropped)
                    {
                        continue;
                    }

                    ref var latest = ref kept[part];
                    if (latest >= 0)
                    {
                        var older = _table.TimestampAt(row) >= _table.TimestampAt(latest) ? latest : row;
                        _parts[older] = Dropped;
                        duplicates++;
                        latest = older == row ? latest : row;
                    }
                    else
                    {
                        latest = row;
                    }
                }
            }

            start = end;
        }

        if (duplicates > 0)
        {
            _warnings.Add($"Dropped {duplicates} older ratings of a user and item that were rated again in the same part.");
        }
    }

    private bool SamePair(int left, int right) =>
        _table.UserAt(left) == _table.UserAt(right) && _table.ItemAt(left) == _table.ItemAt(right);

    private bool IsPositive(int row) => _table.RatingAt(row) >= (float)_options.PositiveThreshold;

    // A user with fewer than three positives gives none away.
    private void LeaveLastOut(int[] rows, int[] userStart)
    {
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
                if (last < 0 || _table.TimestampAt(row) >= _table.TimestampAt(last))
                {
                    (secondLast, last) = (last, row);
                }
                else if (secondLast < 0 || _table.TimestampAt(row) >= _table.TimestampAt(secondLast))
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

    private (long? Earliest, long? Latest)[] PartBounds()
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

    /// <summary>The given catalogue, or one of every id with any rating in train; and its index of each of the table's indices, or -1.</summary>
    private (IdCatalogue Catalogue, int[] Index) Catalogue(IdCatalogue all, IdCatalogue? given, Func<int, int> at)
    {
        if (given is null)
        {
            var inTrain = new bool[all.Count];
            for (var row = 0; row < _table.Count; row++)
            {
                inTrain[at(row)] |= _parts[row] == Train;
            }

            given = new IdCatalogue([.. all.RawIds.Where((_, index) => inTrain[index])]);
        }

        var indices = new int[all.Count];
        for (var id = 0; id < all.Count; id++)
        {
            indices[id] = given.TryGetIndex(all.RawIds[id], out var index) ? index : -1;
        }

        return (given, indices);
    }

    private InteractionLog TrainLog(int[] order, int[] userIndex, int[] itemIndex)
    {
        var rows = Array.FindAll(order, row => _parts[row] == Train);
        var inside = Array.FindAll(rows, row => userIndex[_table.UserAt(row)] >= 0 && itemIndex[_table.ItemAt(row)] >= 0);
        if (inside.Length < rows.Length)
        {
            _warnings.Add($"Dropped {rows.Length - inside.Length} of {rows.Length} train positives: user or item is not in the catalogue.");
        }

        return Log(inside, userIndex, itemIndex);
    }

    /// <summary>The held-out positives inside the catalogue, and for each user how many lie outside it.</summary>
    private (InteractionLog Log, int[] Unreachable) HeldOut(string name, byte part, int[] order, int[] userIndex, int[] itemIndex, InteractionMatrix seen)
    {
        var (all, outside, alreadySeen, shortHistory) = (0, 0, 0, 0);
        var kept = new List<int>();
        var unreachable = new int[seen.Users];
        foreach (var row in order)
        {
            if (_parts[row] != part)
            {
                continue;
            }

            all++;
            var (user, item) = (userIndex[_table.UserAt(row)], itemIndex[_table.ItemAt(row)]);
            if (user < 0 || item < 0)
            {
                outside++;
                if (user >= 0 && seen.ItemsOf(user).Length >= MinimumTrainHistory)
                {
                    unreachable[user]++;
                }
            }
            else if (seen.ItemsOf(user).Length < MinimumTrainHistory)
            {
                shortHistory++;
            }
            else if (seen.Contains(user, item))
            {
                alreadySeen++;
            }
            else
            {
                kept.Add(row);
            }
        }

        WarnDropped(outside, all, name, "user or item is not in the catalogue");
        WarnDropped(shortHistory, all, name, $"the user has fewer than {MinimumTrainHistory} train positives");
        WarnDropped(alreadySeen, all, name, "the user has the item in train already");
        return (Log([.. kept], userIndex, itemIndex), unreachable);
    }

    private void WarnDropped(int dropped, int all, string part, string reason)
    {
        if (dropped > 0)
        {
            _warnings.Add($"Dropped {dropped} of {all} {part} positives: {reason}.");
        }
    }

    // The order by the table's indices is the order by the catalogue's, unless an id map has its own: then ties are put right.
    private InteractionLog Log(int[] rows, int[] userIndex, int[] itemIndex)
    {
        var log = new InteractionLog(new int[rows.Length], new int[rows.Length], new long[rows.Length]);
        for (var n = 0; n < rows.Length; n++)
        {
            log.Users[n] = userIndex[_table.UserAt(rows[n])];
            log.Items[n] = itemIndex[_table.ItemAt(rows[n])];
            log.Timestamps[n] = _table.TimestampAt(rows[n]);
        }

        return LogOrder.WithTiesInOrder(log);
    }

    private void RefuseEmpty(InteractionLog train, InteractionLog validation)
    {
        if (train.Count == 0)
        {
            throw new DataException(
                $"{_table.Name} leaves no train positives of {_table.Count} ratings: none of the train part is >= {_options.PositiveThreshold}, or the train part is empty because most ratings share one time.{Reasons()}");
        }

        if (validation.Count == 0)
        {
            throw new DataException(
                $"{_table.Name} leaves no validation positives ({_kind} split of {_table.Count} ratings, positives >= {_options.PositiveThreshold}, {MinimumTrainHistory} train positives needed).{Reasons()}");
        }
    }

    private string Reasons() => _warnings.Count == 0 ? string.Empty : " " + string.Join(" ", _warnings);
}
