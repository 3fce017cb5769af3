using System.Globalization;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Node.Ablations;
using TwoTower.Node.Reproductions.Windows;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Reproductions.Seed;

/// <summary>The rows of an ablation on windows that roll forward, one seed each: what is a change worth where nobody chose it?</summary>
internal sealed class SeedWindows
{
    private readonly IReadOnlyList<IReadOnlyDictionary<string, StudiedRanking>> _windows;

    /// <summary>Results.</summary>
    /// <param name="windows">Per window every row and baseline by name.</param>
    public SeedWindows(IReadOnlyList<IReadOnlyDictionary<string, StudiedRanking>> windows) => _windows = windows;

    /// <summary>Number of windows.</summary>
    public int Count => _windows.Count;

    /// <summary>Trains and judges what is not there yet: every row in every window, with the ablation's first seed.</summary>
    /// <param name="ablation">The rows.</param>
    /// <param name="windows">Number of windows.</param>
    /// <param name="folder">Where cells are kept.</param>
    /// <param name="jobs">Trainings at a time.</param>
    /// <param name="say">Is told of every row.</param>
    /// <param name="stop">Ends the trainings.</param>
    public static SeedWindows Run(Ablation ablation, int windows, string folder, int jobs, Action<string> say, CancellationToken stop)
    {
        Directory.CreateDirectory(folder);
        return new SeedWindows(
            [.. Enumerable.Range(1, windows)
            .Select(number => Window(ablation, string.Create(CultureInfo.InvariantCulture, $"{number}/{windows}"), folder, jobs,
            say, stop))]);
    }

    /// <summary>The mean over windows of a row or baseline.</summary>
    public double Mean(string name, string metric) => _windows.Average(window => window[name].Mean(metric));

    /// <summary>The mean over windows of a row minus another, paired by user.</summary>
    public Interval Difference(string name, string other, string metric) =>
        StudiedRanking.MeanDifference([.. _windows.Select(window => (window[name], window[other]))], metric);

    /// <summary>On how many windows a row is ahead of another.</summary>
    public int Ahead(string name, string other, string metric) =>
        _windows.Count(window => window[name].Mean(metric) > window[other].Mean(metric));

    private static Dictionary<string, StudiedRanking> Window(Ablation ablation, string window, string folder, int jobs, Action<string> say,
        CancellationToken stop)
    {
        ResolvedSettings SettingsOf(AblationRow row)
        {
            var settings = ablation.SettingsOf(row, ablation.Seeds[0]);
            settings.Set(RollingWindows.Key, window, "--set");
            settings.Check();
            return settings;
        }

        var data = new Lazy<RecommenderData>(() => DataLoader.Load(SettingsOf(ablation.Selected[0]).Values.Data));
        var task = new Lazy<RankingTask>(() => RankingTask.Validation(data.Value));
        var fitter = new Lazy<BaselineFitter>(() => new BaselineFitter(data.Value, "recall@50", 1, Environment.ProcessorCount));
        StudiedRanking Cell(string name, string made, Func<IItemScorer> make)
        {
            var cell = StudiedCell.Of(Path.Combine(folder, $"{window.Replace('/', '-')}_{name}.json"), made, () =>
            {
                var result = RankingEvaluator.Evaluate(make(), task.Value, RankingProtocol.Masked, [10, 50, 100], 1);
                say(string.Create(CultureInfo.InvariantCulture,
                    $"  window {window}, {name}: recall@10 {result.Mean("recall@10"):0.0000} recall@50 {result.Mean("recall@50"):0.0000}"));
                return (name, WindowStudy.Metrics.ToDictionary(metric => metric, result.PerUser, StringComparer.Ordinal));
            });
            return new StudiedRanking(name, cell.Label, cell.PerUser);
        }

        var rankings = new StudiedRanking[ablation.Selected.Count];
        Parallel.For(0, rankings.Length, new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = stop }, n =>
        {
            var row = ablation.Selected[n];
            var settings = SettingsOf(row);
            rankings[n] = Cell(row.Name, WindowStudy.Made(settings, "data.", "model.", "loss.", "optimizer.", "train."), () =>
            {
                var outcome = LocalTraining.RunAsync(new TrainingPlan(settings.Values.Training, data.Value), null, stop).GetAwaiter()
                    .GetResult();
                stop.ThrowIfCancellationRequested();
                return new DotProductScorer(outcome.Embeddings);
            });
        });
        var own = SettingsOf(ablation.Selected[0]);
        var baselines = BaselineNames.All.Where(kind => kind != BaselineKind.Random)
            .Select(kind => Cell(kind.Key(), WindowStudy.Made(own, "data."), () =>
            {
                var fitted = fitter.Value.Fit(kind);
                return fitted.Scorer ?? throw new BaselineException(fitted.Note!);
            }));
        return rankings.Concat(baselines).ToDictionary(ranking => ranking.Key, StringComparer.Ordinal);
    }
}
