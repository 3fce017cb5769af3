using TwoTower.Actors.Training;
using TwoTower.Model.Data;

namespace TwoTower.Node.Settings;

/// <summary>Settings with where each came from: default, recipe, flag or --set, the later over the earlier.</summary>
public sealed class ResolvedSettings
{
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);

    /// <summary>The defaults.</summary>
    public ResolvedSettings(string recipe) => Recipe = recipe;

    /// <summary>Name of the recipe.</summary>
    public string Recipe { get; }

    /// <summary>The values.</summary>
    public RunSettings Values { get; private set; } = new(new TrainingOptions(), new DataOptions());

    /// <summary>Changes one setting.</summary>
    /// <exception cref="SettingException">There is no such setting, or it does not take the value.</exception>
    public void Set(string key, string value, string source)
    {
        var setting = SettingCatalogue.Find(key);
        Values = setting.Apply(Values, value);
        _sources[setting.Key] = source;
    }

    /// <summary>Where a setting came from.</summary>
    public string SourceOf(string key) => _sources.GetValueOrDefault(key, "default");

    /// <summary>Refuses what cannot be, before any work is done.</summary>
    /// <exception cref="SettingException">Two settings, or a setting and the data, do not fit.</exception>
    public void Check(RecommenderData data)
    {
        var training = Values.Training;
        if (training.Cutoffs.Max() > data.Items.Count)
        {
            throw new SettingException($"evaluate.cutoffs asks for the top {training.Cutoffs.Max()}, but the catalogue has {data.Items.Count} items.");
        }

        if (data.Train.Count < training.BatchSize)
        {
            throw new SettingException($"There are {data.Train.Count} train positives, fewer than one batch of {training.BatchSize}; lower train.batchSize.");
        }

        if (training.CopiesBreakBound)
        {
            throw new SettingException(training.CopiesRefusal);
        }

        if (training.LeaseConsistency.Bound is { } bound && training.Prefetch > bound)
        {
            throw new SettingException($"train.prefetch is {training.Prefetch}, but {training.Consistency}{(training.LeaseConsistency == training.Consistency ? string.Empty : $" with copies of {training.HotRowsRefresh} clocks")} lets no worker run more than {bound} batches ahead; lower it or loosen train.consistency.");
        }

        var metrics = training.Cutoffs.SelectMany(k => new[] { $"recall@{k}", $"ndcg@{k}", $"hitrate@{k}", $"mrr@{k}" }).ToArray();
        if (!metrics.Contains(training.Metric, StringComparer.Ordinal))
        {
            throw new SettingException($"evaluate.metric cannot be '{training.Metric}'; with these cut-offs it takes one of {string.Join(", ", metrics)}.");
        }
    }
}
