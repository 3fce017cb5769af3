using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Storage;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;
using TwoTower.Node.Sweeps;

namespace TwoTower.Node.Diagnosis;

/// <summary>Makes subjects from folders and settings.</summary>
internal static class SubjectReader
{
    /// <summary>Bare data: the bars, and no model.</summary>
    public static DiagnosisSubject OfData(ResolvedSettings settings, TextWriter to)
    {
        var data = RunData.Load(settings, to);
        return Of($"data {data.Name}", settings, data, to);
    }

    /// <summary>A run that has ended.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="title">What it is; null takes the folder.</param>
    /// <param name="pairs">Settings evaluate.* in the place of the run's.</param>
    /// <param name="to">Where is told what is read.</param>
    /// <exception cref="DataException">The data is not the run's.</exception>
    /// <exception cref="StorageException">There is no run in it, or it has not ended, or is damaged.</exception>
    public static (DiagnosisSubject Subject, string Command) OfRun(string path, string? title, IEnumerable<string> pairs, TextWriter to)
    {
        var run = RunRecord.Read(path);
        var (_, config, data, embeddings) = EndedRun.Read(path, settings => settings.SetJudging(pairs, "a run's folder"), to);
        var settings = config.Settings;
        var subject = Of(title ?? $"run {path}", settings, data, to);
        return (subject with
        {
            Settings = settings,
            Embeddings = embeddings,
            Model = Judged.Of("two towers (best)", new DotProductScorer(embeddings), subject.Tasks),
            History = TrainingHistory.Of(run),
            ReadCheckpoint = () => CheckpointFile.Read(Path.Combine(path, "checkpoint.safetensors")),
        }, config.Command);
    }

    /// <summary>Data with its bars, and no model.</summary>
    /// <param name="title">What it is, for people.</param>
    /// <param name="settings">Cut-offs, deciding metric, baselines.</param>
    /// <param name="data">The data.</param>
    /// <param name="to">Where each bar is told of as soon as it is there.</param>
    public static DiagnosisSubject Of(string title, ResolvedSettings settings, RecommenderData data, TextWriter to)
    {
        var options = settings.Values.Training;
        var cutoffs = options.Cutoffs.Append(10).Where(k => k <= data.Items.Count).Distinct().Order().ToArray();
        options = options with { Cutoffs = cutoffs.Length > 0 ? cutoffs : [data.Items.Count] };
        options = cutoffs.Any(k => options.Metric.EndsWith($"@{k}", StringComparison.Ordinal))
            ? options : options with { Metric = $"recall@{options.Cutoffs[0]}" };
        var tasks = JudgedTasks.Of(data, options, final: false);
        return new DiagnosisSubject
        {
            Title = title,
            Data = data,
            Tasks = tasks,
            Baselines = Baselines.Of(data, options, tasks, settings.Values.Judging.Baselines,
                baseline => BaselineLines.PrintBaseline(baseline, [$"recall@{options.Cutoffs[0]}"], to)),
        };
    }
}
