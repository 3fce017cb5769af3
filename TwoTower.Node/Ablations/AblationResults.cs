using TwoTower.Model.Evaluation;

namespace TwoTower.Node.Ablations;

/// <summary>What the rows of an ablation came to: means over seeds, and differences over the same users.</summary>
internal sealed class AblationResults
{
    private readonly Dictionary<string, AblatedRun[]> _runs;

    /// <summary>Results.</summary>
    /// <param name="ablation">The ablation.</param>
    /// <param name="runs">By row, a run for each seed.</param>
    public AblationResults(Ablation ablation, IReadOnlyDictionary<string, AblatedRun[]> runs)
    {
        Ablation = ablation;
        _runs = new(runs, StringComparer.Ordinal);
    }

    /// <summary>The ablation.</summary>
    public Ablation Ablation { get; }

    /// <summary>Reads all runs.</summary>
    public static AblationResults Read(Ablation ablation, AblationFolder folder) =>
        new(ablation,
            ablation.Selected.ToDictionary(row => row.Name, row => ablation.Seeds.Select(seed => AblatedRun.Read(folder.RunOf(row, seed)))
            .ToArray(), StringComparer.Ordinal));

    /// <summary>A row's masked metric: mean over seeds, with the interval of users' means by the bootstrap over users.</summary>
    public Interval Masked(string row, string metric) => Bootstrap.Mean(UserMeans(row, metric));

    /// <summary>A row's raw metric: mean over seeds.</summary>
    public double Raw(string row, string metric) => _runs[row].Average(run => run.Raw[metric]);

    /// <summary>A row minus another: users' means over seeds, paired bootstrap over users.</summary>
    public Interval Difference(string row, string other, string metric) =>
        Bootstrap.Difference(UserMeans(row, metric), UserMeans(other, metric));

    /// <summary>The mean loss of each epoch.</summary>
    public IReadOnlyList<double> LossByEpoch(string row) =>
        [.. Enumerable.Range(0, _runs[row].Min(run => run.LossByEpoch.Count))
            .Select(epoch => _runs[row].Average(run => run.LossByEpoch[epoch]))];

    /// <summary>A baseline's metric; the same in every run.</summary>
    public double Baseline(string name, string metric, bool raw = false)
    {
        var baselines = _runs.Values.First()[0].Baselines[name];
        return (raw ? baselines.Raw : baselines.Masked)[metric];
    }

    private double[] UserMeans(string row, string metric)
    {
        var runs = _runs[row];
        return [.. Enumerable.Range(0, runs[0].PerUser[metric].Length).Select(user => runs.Average(run => run.PerUser[metric][user]))];
    }
}
