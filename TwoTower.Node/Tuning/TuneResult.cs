using TwoTower.Node.Runs;

namespace TwoTower.Node.Tuning;

/// <summary>What a trial reached in a rung.</summary>
/// <param name="Rung">The rung, from 0.</param>
/// <param name="Trial">The trial.</param>
/// <param name="Windows">The metric user by user, means over seeds: one part for each window that was judged, or
/// the split's own validation alone.</param>
/// <param name="Failure">Why it failed, or null.</param>
internal sealed record TuneTrial(int Rung, int Trial, IReadOnlyList<double[]> Windows, string? Failure)
{
    /// <summary>The mean, every window counting alike; not a number for a trial that failed.</summary>
    public double Value => Failure is null ? Windows.Average(window => window.Average()) : double.NaN;
}

/// <summary>A search that has come to its end.</summary>
/// <param name="Plan">The search.</param>
/// <param name="Metric">What it was judged by.</param>
/// <param name="Trials">Every trial of every rung, on what chooses.</param>
/// <param name="Confirmed">The recipe and the best trial on the last window alone, when there are windows.</param>
internal sealed record TuneResult(TunePlan Plan, string Metric, IReadOnlyList<TuneTrial> Trials, IReadOnlyList<TuneTrial> Confirmed)
{
    /// <summary>The trials that had all epochs.</summary>
    public IReadOnlyList<TuneTrial> LastRung => [.. Trials.Where(trial => trial.Rung == Plan.Rungs.Count - 1)];

    /// <summary>The number of the best trial: the highest mean over what chooses.</summary>
    public int Best => SuccessiveHalving.Best(LastRung.Select(trial => (trial.Trial, trial.Value)), 1)[0];

    /// <summary>The best trial against the recipe, and what the last window says of it; null without windows, where the recipe itself is
    /// best, or where a run of the two failed.</summary>
    public WindowChoice? Choice =>
        Best != 0 && Of(LastRung, Best) is { } best && Of(LastRung, 0) is { } recipe && Of(Confirmed, Best) is { } bestThere
            && Of(Confirmed, 0) is { } recipeThere
            ? WindowChoice.Of($"trial {Best}", "the recipe", [.. best, .. bestThere], [.. recipe, .. recipeThere])
            : null;

    /// <summary>A trial's values on the last window, user by user; null when it was not judged there.</summary>
    public double[]? OnLast(int trial) => Of(Confirmed, trial)?[0];

    /// <summary>Why a trial failed on the last window, or null.</summary>
    public string? FailureOnLast => Confirmed.FirstOrDefault(trial => trial.Failure is not null)?.Failure;

    private static IReadOnlyList<double[]>? Of(IEnumerable<TuneTrial> trials, int number) =>
        trials.FirstOrDefault(trial => trial.Trial == number && trial.Failure is null)?.Windows;
}
