using TwoTower.Actors.Hosting;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Splitting;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Towers;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Recipes;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Tests.Diagnosis;

/// <summary>Subjects of small trainings in this process.</summary>
internal static class TrainedSubject
{
    /// <summary>Data in which tastes tell more than popularity does, with every user evaluated.</summary>
    public static RecommenderData Data { get; } = SmallData.Make(users: 300, items: 240, perUser: 30);

    /// <summary>The recommended recipe at the size of <see cref="Data"/>, the same bits every time.</summary>
    public static IReadOnlyList<(string Key, string Value)> Small { get; } =
    [
        ("model.dim", "16"), ("train.batchSize", "64"), ("train.workers", "1"), ("train.shards", "1"), ("train.consistency", "bsp"),
        ("optimizer.learningRate", "0.02"), ("evaluate.cutoffs", "10,50"),
    ];

    /// <summary>Trains a recipe with some settings changed.</summary>
    public static async Task<DiagnosisSubject> TrainAsync(RecommenderData data, string recipe,
        params IEnumerable<(string Key, string Value)> changes)
    {
        var settings = SettingsOf(recipe, changes);
        var checkpoints = new LastCheckpoint();
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(settings.Values.Training, data, checkpoints));
        return WithModel(Bare(data, settings), outcome.Embeddings) with
        {
            Settings = settings,
            History = TrainingHistory.Of(outcome),
            ReadCheckpoint = () => checkpoints.Value!,
        };
    }

    /// <summary>The same with windows over train that are trained as it was, and with the choice of the epoch tried inside train.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="bounds">The windows: shares of train at which each begins and ends.</param>
    public static async Task<DiagnosisSubject> WithTrialsAsync(this DiagnosisSubject subject, params (double From, double To)[] bounds)
    {
        var windows = new List<DiagnosisSubject>();
        foreach (var (from, to) in bounds)
        {
            var window = Bare(Until(subject.Data, from, to), subject.Settings) with
            { Settings = subject.Settings, Window = $"{windows.Count + 1}/{bounds.Length + 1}" };
            windows.Add(window with { Model = (await new InThisProcess().TrainAsync(window, [])).Model });
        }

        return subject with { Windows = windows, EpochChoice = await EpochChoice.OfAsync(subject, _ => { }) };
    }

    /// <summary>Data whose train ends at a share of its train, and whose validation is what follows up to another.</summary>
    public static RecommenderData Until(RecommenderData data, double from, double to)
    {
        var rows = (int)(data.Train.Count * to);
        var log = data.Train;
        return InnerSplit.Of(data with
        { Train = new InteractionLog([.. log.Users[..rows]], [.. log.Items[..rows]], [.. log.Timestamps[..rows]]) },
            1 - (from / to))!;
    }

    /// <summary>A recipe's settings with some changed.</summary>
    public static ResolvedSettings SettingsOf(string recipe, params IEnumerable<(string Key, string Value)> changes)
    {
        var settings = RecipeReader.Read(recipe);
        foreach (var (key, value) in changes)
        {
            settings.Set(key, value, "--set");
        }

        settings.FitMetric();
        return settings;
    }

    /// <summary>Data with its bars, and no model.</summary>
    public static DiagnosisSubject Bare(RecommenderData data, ResolvedSettings? settings = null)
    {
        var options = (settings ?? SettingsOf("recommended", Small)).Values.Training;
        var tasks = JudgedTasks.Of(data, options, final: false);
        return new DiagnosisSubject
        {
            Title = $"data {data.Name}",
            Data = data,
            Tasks = tasks,
            Baselines = Baselines.Of(data, options, tasks, BaselineNames.Cheap)
        };
    }

    /// <summary>The same subject on other data, its bars and its model judged there anew.</summary>
    public static DiagnosisSubject On(this DiagnosisSubject subject, RecommenderData data)
    {
        var bare = Bare(data, subject.Settings);
        var moved = subject with { Data = data, Tasks = bare.Tasks, Baselines = bare.Baselines };
        return subject.Embeddings is { } embeddings ? WithModel(moved, embeddings) : moved;
    }

    /// <summary>The same subject with other embeddings.</summary>
    public static DiagnosisSubject WithModel(this DiagnosisSubject subject, TwoTowerEmbeddings embeddings) => subject with
    {
        Embeddings = embeddings,
        Model = Judged.Of("two towers (best)", new DotProductScorer(embeddings), subject.Tasks),
    };

    /// <summary>The same subject with a setting changed on paper only.</summary>
    public static DiagnosisSubject Claiming(this DiagnosisSubject subject, string key, string value) =>
        subject with { Settings = subject.Settings!.With(key, value, "--set") };

    /// <summary>Trains on a subject's own data in this process.</summary>
    internal sealed class InThisProcess : ICounterfactuals
    {
        public async Task<Counterfactual> TrainAsync(DiagnosisSubject subject, IReadOnlyList<(string Key, string Value)> changes)
        {
            var settings = changes.Aggregate(subject.Settings!, (all, change) => all.With(change.Key, change.Value, "--set"));
            var outcome = await LocalTraining.RunAsync(new TrainingPlan(settings.Values.Training, subject.Data));
            return new Counterfactual(Judged.Of("two towers (best)", new DotProductScorer(outcome.Embeddings), subject.Tasks), null);
        }
    }

    private sealed class LastCheckpoint : ICheckpointStore
    {
        public TrainingCheckpoint? Value { get; private set; }

        public void Save(TrainingCheckpoint checkpoint) => Value = checkpoint;
    }
}
