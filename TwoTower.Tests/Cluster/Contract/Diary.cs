using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>What may happen on a node. The first are what a subscriber is told of a member, in the order of
/// <see cref="PeerStatus"/>.</summary>
internal enum Happening
{
    Joining,
    Up,
    Leaving,
    Exiting,
    Down,
    Removed,
    Unreachable,
    Began,
    HandedOff,
    Ended,
    Found,
    NotFound,
}

/// <summary>Something that happened.</summary>
/// <param name="Seconds">When, by the world's clock.</param>
/// <param name="Node">Where.</param>
/// <param name="What">What.</param>
/// <param name="About">A member, a shard or the singleton.</param>
internal sealed record Note(double Seconds, string Node, Happening What, string About);

/// <summary>A letter on its way, or there.</summary>
/// <param name="From">The node that wrote it.</param>
/// <param name="To">A shard, or the singleton.</param>
/// <param name="Seconds">When it was written.</param>
internal sealed record Posted(string From, string To, double Seconds)
{
    /// <summary>How often it has arrived.</summary>
    public int Arrivals { get; set; }
}

/// <summary>All that happens in one world, written down by everybody in it.</summary>
/// <param name="clock">Seconds by the world's clock.</param>
internal sealed class Diary(Func<double> clock)
{
    private readonly Lock _lock = new();
    private readonly List<Note> _notes = [];
    private readonly List<Posted> _letters = [];
    private readonly Dictionary<(string From, string To), double> _latest = [];
    private readonly Dictionary<string, string> _labels = [];
    private readonly Dictionary<string, double> _marks = [];
    private readonly List<IActorRef> _held = [];
    private bool _holds;

    /// <summary>Whether nodes write letters.</summary>
    public bool Writing { get; set; }

    /// <summary>What was noted, in order.</summary>
    public IReadOnlyList<Note> Notes
    {
        get
        {
            lock (_lock)
            {
                return [.. _notes];
            }
        }
    }

    /// <summary>All letters.</summary>
    public IReadOnlyList<Posted> Letters
    {
        get
        {
            lock (_lock)
            {
                return [.. _letters];
            }
        }
    }

    /// <summary>The members as each node saw them at one moment.</summary>
    public Dictionary<string, string[]> Views { get; } = [];

    /// <summary>Says what the spec calls a life of a node.</summary>
    public void Name(string life, string label)
    {
        lock (_lock)
        {
            _labels[life] = label;
        }
    }

    /// <summary>What the spec calls a life of a node.</summary>
    public string LabelOf(string life)
    {
        lock (_lock)
        {
            return _labels.GetValueOrDefault(life, life);
        }
    }

    /// <summary>Names a moment.</summary>
    public double Mark(string moment)
    {
        lock (_lock)
        {
            return _marks[moment] = clock();
        }
    }

    /// <summary>When a named moment was.</summary>
    public double At(string moment)
    {
        lock (_lock)
        {
            return _marks[moment];
        }
    }

    public void Write(string node, Happening what, string about)
    {
        lock (_lock)
        {
            _notes.Add(new Note(clock(), node, what, about));
        }
    }

    /// <summary>A letter is written; returns its number.</summary>
    public int Post(string from, string to)
    {
        lock (_lock)
        {
            _letters.Add(new Posted(from, to, clock()));
            return _letters.Count - 1;
        }
    }

    /// <summary>A letter has arrived.</summary>
    public void Arrive(int number)
    {
        lock (_lock)
        {
            var letter = _letters[number];
            letter.Arrivals++;
            _latest[(letter.From, letter.To)] =
                Math.Max(letter.Seconds, _latest.GetValueOrDefault((letter.From, letter.To), double.NegativeInfinity));
        }
    }

    /// <summary>Whether a letter from a node that was written at a moment or later has arrived.</summary>
    public bool HasHeard(string to, string from, double since)
    {
        lock (_lock)
        {
            return _latest.GetValueOrDefault((from, to), double.NegativeInfinity) >= since;
        }
    }

    /// <summary>Whether a node has written to somebody since a moment.</summary>
    public int CountWritten(string from, string to, double since)
    {
        lock (_lock)
        {
            return _letters.Count(letter => letter.From == from && letter.To == to && letter.Seconds >= since);
        }
    }

    /// <summary>Letters written between two moments to some, that have not arrived just once.</summary>
    public IReadOnlyList<Posted> Astray(IEnumerable<string> to, double since, double until)
    {
        var receivers = to.ToHashSet(StringComparer.Ordinal);
        return [.. Letters.Where(letter => receivers.Contains(letter.To) && letter.Seconds >= since && letter.Seconds <= until
            && letter.Arrivals != 1)];
    }

    /// <summary>Shards that are told to go stay until <see cref="Release"/>.</summary>
    public void Hold()
    {
        lock (_lock)
        {
            _holds = true;
        }
    }

    /// <summary>They go.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _holds = false;
            _held.ForEach(held => held.Tell(Going.Instance));
            _held.Clear();
        }
    }

    /// <summary>Somebody is told to go: at once, or when it is released.</summary>
    public void Go(IActorRef actor)
    {
        lock (_lock)
        {
            if (_holds)
            {
                _held.Add(actor);
            }
            else
            {
                actor.Tell(Going.Instance);
            }
        }
    }

    /// <summary>What a node was told of a member, in order.</summary>
    public IReadOnlyList<Happening> Told(string node, string about) =>
        [.. Notes.Where(note => note.Node == node && note.About == about && note.What <= Happening.Unreachable).Select(note => note.What)];

    /// <summary>When something happened first; +∞ when never.</summary>
    public double First(string node, Happening what, string about) =>
        Notes.FirstOrDefault(note => note.Node == node && note.What == what && note.About == about)?.Seconds ?? double.PositiveInfinity;

    /// <summary>Whether something has happened at a moment or later.</summary>
    public bool Has(string node, Happening what, string about, double since = 0) =>
        Notes.Any(note => note.Node == node && note.What == what && note.About == about && note.Seconds >= since);

    /// <summary>Where a shard or the singleton was, one stay after the other; +∞ is the end of one that has not ended.</summary>
    public IReadOnlyList<Stay> Stays(string about)
    {
        var notes = Notes.Where(note => note.About == about).ToArray();
        return [.. notes.Where(note => note.What == Happening.Began).Select(began => new Stay(
            began.Node, began.Seconds, notes.SkipWhile(note => note != began)
                .FirstOrDefault(note => note.Node == began.Node && note.What == Happening.Ended)?.Seconds ?? double.PositiveInfinity))];
    }

    /// <summary>Where a shard or the singleton is now, or null.</summary>
    public string? Home(string about) => Stays(about).LastOrDefault() is { } stay && double.IsPositiveInfinity(stay.Ended)
        ? stay.Node : null;

    /// <summary>Some stay of a shard or the singleton on a node.</summary>
    public sealed record Stay(string Node, double Began, double Ended);

    /// <summary>Told to who is to end.</summary>
    public sealed class Going
    {
        public static readonly Going Instance = new();
    }

    public override string ToString() =>
        string.Join('\n',
        Notes.Select(note => FormattableString.Invariant($"{note.Seconds,8:0.000} {note.Node}: {note.What} {note.About}")));
}
