using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>Tells how old something is: by the train positives that came after it, or by the time until the last of them. Positives of one
/// second are of one age; which of them came first, nobody knows.</summary>
internal sealed class EventClock
{
    internal const double SecondsPerDay = 86_400;
    private readonly long[] _times;

    /// <summary>A clock over the times of the train positives.</summary>
    /// <param name="timestamps">Unix seconds, in any order.</param>
    public EventClock(ReadOnlySpan<long> timestamps)
    {
        _times = timestamps.ToArray();
        Array.Sort(_times);
    }

    /// <summary>Train positives in all.</summary>
    public int Events => _times.Length;

    /// <summary>How many spans old a moment is: 0 at the last train positive, 1 a span before it. Without
    /// a limit everything is of age 0.</summary>
    /// <param name="timestamp">Unix seconds.</param>
    /// <param name="span">What age is counted in.</param>
    /// <exception cref="InvalidOperationException">The span was left to be chosen.</exception>
    public double Age(long timestamp, RecentSpan span) => span.Unit switch
    {
        SpanUnit.All => 0,
        SpanUnit.Days => _times.Length == 0 ? 0 : Math.Max(0, _times[^1] - timestamp) / SecondsPerDay / span.Value,
        _ => After(timestamp) / EventsOf(span),
    };

    /// <summary>The first moment of a window that ends with the last train positive. In events the window holds at least so
    /// many, and all of its first second.</summary>
    /// <param name="window">The window.</param>
    /// <returns>Unix seconds; the least number without a limit, or when there is no train positive.</returns>
    /// <exception cref="InvalidOperationException">The window was left to be chosen.</exception>
    public long Start(RecentSpan window)
    {
        if (_times.Length == 0 || window.Unit == SpanUnit.All)
        {
            return long.MinValue;
        }

        if (window.Unit == SpanUnit.Days)
        {
            return (long)Math.Ceiling(_times[^1] - (window.Value * SecondsPerDay));
        }

        var from = _times.Length - (int)Math.Clamp(Math.Round(EventsOf(window)), 1, _times.Length);
        return _times[from];
    }

    /// <summary>Weights that halve with every span of age; that of the latest moment is 1.</summary>
    /// <param name="timestamps">Unix seconds.</param>
    /// <param name="halfLife">The span.</param>
    /// <exception cref="InvalidOperationException">The span was left to be chosen.</exception>
    public float[] WeightsFromLatest(ReadOnlySpan<long> timestamps, RecentSpan halfLife)
    {
        var ages = new double[timestamps.Length];
        for (var n = 0; n < ages.Length; n++)
        {
            ages[n] = Age(timestamps[n], halfLife);
        }

        var least = ages.Length == 0 ? 0 : ages.Min();
        return Array.ConvertAll(ages, age => (float)Math.Pow(2, least - age));
    }

    /// <summary>Weights that halve with every span of age, scaled to mean 1; all 1 without a limit.</summary>
    /// <param name="timestamps">Unix seconds.</param>
    /// <param name="halfLife">The span.</param>
    /// <exception cref="InvalidOperationException">The span was left to be chosen.</exception>
    public float[] Weights(ReadOnlySpan<long> timestamps, RecentSpan halfLife)
    {
        var exact = new double[timestamps.Length];
        var sum = 0.0;
        for (var n = 0; n < exact.Length; n++)
        {
            exact[n] = Math.Pow(2, -Age(timestamps[n], halfLife));
            sum += exact[n];
        }

        var scale = sum > 0 ? exact.Length / sum : 1;
        return Array.ConvertAll(exact, weight => (float)(weight * scale));
    }

    /// <summary>Train positives that a span counted in events holds.</summary>
    /// <exception cref="InvalidOperationException">The span is counted in something else, or was left to be chosen.</exception>
    internal double EventsOf(RecentSpan span) => span.Unit switch
    {
        SpanUnit.Share => span.Value * _times.Length,
        SpanUnit.Events => span.Value,
        _ => throw new InvalidOperationException("A span has to be chosen before anything is counted in it."),
    };

    /// <summary>Train positives later than a moment.</summary>
    private int After(long timestamp)
    {
        var (low, high) = (0, _times.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _times[middle] <= timestamp ? (middle + 1, high) : (low, middle);
        }

        return _times.Length - low;
    }
}
