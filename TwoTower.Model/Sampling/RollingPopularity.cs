using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>How popular items were at a moment of train, lately and of all time, while the moment moves forward.</summary>
internal sealed class RollingPopularity
{
    /// <summary>Positives that every item has from the start, so that all have a logarithm.</summary>
    private const double Evenly = 0.1;

    private readonly RecentSpan _span;
    private readonly EventClock _clock;
    private readonly double _pseudo;
    private readonly long[] _times;
    private readonly int[] _examples;
    private readonly int[] _items;
    private readonly int[] _window;
    private readonly int[] _all;
    private int _from;
    private int _to;

    public RollingPopularity(ModelOptions model, TrainingSet set)
    {
        (_span, _clock, _items, _pseudo) = (model.PriorWindow, set.Clock, set.Log.Items, model.PriorSmoothing * set.Items);
        _times = [.. set.Log.Timestamps];
        _examples = [.. Enumerable.Range(0, _times.Length)];
        Array.Sort(_times, _examples);
        (_window, _all) = (new int[set.Items], new int[set.Items]);
    }

    /// <summary>The example at a place of the time order; places of one second are in any order.</summary>
    public int ExampleAt(int place) => _examples[place];

    /// <summary>The first place of a step, of steps with about as many positives each. Positives of one second are of one step.</summary>
    public int FirstOf(int step, int steps)
    {
        var place = (int)((long)step * _times.Length / steps);
        while (place > 0 && place < _times.Length && _times[place - 1] == _times[place])
        {
            place--;
        }

        return place;
    }

    /// <summary>Goes on to the moment before the positive at a place. Places may not fall from call to call.</summary>
    public void MoveTo(int place)
    {
        for (; _to < place; _to++)
        {
            _window[_items[_examples[_to]]]++;
            _all[_items[_examples[_to]]]++;
        }

        for (var start = StartOfWindow(place); _from < start; _from++)
        {
            _window[_items[_examples[_from]]]--;
        }
    }

    /// <summary>Positives of an item before the moment.</summary>
    public int CountOf(int item) => _all[item];

    /// <summary>Logarithm of an item's share of all positives before the moment.</summary>
    public double LogAllTime(int item) => Math.Log(AllTime(item));

    /// <summary>Logarithm of an item's share of the positives in the window before the moment, smoothed by that of all before it.</summary>
    public double LogRecent(int item) => Math.Log((_window[item] + (_pseudo * AllTime(item))) / (_to - _from + _pseudo));

    private double AllTime(int item) => (_all[item] + Evenly) / (_to + (Evenly * _all.Length));

    private int StartOfWindow(int place)
    {
        if (place == 0 || _span.Unit == SpanUnit.All)
        {
            return 0;
        }

        if (_span.Unit == SpanUnit.Days)
        {
            return FirstAt((long)Math.Ceiling(_times[place - 1] - (_span.Value * EventClock.SecondsPerDay)));
        }

        var start = Math.Max(0, place - Math.Max(1, (int)Math.Round(_clock.EventsOf(_span))));
        return FirstAt(_times[start]);
    }

    /// <summary>The first place whose time is not before a moment.</summary>
    private int FirstAt(long moment)
    {
        var (low, high) = (0, _times.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _times[middle] < moment ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
