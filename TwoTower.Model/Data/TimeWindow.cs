namespace TwoTower.Model.Data;

/// <summary>What windows that follow one another have in common.</summary>
public enum WindowSpacing
{
    /// <summary>As many ratings each.</summary>
    Events,

    /// <summary>As much time each.</summary>
    Time,
}

/// <summary>One of several windows that roll forward over the ratings before test: what is before it is train, the window is validation,
/// what is later is left out. The last ends where test begins.</summary>
/// <param name="Number">Which, from 1, the earliest first.</param>
/// <param name="Count">How many there are.</param>
public sealed record TimeWindow(int Number, int Count)
{
    /// <summary>Share of the ratings before test that are before the first window, in (0, 1).</summary>
    public double From { get; init; } = 0.5;

    /// <summary>What the windows have in common.</summary>
    public WindowSpacing Spacing { get; init; }

    /// <summary>Share of the ratings before test that are before a bound, for windows of as many ratings.</summary>
    /// <param name="bound">0 for the beginning of the first, <see cref="Count"/> for the end of the last.</param>
    internal double ShareBefore(int bound) => bound == Count ? 1 : From + ((1 - From) * bound / Count);
}
