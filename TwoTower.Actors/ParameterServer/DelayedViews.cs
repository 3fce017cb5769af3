using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;

namespace TwoTower.Actors.ParameterServer;

/// <summary>What each worker is shown of a shard when staleness is injected: the table as it would be without the updates that are still
/// held back from this worker.</summary>
/// <remarks>The table itself has every update at once; optimizers run on it. A view adds an update's steps r of its worker's iterations
/// late. Under bsp an iteration is a round, so what a pull shows is a function of its clock and training stays repeatable to the bit;
/// elsewhere it is counted from the last clock that the shard has heard of. Memory: a copy of the shard's rows per worker
/// (<see cref="StalenessInjection.BytesOfViews"/>), and the steps of the updates held back, of which each is kept once for all workers. At
/// most <see cref="MostHeldBack"/> updates are held back from one worker; then the one that is due first is shown early.</remarks>
internal sealed class DelayedViews
{
    /// <summary>Updates held back from one worker at most.</summary>
    public const int MostHeldBack = 4096;

    private readonly StalenessInjection _injection;
    private readonly long _seed;
    private readonly bool _byRounds;
    private readonly TableShard _users;
    private readonly TableShard _items;
    private readonly UpdateRecorder _userSteps;
    private readonly UpdateRecorder _itemSteps;
    private readonly SortedDictionary<int, View> _views = [];
    private readonly int _workers;
    private long _version;

    /// <summary>Views of both tables for every worker, that show everything there is.</summary>
    public DelayedViews(TrainingOptions options, TableShard users, UpdateRecorder userSteps, TableShard items, UpdateRecorder itemSteps)
    {
        _injection = options.StalenessInjection;
        _seed = options.Seed;
        _byRounds = options.Consistency.Kind == ConsistencyKind.Bsp;
        (_users, _userSteps, _items, _itemSteps) = (users, userSteps, items, itemSteps);
        _workers = options.Workers;
        for (var worker = 0; worker < _workers; worker++)
        {
            _views.Add(worker, new View(users.NewView(), items.NewView()));
        }
    }

    /// <summary>A worker is at a clock.</summary>
    public void Note(WorkerId worker, long clock)
    {
        var view = Of(worker);
        view.Clock = Math.Max(view.Clock, clock);
    }

    /// <summary>What a worker is shown at a clock.</summary>
    public View Show(WorkerId worker, long clock)
    {
        var view = Of(worker);
        Note(worker, clock);
        while (view.HeldBack.TryPeek(out _, out var due) && due.Clock <= clock)
        {
            view.ShowNext();
        }

        return view;
    }

    /// <summary>An update has been applied to the tables: it is held back from each worker as long as is drawn.</summary>
    /// <param name="batch">Its first batch.</param>
    /// <param name="clock">The clock of its last push.</param>
    /// <param name="versions">By how much it raised the shard's version.</param>
    public void Delay(BatchId batch, long clock, int versions)
    {
        var update = new ShardUpdate(_userSteps.Take(), _itemSteps.Take(), versions);
        _version += versions;
        foreach (var (worker, view) in _views)
        {
            view.HoldBack(update, (_byRounds ? clock : view.Clock) + 1 + _injection.Draw(_seed, batch.Number, worker));
            if (view.HeldBack.Count > MostHeldBack)
            {
                view.ShowNext();
            }
        }
    }

    /// <summary>A life of a worker is over. In a cluster another worker has its place, under a number of its own, so the view of a number
    /// beyond those that a run begins with goes with it.</summary>
    public void Forget(WorkerId worker)
    {
        if (worker.Value >= _workers)
        {
            _views.Remove(worker.Value);
        }
    }

    /// <summary>Every view shows everything.</summary>
    public void ShowAll(long version)
    {
        _version = version;
        foreach (var view in _views.Values)
        {
            view.HeldBack.Clear();
            _users.ShowAll(view.Users);
            _items.ShowAll(view.Items);
            view.Version = version;
        }
    }

    /// <summary>A worker's view. One who comes later begins with everything there is.</summary>
    private View Of(WorkerId worker)
    {
        if (!_views.TryGetValue(worker.Value, out var view))
        {
            _views.Add(worker.Value, view = new View(_users.NewView(), _items.NewView()) { Version = _version });
        }

        return view;
    }

    /// <summary>One worker's view.</summary>
    internal sealed class View(TableView users, TableView items)
    {
        private long _sequence;

        public TableView Users => users;

        public TableView Items => items;

        /// <summary>Versions of the shard that are shown.</summary>
        public long Version { get; set; }

        /// <summary>The last clock the worker was heard of at.</summary>
        public long Clock { get; set; } = -1;

        /// <summary>Updates by the clock they are due at, then in the order they were applied, so that sums
        /// do not depend on anything else.</summary>
        public PriorityQueue<ShardUpdate, (long Clock, long Sequence)> HeldBack { get; } = new();

        public void HoldBack(ShardUpdate update, long due) => HeldBack.Enqueue(update, (due, _sequence++));

        public void ShowNext()
        {
            var update = HeldBack.Dequeue();
            users.Show(update.Users);
            items.Show(update.Items);
            Version += update.Versions;
        }
    }

    /// <summary>What one update changed.</summary>
    internal sealed record ShardUpdate(TableUpdate Users, TableUpdate Items, int Versions);
}
