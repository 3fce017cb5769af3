using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>Which of a user's past positives are in the history, and how much each counts. Safe for several threads.</summary>
/// <remarks>Positives of one time have no order, so each gets the mean of the weights that their places have (what it would have on average
/// over all orders). Where the limit of length falls among them they are all in the history, each with its part: so no name of
/// an item decides who is left out.</remarks>
internal sealed class HistoryWeights
{
    private const double SecondsPerDay = 86_400;

    private readonly HistoryOptions _options;
    private readonly double[] _sums; // of the weights of the first so many places, the newest first

    /// <summary>Weights under some options.</summary>
    /// <param name="options">Length and half-lives.</param>
    public HistoryWeights(HistoryOptions options)
    {
        _options = options;
        _sums = new double[options.Length + 1];
        for (var place = 0; place < options.Length; place++)
        {
            _sums[place + 1] = _sums[place] + (options.HalfLife > 0 ? Math.Pow(2, -place / options.HalfLife) : 1);
        }
    }

    /// <summary>The first past positive that is in the history; those after it all are.</summary>
    /// <param name="times">Unix seconds of the past positives, ascending.</param>
    public int FirstOf(ReadOnlySpan<long> times)
    {
        var first = Math.Max(0, times.Length - _options.Length);
        while (first > 0 && times[first - 1] == times[first])
        {
            first--;
        }

        return first;
    }

    /// <summary>Weighs a history.</summary>
    /// <param name="times">Unix seconds of the positives in it, ascending; from <see cref="FirstOf"/> on.</param>
    /// <param name="weights">As many, overwritten; they sum to 1.</param>
    public void Fill(ReadOnlySpan<long> times, Span<float> weights)
    {
        var total = 0.0;
        for (int end = times.Length, place = 0; end > 0;)
        {
            var begin = end - 1;
            while (begin > 0 && times[begin - 1] == times[end - 1])
            {
                begin--;
            }

            var count = end - begin;
            var weight = (_sums[Math.Min(place + count, _options.Length)] - _sums[Math.Min(place, _options.Length)]) / count;
            if (_options.HalfLifeDays > 0)
            {
                weight *= Math.Pow(2, -(times[^1] - times[begin]) / SecondsPerDay / _options.HalfLifeDays);
            }

            weights[begin..end].Fill((float)weight);
            (total, place, end) = (total + (weight * count), place + count, begin);
        }

        var scale = (float)(1 / total);
        foreach (ref var weight in weights[..times.Length])
        {
            weight *= scale;
        }
    }
}
