using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Runs;

/// <summary>Whether a choice stands on a window that had no part in it.</summary>
internal enum ChoiceVerdict
{
    /// <summary>It is ahead there, 0 outside the interval.</summary>
    Holds,

    /// <summary>It is behind there, 0 outside the interval.</summary>
    DoesNotHold,

    /// <summary>0 is inside the interval: there the two cannot be told apart.</summary>
    CannotBeTold,

    /// <summary>There is no interval.</summary>
    Unknown,
}

/// <summary>A choice that was made on all rolling windows but the last, and what the last says of it.</summary>
/// <param name="Chosen">What was chosen.</param>
/// <param name="Start">What it is held against.</param>
/// <param name="Differences">Chosen minus start on each window that chose, the earliest first.</param>
/// <param name="OnChoosing">Their mean. The choosing flatters it.</param>
/// <param name="OnLast">Chosen minus start on the last window, which had no part in the choice.</param>
internal sealed record WindowChoice(string Chosen, string Start, IReadOnlyList<double> Differences, Interval OnChoosing, Interval OnLast)
{
    /// <summary>On how many of the windows that chose the choice is ahead.</summary>
    public int AheadOn => Differences.Count(difference => difference > 0);

    /// <summary>Number of the last window.</summary>
    public int Last => Differences.Count + 1;

    /// <summary>What the last window says.</summary>
    public ChoiceVerdict Verdict => double.IsNaN(OnLast.Low) ? ChoiceVerdict.Unknown
        : !OnLast.ExcludesZero ? ChoiceVerdict.CannotBeTold
        : OnLast.Value > 0 ? ChoiceVerdict.Holds : ChoiceVerdict.DoesNotHold;

    /// <summary>A choice from values user by user: paired inside each window; over windows users are drawn anew inside each,
    /// and every window counts alike.</summary>
    /// <param name="chosen">What was chosen.</param>
    /// <param name="start">What it is held against.</param>
    /// <param name="ofChosen">Its values, window by window, the last window last.</param>
    /// <param name="ofStart">The start's over the same users.</param>
    /// <exception cref="ArgumentException">There are fewer than two windows, or the users differ.</exception>
    public static WindowChoice Of(string chosen, string start, IReadOnlyList<double[]> ofChosen, IReadOnlyList<double[]> ofStart)
    {
        if (ofChosen.Count < 2 || ofChosen.Count != ofStart.Count || ofChosen.Zip(ofStart)
            .Any(pair => pair.First.Length != pair.Second.Length))
        {
            throw new ArgumentException("A choice takes two windows or more, and the same users on both sides of each.", nameof(ofStart));
        }

        double[][] differences = [.. ofChosen.Zip(ofStart, (mine, theirs) => mine.Zip(theirs, (x, y) => x - y).ToArray())];
        return new WindowChoice(chosen, start, [.. differences.SkipLast(1).Select(window => window.Average())], MeanOver(differences[..^1]),
            Bootstrap.Mean(differences[^1]));
    }

    /// <summary>A choice from means alone, without users to pair: no interval.</summary>
    /// <param name="chosen">What was chosen.</param>
    /// <param name="start">What it is held against.</param>
    /// <param name="differences">Chosen minus start window by window, the last window last.</param>
    public static WindowChoice OfMeans(string chosen, string start, IReadOnlyList<double> differences) =>
        new(chosen, start, [.. differences.SkipLast(1)], new Interval(differences.SkipLast(1).Average(), double.NaN, double.NaN),
            new Interval(differences[^1], double.NaN, double.NaN));

    /// <summary>The mean over windows of differences user by user. One user in every window tells nothing of the spread.</summary>
    public static Interval MeanOver(IReadOnlyList<double[]> differences) => differences.Count == 1 ? Bootstrap.Mean(differences[0])
        : differences.Any(window => window.Length <= 1)
        ? new Interval(differences.Average(window => window.Average()), double.NaN, double.NaN)
        : Bootstrap.MeanOfMeans(differences);
}
