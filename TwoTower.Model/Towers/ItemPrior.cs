using TwoTower.Model.Losses;
using TwoTower.Model.Sampling;

namespace TwoTower.Model.Towers;

/// <summary>What an item's score begins with before anything is learned: the logarithm of how popular it has been lately. It is a fixed term of every score, in training and in ranking, so
/// that the towers have only to learn in what a user differs from the crowd (the base rate of a log-linear model; Menon et al. 2021, "Long-tail learning via logit adjustment", section 3, use
/// it the other way round, to take the base rate out).</summary>
/// <remarks>
/// "Lately" is a matter of when. What ranks is the popularity at the end of train; what an example was drawn from is the popularity at its own time. With one prior for all, the towers have to learn the difference
/// of the two as well: that a film was liked by everybody in May becomes a taste of those who came in May. So the prior is counted anew at <see cref="ModelOptions.PriorSteps"/> moments of train,
/// and an example has that of the last moment before it, which knows nothing of the example itself or of anything later.
/// The share of item i at a moment is (c + a p) / (C + a n): c of the C positives in the window before that moment are of i, p is i's share of all positives before it (a tenth of a positive
/// added to each item), n the number of items and a <see cref="ModelOptions.PriorSmoothing"/> — the mean of a Dirichlet prior around p with a n pseudo-counts. Where a window holds
/// little, it ends at plain popularity.
/// </remarks>
public sealed class ItemPrior
{
    /// <summary>Most values that are kept; a larger catalogue has fewer moments.</summary>
    private const int MostValues = 1 << 25;

    private const double Evenly = 0.1;
    private readonly float[][] _logits;
    private readonly int[] _stepOf;

    private ItemPrior(float[][] logits, int[] stepOf, float[] last) => (_logits, _stepOf, Logits) = (logits, stepOf, last);

    /// <summary>The prior of every item after the last train positive, in units of a logit: what ranks.</summary>
    public float[] Logits { get; }

    /// <summary>Moments at which the prior is counted for examples.</summary>
    public int Steps => _logits.Length;

    /// <summary>The prior of a training; one that was made for the same set is given again.</summary>
    /// <param name="model">Strength, window, smoothing, moments.</param>
    /// <param name="set">The train positives.</param>
    /// <returns>Null when there is no prior.</returns>
    /// <exception cref="InvalidOperationException">The window was left to be chosen.</exception>
    public static ItemPrior? Of(ModelOptions model, TrainingSet set) => model.PriorStrength == 0
        ? null
        : set.PriorOf((model.PriorStrength, model.PriorWindow, model.PriorSmoothing, model.PriorSteps), () => Count(model, set));

    /// <summary>Logits in units of a score, which is divided by the temperature.</summary>
    /// <param name="logits">One per item, or null.</param>
    /// <param name="temperature">What scores are divided by.</param>
    public static float[]? Scores(float[]? logits, double temperature) => logits is null ? null : Array.ConvertAll(logits, logit => (float)(logit * temperature));

    /// <summary>The moment whose prior an example has.</summary>
    /// <param name="example">Its place in the train positives.</param>
    public int StepOf(int example) => _stepOf.Length == 0 ? 0 : _stepOf[example];

    /// <summary>The prior of every item at a moment, in units of a logit. <c>[items]</c></summary>
    /// <param name="step">The moment, from 0.</param>
    public ReadOnlySpan<float> LogitsAt(int step) => _logits[step];

    private static ItemPrior Count(ModelOptions model, TrainingSet set)
    {
        var counting = new Counting(model, set);
        var steps = Math.Clamp(Math.Min(model.PriorSteps, set.Log.Count), 1, Math.Max(1, MostValues / Math.Max(1, set.Items)));
        if (steps == 1)
        {
            var last = counting.LogitsBefore(set.Log.Count);
            return new ItemPrior([last], [], last);
        }

        var logits = new float[steps][];
        var stepOf = new int[set.Log.Count];
        for (var step = 0; step < steps; step++)
        {
            var (from, to) = (counting.FirstOf(step, steps), counting.FirstOf(step + 1, steps));
            logits[step] = counting.LogitsBefore(from);
            for (var place = from; place < to; place++)
            {
                stepOf[counting.ExampleAt(place)] = step;
            }
        }

        return new ItemPrior(logits, stepOf, counting.LogitsBefore(set.Log.Count));
    }

    /// <summary>Counts in a window that moves forward.</summary>
    private sealed class Counting
    {
        private readonly ModelOptions _model;
        private readonly TrainingSet _set;
        private readonly long[] _times;
        private readonly int[] _examples;
        private readonly double[] _window;
        private readonly double[] _all;
        private int _from;
        private int _to;

        public Counting(ModelOptions model, TrainingSet set)
        {
            (_model, _set) = (model, set);
            _times = [.. set.Log.Timestamps];
            _examples = [.. Enumerable.Range(0, _times.Length)];
            Array.Sort(_times, _examples);
            (_window, _all) = (new double[set.Items], new double[set.Items]);
        }

        /// <summary>The example at a place of the time order; places of one second are in any order.</summary>
        public int ExampleAt(int place) => _examples[place];

        /// <summary>The first place of a step. Positives of one second are of one step.</summary>
        public int FirstOf(int step, int steps)
        {
            var place = (int)((long)step * _times.Length / steps);
            while (place > 0 && place < _times.Length && _times[place - 1] == _times[place])
            {
                place--;
            }

            return place;
        }

        /// <summary>The prior that is known before the positive at a place. Places may not fall from call to call.</summary>
        public float[] LogitsBefore(int place)
        {
            for (; _to < place; _to++)
            {
                _window[ItemAt(_to)]++;
                _all[ItemAt(_to)]++;
            }

            for (var start = StartOfWindow(place); _from < start; _from++)
            {
                _window[ItemAt(_from)]--;
            }

            var (inWindow, all, items) = ((double)(_to - _from), _to + (Evenly * _set.Items), _set.Items);
            var pseudo = _model.PriorSmoothing * items;
            var logits = new float[items];
            for (var item = 0; item < items; item++)
            {
                logits[item] = (float)(_model.PriorStrength * Math.Log((_window[item] + (pseudo * (_all[item] + Evenly) / all)) / (inWindow + pseudo)));
            }

            return logits;
        }

        private int ItemAt(int place) => _set.Log.Items[_examples[place]];

        private int StartOfWindow(int place)
        {
            if (place == 0 || _model.PriorWindow.Unit == SpanUnit.All)
            {
                return 0;
            }

            if (_model.PriorWindow.Unit == SpanUnit.Days)
            {
                return FirstAt((long)Math.Ceiling(_times[place - 1] - (_model.PriorWindow.Value * EventClock.SecondsPerDay)));
            }

            var start = Math.Max(0, place - Math.Max(1, (int)Math.Round(_set.Clock.EventsOf(_model.PriorWindow))));
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
}
