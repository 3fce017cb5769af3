using TwoTower.Model.Options;

namespace TwoTower.Model.Sampling;

/// <summary>What an item's score begins with before anything is learned: the logarithm of how popular it has been lately. It is a fixed
/// term of every score, in training and in ranking, so that the towers have only to learn in what a user differs from the crowd (the base
/// rate of a log-linear model; Menon et al. 2021, "Long-tail learning via logit adjustment", section 3, use it the other way
/// round, to take the base rate out).</summary>
/// <remarks>
/// "Lately" is a matter of when. What ranks is the popularity at the end of train; what an example was drawn from is the popularity at its
/// own time. With one prior for all, the towers have to learn the difference of the two as well: that a film was liked by everybody in May
/// becomes a taste of those who came in May. So the prior is counted anew at <see cref="ModelOptions.PriorSteps"/> moments of train, and an
/// example has that of the last moment before it, which knows nothing of the example itself or of anything later. The share of item i at a
/// moment is (c + a p) / (C + a n): c of the C positives in the window before that moment are of i, p is i's share of all positives before
/// it (a tenth of a positive added to each item), n the number of items and a <see cref="ModelOptions.PriorSmoothing"/> — the mean of a
/// Dirichlet prior around p with a n pseudo-counts. Where a window holds little, it ends at plain popularity. Where
/// <see cref="ModelOptions.PriorFit"/> asks for it, all-time popularity has a weight of its own (<see cref="PriorWeights"/>); those two
/// numbers are fitted to all of train, and are all that an example's prior knows of later.
/// </remarks>
internal sealed class ItemPrior
{
    /// <summary>Most values that are kept; a larger catalogue has fewer moments.</summary>
    private const int MostValues = 1 << 25;

    private readonly float[][] _logits;
    private readonly int[] _stepOf;

    private ItemPrior(float[][] logits, int[] stepOf, float[] last, PriorWeights weights) =>
        (_logits, _stepOf, Logits, Weights) = (logits, stepOf, last, weights);

    /// <summary>How recent and all-time popularity are mixed.</summary>
    public PriorWeights Weights { get; }

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
        : set.PriorOf((model.PriorStrength, model.PriorWindow, model.PriorSmoothing, model.PriorSteps, model.PriorFit),
            () => Count(model, set));

    /// <summary>Logits in units of a score, which is divided by the temperature.</summary>
    /// <param name="logits">One per item, or null.</param>
    /// <param name="temperature">What scores are divided by.</param>
    public static float[]? Scores(float[]? logits, double temperature) => logits is null
        ? null : Array.ConvertAll(logits, logit => (float)(logit * temperature));

    /// <summary>The moment whose prior an example has.</summary>
    /// <param name="example">Its place in the train positives.</param>
    public int StepOf(int example) => _stepOf.Length == 0 ? 0 : _stepOf[example];

    /// <summary>The prior of every item at a moment, in units of a logit. <c>[items]</c></summary>
    /// <param name="step">The moment, from 0.</param>
    public ReadOnlySpan<float> LogitsAt(int step) => _logits[step];

    private static ItemPrior Count(ModelOptions model, TrainingSet set)
    {
        var weights = PriorWeightFit.Of(model, set);
        var popularity = new RollingPopularity(model, set);
        var steps = Math.Clamp(Math.Min(model.PriorSteps, set.Log.Count), 1, Math.Max(1, MostValues / Math.Max(1, set.Items)));
        if (steps == 1)
        {
            var last = LogitsBefore(set.Log.Count);
            return new ItemPrior([last], [], last, weights);
        }

        var logits = new float[steps][];
        var stepOf = new int[set.Log.Count];
        for (var step = 0; step < steps; step++)
        {
            var (from, to) = (popularity.FirstOf(step, steps), popularity.FirstOf(step + 1, steps));
            logits[step] = LogitsBefore(from);
            for (var place = from; place < to; place++)
            {
                stepOf[popularity.ExampleAt(place)] = step;
            }
        }

        return new ItemPrior(logits, stepOf, LogitsBefore(set.Log.Count), weights);

        float[] LogitsBefore(int place)
        {
            popularity.MoveTo(place);
            var logits = new float[set.Items];
            for (var item = 0; item < logits.Length; item++)
            {
                var logit = weights.Recent * popularity.LogRecent(item);
                logits[item] =
                    (float)(model.PriorStrength * (weights.AllTime == 0 ? logit : logit + (weights.AllTime * popularity.LogAllTime(item))));
            }

            return logits;
        }
    }
}
