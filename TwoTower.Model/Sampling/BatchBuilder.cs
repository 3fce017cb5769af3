using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Sampling;

/// <summary>Fills a <see cref="BatchPlan"/> with a stretch of an epoch. Not safe for several threads: every worker has its own, and all
/// share the training set, the order and the sampler.</summary>
internal sealed class BatchBuilder
{
    private readonly TrainingSet _set;
    private readonly EpochOrder _order;
    private readonly NegativeSampler? _sampler;
    private readonly Places _users;
    private readonly Places _items;
    private readonly int _negatives;
    private readonly int _hardFrom;
    private readonly SharedNegatives? _shared;
    private readonly StreamedFrequencies? _streamed;
    private readonly bool _wholeCatalogue;
    private readonly TowerLayouts? _towers;
    private readonly UserHistories? _histories;
    private readonly Places? _queries;
    private readonly bool _hasId;

    /// <summary>A builder with a sampler of its own.</summary>
    /// <param name="set">The examples.</param>
    /// <param name="options">The loss, which says whether there are explicit negatives.</param>
    /// <param name="order">The order of the examples.</param>
    /// <param name="seed">Seed of the negatives.</param>
    /// <param name="towers">Towers whose features and weights a batch needs too, or null.</param>
    /// <exception cref="ArgumentException">The order is not over the set's examples, or nothing can be sampled.</exception>
    public BatchBuilder(TrainingSet set, LossOptions options, EpochOrder order, long seed, TowerLayouts? towers = null)
        : this(set, options, order, options.Kind == LossKind.Bpr ? new NegativeSampler(set, options, seed) : null,
            SharedNegatives.For(set, options, seed),
            options.QEstimate == FrequencyEstimate.Streaming ? new StreamedFrequencies(set, order, options.QRate, options.QBuckets, seed)
                : null, towers)
    {
    }

    /// <summary>A builder with a sampler that other builders share (it may hold a table as large as the catalogue).</summary>
    /// <param name="set">The examples.</param>
    /// <param name="options">The loss, which says whether there are explicit negatives.</param>
    /// <param name="order">The order of the examples.</param>
    /// <param name="sampler">Draws the negatives; needed for BPR only.</param>
    /// <param name="shared">Draws negatives for whole batches; needed for a softmax that has any.</param>
    /// <param name="streamed">Estimates how often items come by; needed where q is. It belongs to this builder.</param>
    /// <param name="towers">Towers whose features and weights a batch needs too, or null.</param>
    /// <exception cref="ArgumentException">The order is not over the set's examples, or a sampler or estimate is missing.</exception>
    public BatchBuilder(
        TrainingSet set, LossOptions options, EpochOrder order, NegativeSampler? sampler, SharedNegatives? shared = null,
        StreamedFrequencies? streamed = null,
        TowerLayouts? towers = null)
    {
        if (order.Examples != set.Log.Count)
        {
            throw new ArgumentException($"The order is over {order.Examples} examples but the training set has {set.Log.Count}.",
                nameof(order));
        }

        _negatives = NegativesOf(options);
        _hardFrom = options.HardFromEpoch;
        if (_negatives > 0 && sampler is null)
        {
            throw new ArgumentException("BPR needs a negative sampler.", nameof(sampler));
        }

        if (shared is null && SharedNegatives.CountOf(options) > 0)
        {
            throw new ArgumentException("A softmax with drawn columns needs a sampler of them.", nameof(shared));
        }

        if (streamed is null && options.QEstimate == FrequencyEstimate.Streaming)
        {
            throw new ArgumentException("A streamed q needs its estimate.", nameof(streamed));
        }

        _streamed = streamed;
        _shared = shared;
        _wholeCatalogue = options.Kind == LossKind.FullSoftmax;
        _set = set;
        _order = order;
        _sampler = sampler;
        _towers = towers;
        _users = new Places(towers?.Users.Rows ?? set.Users);
        _items = new Places(towers?.Items.Rows ?? set.Items);
        _histories = towers?.Histories;
        _queries = _histories is null ? null : new Places(_histories.Sessions);
        _hasId = towers is { HasUserIds: true };
    }

    /// <summary>The last snapshot's ranking, under <see cref="NegativeSampling.Ranked"/>; null before there is one.</summary>
    public RankedNegatives? Ranked { get; set; }

    /// <summary>Explicit negatives per example that a plan for this loss must have room for: candidates, under
    /// dynamic sampling; 0 for softmax.</summary>
    public static int NegativesOf(LossOptions options) => options.Kind == LossKind.Bpr ? options.Negatives * CandidatesOf(options) : 0;

    /// <summary>Items that are drawn for one explicit negative.</summary>
    public static int CandidatesOf(LossOptions options) => options.Sampling == NegativeSampling.Dynamic ? options.Candidates : 1;

    /// <summary>Fills <paramref name="into"/> with the examples at positions <paramref name="first"/> … <paramref name="first"/> +
    /// <paramref name="count"/> − 1 of the epoch. Allocates nothing, except when the epoch's order has to be made.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The stretch is not inside the epoch, or is longer than the plan.</exception>
    /// <exception cref="ArgumentException">The plan was made for another number of negatives, or has no room
    /// for the batch's other items.</exception>
    public void Build(int epoch, int first, int count, BatchPlan into)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _order.Examples - first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, into.ExampleQuery.Length);
        if (into.NegativesPerExample != _negatives)
        {
            throw new ArgumentException($"The plan holds {into.NegativesPerExample} negatives per example, the loss draws {_negatives}.",
                nameof(into));
        }

        if (_histories is not null && into.HistoryPlaces.Length < into.ExampleQuery.Length * _histories.MostItems)
        {
            throw new ArgumentException("The plan has no room for histories; make it with the towers that have them.", nameof(into));
        }

        var order = _order.Of(epoch).Span.Slice(first, count);
        var ranked = epoch + 1 >= _hardFrom ? Ranked : null;
        _users.StartBatch();
        _items.StartBatch();
        _queries?.StartBatch();
        for (var n = 0; n < count; n++)
        {
            var example = order[n];
            var user = _set.Log.Users[example];
            into.ExampleQuery[n] = _queries is null ? _users.PlaceOf(user, into.UserRows, out _) : QueryOf(example, user, into);
            var item = _items.PlaceOf(_set.Log.Items[example], into.ItemRows, out var isNew);
            into.ExampleItem[n] = item;
            into.ItemMultiplicity[item] = isNew ? 1 : into.ItemMultiplicity[item] + 1;
            into.Weights[n] = _set.Weights[example];
            into.ExampleIndex[n] = example;
            for (var k = 0; k < _negatives; k++)
            {
                var negative = _items.PlaceOf(_sampler!.Draw(user, epoch, first + n, k, ranked), into.ItemRows, out isNew);
                into.ExampleNegatives[(n * _negatives) + k] = negative;
                if (isNew)
                {
                    into.ItemMultiplicity[negative] = 0;
                }
            }
        }

        if (_wholeCatalogue || _shared is not null)
        {
            AddShared(epoch, first, into);
        }

        if (_streamed is not null)
        {
            _streamed.MoveTo(epoch, first + count);
            for (var item = 0; item < _items.Count; item++)
            {
                into.ItemShares[item] = _streamed.ShareOf(into.ItemRows[item]);
            }
        }

        into.Examples = count;
        into.UserCount = _users.Count;
        into.QueryCount = _queries?.Count ?? _users.Count;
        into.ItemCount = _items.Count;
        (into.Epoch, into.First) = (epoch, first);
        AddFeatures(_towers?.Users, into.QueryUsers.AsSpan(0, into.QueryCount), _users, into.UserRows);
        AddFeatures(_towers?.Items, into.ItemRows.AsSpan(0, into.ItemCount), _items, into.ItemRows);
        into.FirstForeignItem = _items.Count;
        AddHistories(into);
        into.ForeignItems = _items.Count - into.FirstForeignItem;
        AddWeights(_towers?.Users, _users, into.UserRows);
        AddWeights(_towers?.Items, _items, into.ItemRows);
        into.UserRowCount = _users.Count;
        into.ItemRowCount = _items.Count;
    }

    /// <summary>Adds the distinct features of the entities, in order of first appearance.</summary>
    private static void AddFeatures(TowerLayout? layout, ReadOnlySpan<int> entities, Places places, int[] rows)
    {
        if (layout is null or { Fields: 0 })
        {
            return;
        }

        foreach (var entity in entities)
        {
            foreach (var feature in layout.FeaturesOf(entity))
            {
                places.PlaceOf(feature.Row, rows, out _);
            }
        }
    }

    /// <summary>Adds all of a tower's weights.</summary>
    private static void AddWeights(TowerLayout? layout, Places places, int[] rows)
    {
        for (var row = layout?.FirstWeightRow ?? 0; row < (layout?.Rows ?? 0); row++)
        {
            places.PlaceOf(row, rows, out _);
        }
    }

    /// <summary>The place of an example's session among the queries; the user's row joins the batch
    /// where users have rows of their own.</summary>
    private int QueryOf(int example, int user, BatchPlan into)
    {
        var query = _queries!.PlaceOf(_histories!.SessionOf(example), into.QuerySessions, out var isNew);
        if (isNew)
        {
            into.QueryUsers[query] = user;
            into.QueryUserPlaces[query] = _hasId ? _users.PlaceOf(user, into.UserRows, out _) : -1;
        }

        return query;
    }

    /// <summary>Adds what the queries' histories read of the item table, each row once.</summary>
    private void AddHistories(BatchPlan into)
    {
        if (_histories is null)
        {
            return;
        }

        var end = 0;
        for (var query = 0; query < into.QueryCount; query++)
        {
            into.HistoryStart[query] = end;
            var places = into.HistoryPlaces.AsSpan(end);
            var count = _histories.BeforeSession(into.QuerySessions[query], places, into.HistoryWeights.AsSpan(end));
            foreach (ref var place in places[..count])
            {
                place = _items.PlaceOf(_towers!.Items.HistoryRowOf(place), into.ItemRows, out _);
            }

            end += count;
        }

        into.HistoryStart[into.QueryCount] = end;
    }

    /// <summary>Items that are negatives of every example: those drawn for the batch, or the rest of the catalogue.</summary>
    private void AddShared(int epoch, int first, BatchPlan into)
    {
        var more = _wholeCatalogue ? _set.Items : _shared!.Count;
        if (Math.Min(_items.Count + (long)more, _set.Items) > into.ItemRows.Length)
        {
            throw new ArgumentException(
                $"The plan holds {into.ItemRows.Length} items, the batch has up to {more} besides its own {_items.Count}.", nameof(into));
        }

        Array.Clear(into.ItemDraws, 0, _items.Count);
        for (var n = 0; n < more; n++)
        {
            var item = _items.PlaceOf(_wholeCatalogue ? n : _shared!.Draw(epoch, first, n), into.ItemRows, out var isNew);
            if (isNew)
            {
                into.ItemMultiplicity[item] = 0;
                into.ItemDraws[item] = 0;
            }

            into.ItemDraws[item] += _wholeCatalogue ? 0 : 1;
        }
    }

    /// <summary>Numbers table rows by first appearance. A row's mark is valid only with the current batch's stamp, so starting a batch
    /// costs nothing and no hash table is needed.</summary>
    private sealed class Places(int rows)
    {
        private readonly long[] _mark = new long[rows];
        private long _stamp;

        public int Count { get; private set; }

        public void StartBatch()
        {
            _stamp += 1L << 32;
            Count = 0;
        }

        public int PlaceOf(int row, int[] rowsInOrder, out bool isNew)
        {
            ref var mark = ref _mark[row];
            isNew = (mark ^ _stamp) >>> 32 != 0;
            if (isNew)
            {
                mark = _stamp | (uint)Count;
                rowsInOrder[Count++] = row;
            }

            return (int)mark;
        }
    }
}
