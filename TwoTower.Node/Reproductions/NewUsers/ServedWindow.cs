using TwoTower.Node.Reproductions.Windows;

namespace TwoTower.Node.Reproductions.NewUsers;

/// <summary>How users were served in one window.</summary>
/// <param name="Window">The window.</param>
/// <param name="Positives">Train positives of every evaluated user.</param>
/// <param name="LeftOut">Places of those who were left out, among the evaluated users.</param>
/// <param name="Models">Per model, everybody when all were trained, and those who were left out.</param>
internal sealed record ServedWindow(string Window, int[] Positives, int[] LeftOut,
    IReadOnlyDictionary<string, (StudiedRanking Trained, StudiedRanking LeftOut)> Models)
{
    /// <summary>Users who were left out: the mean.</summary>
    public double LeftOutMean(string model, string metric) => Models[model].LeftOut.Mean(metric);

    /// <summary>The same users when they were trained: the mean.</summary>
    public double SameTrainedMean(string model, string metric) => SameTrained(model, metric).Average();

    /// <summary>Left out minus trained, user by user.</summary>
    public double[] LeftOutMinusTrained(string model, string metric) =>
        [.. Models[model].LeftOut.PerUser[metric].Zip(SameTrained(model, metric), (one, other) => one - other)];

    /// <summary>A model minus another over users with so many train positives, all trained, user by user.</summary>
    public double[] Minus(string model, string other, string metric, int from, int to) =>
        [.. Models[model].Trained.PerUser[metric].Zip(Models[other].Trained.PerUser[metric], (one, two) => one - two)
            .Where((_, user) => Positives[user] >= from && Positives[user] <= to)];

    private double[] SameTrained(string model, string metric) =>
        Array.ConvertAll(LeftOut, place => Models[model].Trained.PerUser[metric][place]);
}
