using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Runs;

/// <summary>One ranking over rolling time windows.</summary>
/// <param name="Name">Its name, the same in every window.</param>
/// <param name="Windows">Per window its masked validation metrics.</param>
internal sealed record WindowedRanking(string Name, IReadOnlyList<IReadOnlyDictionary<string, double>> Windows)
{
    /// <summary>The mean over windows with Student's interval.</summary>
    public Interval Mean(string metric) => SampleMean.Of([.. Windows.Select(window => window[metric])]);

    /// <summary>On how many windows this ranking is ahead of another.</summary>
    public int AheadOf(WindowedRanking other, string metric) => Windows.Zip(other.Windows)
        .Count(pair => pair.First[metric] > pair.Second[metric]);

    /// <summary>The mean over windows of this ranking minus another: what a window does to both cancels.</summary>
    public Interval Minus(WindowedRanking other, string metric) =>
        SampleMean.Of([.. Windows.Zip(other.Windows, (mine, theirs) => mine[metric] - theirs[metric])]);
}

/// <summary>Rankings over rolling time windows: what holds over them does not hang on one split.</summary>
/// <param name="Rankings">Those that every window has, weakest idea first.</param>
internal sealed record WindowMeans(IReadOnlyList<WindowedRanking> Rankings)
{
    /// <summary>Collects the windows' rankings; one that a window does not have is left out.</summary>
    /// <param name="windows">Per window the masked validation metrics of every ranking, by name.</param>
    public static WindowMeans Of(IReadOnlyList<IReadOnlyList<(string Name, IReadOnlyDictionary<string, double> Metrics)>> windows)
    {
        var rankings = new List<WindowedRanking>();
        foreach (var (name, _) in windows[0])
        {
            var own = windows.SelectMany(window => window.Where(ranking => ranking.Name == name).Select(ranking => ranking.Metrics))
                .ToArray();
            if (own.Length == windows.Count)
            {
                rankings.Add(new WindowedRanking(name, own));
            }
        }

        return new WindowMeans(rankings);
    }

    /// <summary>The ranking with the highest mean, the earlier of equals.</summary>
    public WindowedRanking Best(string metric) => Rankings.MaxBy(ranking => ranking.Mean(metric).Value)!;
}
