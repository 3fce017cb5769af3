using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Reproductions.Windows;

/// <summary>The rankings of one window of one data set.</summary>
/// <param name="Data">Short name of the data set.</param>
/// <param name="Window">The window: "2/6", or "validation" for the split's own.</param>
/// <param name="Users">Evaluated users.</param>
/// <param name="Model">The two towers: users' means over the seeds.</param>
/// <param name="Baselines">The baselines, by key.</param>
internal sealed record StudiedWindow(string Data, string Window, int Users, StudiedRanking Model, IReadOnlyList<StudiedRanking> Baselines)
{
    /// <summary>The name of the split's own validation.</summary>
    public const string Own = "validation";

    /// <summary>Whether the data is a synthetic world.</summary>
    public bool IsSynthetic { get; init; }

    /// <summary>The baseline with the highest mean.</summary>
    public StudiedRanking Best(string metric) => Baselines.MaxBy(baseline => baseline.Mean(metric))!;

    /// <summary>The baseline of a key.</summary>
    public StudiedRanking Of(string key) => Baselines.Single(baseline => baseline.Key == key);
}

/// <summary>A ranking, user by user.</summary>
/// <param name="Key">"model", or the baseline's key.</param>
/// <param name="Label">Its name with what was chosen for it.</param>
/// <param name="PerUser">Masked metrics by name.</param>
internal sealed record StudiedRanking(string Key, string Label, IReadOnlyDictionary<string, double[]> PerUser)
{
    /// <summary>The mean over users.</summary>
    public double Mean(string metric) => PerUser[metric].Average();

    /// <summary>The mean with its interval by the bootstrap over users.</summary>
    public Interval Interval(string metric) => Bootstrap.Mean(PerUser[metric]);

    /// <summary>This minus another over the same users, paired.</summary>
    public Interval Minus(StudiedRanking other, string metric) => Bootstrap.Difference(PerUser[metric], other.PerUser[metric]);

    /// <summary>The mean over windows of this minus another: users are drawn anew inside each window,
    /// and every window counts alike.</summary>
    /// <param name="pairs">Per window, this and the other.</param>
    /// <param name="metric">The metric.</param>
    public static Interval MeanDifference(IReadOnlyList<(StudiedRanking One, StudiedRanking Other)> pairs, string metric) =>
        Bootstrap.MeanOfMeans([.. pairs.Select(pair => pair.One.PerUser[metric].Zip(pair.Other.PerUser[metric], (one, other) => one - other)
            .ToArray())]);
}
