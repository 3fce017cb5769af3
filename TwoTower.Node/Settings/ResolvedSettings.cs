using TwoTower.Actors.Options;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Node.Settings;

/// <summary>Settings with where each came from: default, recipe, appsettings.json, environment, flag or
/// --set, the later over the earlier.</summary>
internal sealed class ResolvedSettings
{
    private const string MetricKey = "evaluate.metric";
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);

    /// <summary>The defaults.</summary>
    public ResolvedSettings(string recipe) => Recipe = recipe;

    /// <summary>Name of the recipe.</summary>
    public string Recipe { get; }

    /// <summary>The values.</summary>
    public RunSettings Values { get; private set; } = new(new TrainingOptions(), new DataOptions());

    /// <summary>Whether this machine is to be measured before the run: a wish of the command line, and no setting, because what it leaves
    /// behind are the values of settings.</summary>
    public bool Calibrates { get; set; }

    /// <summary>Changes one setting.</summary>
    /// <exception cref="SettingException">There is no such setting, or it does not take the value.</exception>
    public void Set(string key, string value, string source)
    {
        var setting = SettingCatalogue.Find(key);
        Values = setting.Apply(Values, value);
        _sources[setting.Key] = source;
    }

    /// <summary>A copy with one setting changed.</summary>
    public ResolvedSettings With(string key, string value, string source)
    {
        var copy = new ResolvedSettings(Recipe) { Values = Values, Calibrates = Calibrates };
        foreach (var (known, from) in _sources)
        {
            copy._sources[known] = from;
        }

        copy.Set(key, value, source);
        return copy;
    }

    /// <summary>Where a setting came from.</summary>
    public string SourceOf(string key) => _sources.GetValueOrDefault(key, "default");

    /// <summary>Whether a setting was given for this run: on the command line, in the environment or in
    /// appsettings.json, and not by a recipe.</summary>
    public bool IsGiven(string key) => SourceOf(key) is var source
        && (source.StartsWith("--", StringComparison.Ordinal) || ConfiguredValues.Sources.Contains(source));

    /// <summary>Whether a setting is as the recipe has it.</summary>
    public bool IsOfRecipe(string key) => SourceOf(key).StartsWith("recipe ", StringComparison.Ordinal);

    /// <summary>Settings worth showing: those that differ from the default, and those that were given
    /// for this run, whatever they are.</summary>
    public IEnumerable<Setting> Notable()
    {
        var defaults = new RunSettings(new TrainingOptions(), new DataOptions());
        return SettingCatalogue.All.Where(setting =>
            setting.Read(Values) != setting.Read(defaults) || IsGiven(setting.Key));
    }

    /// <summary>Changes settings by which a run that has ended is judged; all others are the run's own.</summary>
    /// <param name="pairs">key=value pairs of evaluate.*.</param>
    /// <param name="with">What the pairs are given with, for a refusal.</param>
    /// <exception cref="SettingException">A pair is none of evaluate.*, or does not take the value.</exception>
    public void SetJudging(IEnumerable<string> pairs, string with)
    {
        foreach (var (key, value) in pairs.Select(SettingCatalogue.Pair))
        {
            Set(key.StartsWith("evaluate.", StringComparison.OrdinalIgnoreCase)
                ? key : throw new SettingException($"'{key}' is the run's own; with {with}, --set takes evaluate.*."), value, "--set");
        }
    }

    /// <summary>Where the deciding metric is not among the cut-offs and nobody asked for it by name, takes the
    /// same one at the first cut-off.</summary>
    /// <returns>A sentence that says so, or null.</returns>
    public string? FitMetric()
    {
        var training = Values.Training;
        var source = SourceOf(MetricKey);
        var parts = training.Metric.Split('@');
        if (IsGiven(MetricKey) || parts.Length != 2 || Metrics(training).Contains(training.Metric, StringComparer.Ordinal))
        {
            return null;
        }

        Set(MetricKey, $"{parts[0]}@{training.Cutoffs[0]}", "evaluate.cutoffs");
        return $"{Values.Training.Metric} decides which model is best, because {training.Metric} ({source}) is not among the cut-offs.";
    }

    /// <summary>Refuses settings that do not fit each other, before any data is read.</summary>
    /// <exception cref="SettingException">Two settings do not fit.</exception>
    public void Check()
    {
        var training = Values.Training;
        var perWorker = training.BatchPer == BatchScope.Clock ? training.BatchSize / training.Workers : training.BatchSize;
        if (training.Loss.Refusal is { } refusal)
        {
            throw new SettingException(refusal);
        }

        if (training.StalenessRefusal is { } stale)
        {
            throw new SettingException(stale);
        }

        if (training.Loss is { Kind: LossKind.InBatchSoftmax, MixedNegatives: 0 } && perWorker < 2)
        {
            throw new SettingException(
                $"In-batch softmax takes its negatives from the batch, and with "
                    + $"train.batchSize {training.BatchSize}{(training.BatchPer == BatchScope.Clock ? $" divided over {training.Workers} workers" : string.Empty)} there are none; make it larger or set loss.kind=bpr.");
        }

        foreach (var (table, features) in new[] { (0, Values.Data.UserFeatures), (1, Values.Data.ItemFeatures) })
        {
            if (TowerLayout.Refusal(training.Model, table, features.Count) is { } unfit)
            {
                throw new SettingException(unfit);
            }
        }

        if (training.CopiesBreakBound)
        {
            throw new SettingException(training.CopiesRefusal);
        }

        if (training.LeaseConsistency.Bound is { } bound && training.Prefetch > bound)
        {
            throw new SettingException(
                $"train.prefetch is {training.Prefetch}, "
                + $"but {training.Consistency}{(training.LeaseConsistency == training.Consistency ? string.Empty : $" with copies of {training.HotRowsRefresh} clocks")} lets no worker run more than {bound} batches ahead; lower it or loosen train.consistency.");
        }

        CheckMetric();
    }

    /// <summary>Refuses a deciding metric that is not measured.</summary>
    /// <exception cref="SettingException">It is none of the cut-offs' metrics.</exception>
    public void CheckMetric()
    {
        var metrics = Metrics(Values.Training);
        if (!metrics.Contains(Values.Training.Metric, StringComparer.Ordinal))
        {
            throw new SettingException(
                $"evaluate.metric cannot be '{Values.Training.Metric}'; with these cut-offs it takes one of {string.Join(", ", metrics)}.");
        }
    }

    /// <summary>Refuses cut-offs above the catalogue's size.</summary>
    /// <exception cref="SettingException">One is.</exception>
    public void CheckCutoffs(RecommenderData data)
    {
        if (Values.Training.Cutoffs.Max() > data.Items.Count)
        {
            throw new SettingException(
                $"evaluate.cutoffs asks for the top {Values.Training.Cutoffs.Max()}, but the catalogue has {data.Items.Count} items.");
        }
    }

    /// <summary>Refuses settings that do not fit the data.</summary>
    /// <exception cref="SettingException">A setting and the data do not fit.</exception>
    public void Check(RecommenderData data)
    {
        CheckCutoffs(data);
        var training = Values.Training;
        RefuseChoices("here");
        if (training.Loss.RefusalFor(data.Users.Count, data.Items.Count) is { } refusal)
        {
            throw new SettingException(refusal);
        }

        if (data.Train.Count < training.BatchSize)
        {
            throw new SettingException(
                $"There are {data.Train.Count} train positives, fewer than one batch of {training.BatchSize}; lower train.batchSize.");
        }
    }

    /// <summary>Refuses what is still to be chosen.</summary>
    /// <param name="where">Who refuses it, for the sentence.</param>
    /// <exception cref="SettingException">Something is.</exception>
    public void RefuseChoices(string where)
    {
        foreach (var (key, span) in new[] { ("model.priorWindow", Values.Training.Model.PriorWindow),
            ("loss.recencyHalfLife", Values.Training.Loss.RecencyHalfLife) })
        {
            if (span.Unit == SpanUnit.Auto)
            {
                throw new SettingException(
                    $"{key}=auto trains several models inside train before the run, which {where} nobody does; 'twotower train' and "
                    + $"'simulate' choose and print what to give instead.");
            }
        }
    }

    private static string[] Metrics(TrainingOptions training) =>
        [.. training.Cutoffs.SelectMany(k => new[] { $"recall@{k}", $"ndcg@{k}", $"hitrate@{k}", $"mrr@{k}" })];
}
