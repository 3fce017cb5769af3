using TwoTower.Model.Data.Reading;

namespace TwoTower.Model.Data.Splitting;

/// <summary>Divides a rating table into train, validation and test and chooses the positives.</summary>
internal sealed class RatingSplitter
{
    private readonly RatingTable _table;
    private readonly DataOptions _options;
    private readonly SplitKind _kind;
    private readonly RatingParts _parts;
    private readonly List<string> _warnings;
    private (int[] Rows, int[] UserStart) _sorted;

    private RatingSplitter(RatingTable table, DataOptions options, SplitKind kind)
    {
        _table = table;
        _options = options;
        _kind = kind;
        _warnings = [.. table.Warnings];
        _parts = new RatingParts(table, options, _warnings);
        _sorted = RatingSort.ByUserAndItem(table);
    }

    /// <summary>Splits by global time or by leaving out each user's last positives.</summary>
    /// <exception cref="DataException">The times do not allow it, or a part comes out empty.</exception>
    public static RecommenderData Split(RatingTable table, DataOptions options)
    {
        var kind = options.Split ?? (table.HasTimes ? SplitKind.GlobalTime : SplitKind.Random);
        if (!table.HasTimes)
        {
            RefuseWithoutTimes(table, options, kind);
            if (kind == SplitKind.LeaveLastOut)
            {
                table.TakeOrderForTime();
            }
        }

        var splitter = new RatingSplitter(table, options, kind);
        if (kind != SplitKind.Random)
        {
            splitter._parts.RefuseUnknownTimes();
        }
        splitter._parts.DropRepeats(splitter._sorted.Rows);
        if (splitter._kind == SplitKind.GlobalTime)
        {
            splitter._parts.CutByTime();
        }

        return splitter.Build(null, null);
    }

    private static void RefuseWithoutTimes(RatingTable table, DataOptions options, SplitKind kind)
    {
        if (kind.IsByTime() || options.Window is not null || options.Refit != Refit.No)
        {
            throw new DataException(
                $"{table.Name} has no times, "
                + $"which {(options.Window is not null ? "windows" : options.Refit != Refit.No ? "a refit" : $"a split by {kind.InWords()}")} would need: name their column with --set data.timestampColumn=…, or take --set data.split=random, or leave-last-out by the order of rows.");
        }
    }

    /// <summary>Takes the split that a prepared folder came with.</summary>
    /// <exception cref="DataException">A part comes out empty.</exception>
    public static RecommenderData Take(PreparedFolder prepared, DataOptions options)
    {
        var splitter = new RatingSplitter(prepared.Table, options, SplitKind.Prepared);
        if (options.Window is { } window)
        {
            // The folder's id maps know ids that come later, so the catalogue is made anew.
            splitter._parts.CutWindow(window, prepared.TrainRows + prepared.ValidationRows, splitter._sorted.Rows);
            return splitter.Build(null, null);
        }

        splitter._parts.Assign(prepared.TrainRows, prepared.ValidationRows, RatingParts.Validation);
        var heldOutStart = prepared.TrainRows + prepared.ValidationRows;
        splitter._parts.Assign(heldOutStart, prepared.Table.Count - heldOutStart, RatingParts.Test);

        // The id maps are those of train; who came with validation is trained in a refit, too.
        return options.Refit == Refit.No ? splitter.Build(prepared.Users, prepared.Items) : splitter.Build(null, null);
    }

    private int MinimumTrainHistory => _options.MinimumTrainHistory ?? (_kind == SplitKind.Prepared ? 0 : 5);

    private RecommenderData Build(IdCatalogue? givenUsers, IdCatalogue? givenItems)
    {
        if (_options.Refit != Refit.No)
        {
            _parts.JoinValidation(isJudged: _options.Refit == Refit.Judged);
        }

        var order = PositivesByTime();
        var bounds = _table.HasTimes ? _parts.Bounds() : new (long? Earliest, long? Latest)[4];
        var (users, userIndex) = Catalogue(_table.Users, givenUsers, _table.UserAt);
        var (items, itemIndex) = Catalogue(_table.Items, givenItems, _table.ItemAt);
        var train = TrainLog(order, userIndex, itemIndex);
        var seen = InteractionMatrix.From(users.Count, items.Count, train);
        RefuseNoTrain(train);
        var validationPart = HeldOutPart.Of("validation", Positives(RatingParts.Validation, order, userIndex, itemIndex), seen, seen,
            "train", MinimumTrainHistory);
        if (_options.Refit != Refit.Blind)
        {
            RefuseNoValidation(validationPart);
        }

        var validation = Log([.. validationPart.Rows], userIndex, itemIndex);

        // Validation is masked when test is judged, so a pair that stands in both could only be a miss.
        var testPart = HeldOutPart.Of(
            "test", Positives(RatingParts.Test, order, userIndex, itemIndex), seen,
            InteractionMatrix.From(users.Count, items.Count, train, validation), "train or validation", MinimumTrainHistory);
        var test = Log([.. testPart.Rows], userIndex, itemIndex);
        _warnings.AddRange([.. validationPart.Warnings(), .. testPart.Warnings()]);
        if (_kind == SplitKind.LeaveLastOut)
        {
            _warnings.Add(_table.HasTimes
                ? "Leave-last-out leaks the future: other users' later interactions are in train."
                : "The source has no times: the order of its rows stands for time, and each user's last rows are left out. That leaks the "
                    + "future: other users' later interactions are in train.");
        }
        else if (_kind == SplitKind.Random)
        {
            _warnings.Add(
                (_table.HasTimes
                ? string.Empty
                : "The source has no times, so the split is random (data.split=random; leave-last-out goes by the order of rows). ")
                    + "A random split leaks the future: later interactions, the users' own among them, are in train.");
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
            ValidationUnreachable = validationPart.Unreachable,
            TestUnreachable = testPart.Unreachable,
            Split = new SplitReport(
                _kind, FormattableString.Invariant($"rating >= {_options.PositiveThreshold}"), MinimumTrainHistory,
                bounds[RatingParts.Train].Latest, bounds[RatingParts.Validation].Earliest, bounds[RatingParts.Validation].Latest,
                bounds[RatingParts.Test].Earliest, bounds[RatingParts.Test].Latest,
                _warnings)
            {
                HasTimes = _table.HasTimes,
                HeldOut = [validationPart.Count(true), testPart.Count(false)],
                UnknownUsers = validationPart.UnknownUsers,
                Judged = _options.Refit == Refit.Judged ? "Test" : "Validation"
            },
        };
        LeakageCheck.Verify(data);
        return data;
    }

    // Apart from Build, so that the order of all rows is free again before the logs are made.
    private int[] PositivesByTime()
    {
        var (rows, userStart) = _sorted;
        _sorted = ([], []);
        _parts.DropDuplicates(rows);
        if (_kind == SplitKind.LeaveLastOut)
        {
            _parts.LeaveLastOut(rows, userStart);
        }
        else if (_kind == SplitKind.Random)
        {
            _parts.DrawPerUser(rows, userStart);
        }

        var positives = 0;
        foreach (var row in rows)
        {
            if (_parts[row] != RatingParts.Dropped && _parts.IsPositive(row))
            {
                rows[positives++] = row;
            }
        }

        return RatingSort.ByTime(_table, rows.AsSpan(0, positives).ToArray());
    }

    /// <summary>The given catalogue, or one of every id with any rating in train; and its index of each
    /// of the table's indices, or -1.</summary>
    private (IdCatalogue Catalogue, int[] Index) Catalogue(IdCatalogue all, IdCatalogue? given, Func<int, int> at)
    {
        if (given is null)
        {
            var inTrain = new bool[all.Count];
            for (var row = 0; row < _table.Count; row++)
            {
                inTrain[at(row)] |= _parts[row] == RatingParts.Train;
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
        var (all, inside) = (0, 0);
        foreach (var row in order)
        {
            var inTrain = _parts[row] == RatingParts.Train;
            all += inTrain ? 1 : 0;
            inside += inTrain && IsInside(row) ? 1 : 0;
        }

        // Counted first and filled then: train is most of the data, and a growing list would hold it twice.
        var rows = new int[inside];
        var next = 0;
        foreach (var row in order)
        {
            if (_parts[row] == RatingParts.Train && IsInside(row))
            {
                rows[next++] = row;
            }
        }

        if (inside < all)
        {
            _warnings.Add($"Dropped {all - inside} of {all} train positives: user or item is not in the catalogue.");
        }

        return Log(rows, userIndex, itemIndex);

        bool IsInside(int row) => userIndex[_table.UserAt(row)] >= 0 && itemIndex[_table.ItemAt(row)] >= 0;
    }

    private IEnumerable<(int Row, int User, int Item)> Positives(byte part, int[] order, int[] userIndex, int[] itemIndex) =>
        order.Where(row => _parts[row] == part).Select(row => (row, userIndex[_table.UserAt(row)], itemIndex[_table.ItemAt(row)]));

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

    private void RefuseNoTrain(InteractionLog train)
    {
        if (train.Count == 0)
        {
            throw new DataException(FormattableString.Invariant(
                $"{_table.Name} leaves no train positives of {Ratings}: none of the train part is >= {_options.PositiveThreshold} (the ")
                    + FormattableString.Invariant(
                    $"highest rating of all is {Enumerable.Range(0, _table.Count).Max(_table.RatingAt)}; --set data.positiveThreshold=… ")
                    + FormattableString.Invariant(
                    $"says from what on they are positive), or the train part is empty because most ratings share one time."));
        }
    }

    private void RefuseNoValidation(HeldOutPart validation)
    {
        if (validation.Rows.Count == 0)
        {
            throw new DataException(FormattableString.Invariant(
                $"{_table.Name} leaves no validation positives under the {_kind.InWords()} split of {Ratings} (positives are ")
                    + FormattableString.Invariant($">= {_options.PositiveThreshold}): {validation.WhyEmpty()}."));
        }
    }

    private string Ratings => _table.Count == 1 ? "its only rating" : $"its {_table.Count} ratings";
}
