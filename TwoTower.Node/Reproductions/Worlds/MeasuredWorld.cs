using System.Text.Json;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Data.Synthetic;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Storage;
using TwoTower.Node.Recipes;
using TwoTower.Node.Reproductions.Windows;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Reproductions.Worlds;

/// <summary>What data looks like, and what every ranking reaches on it, user by user: kept in a file, so that a
/// study that was stopped goes on.</summary>
/// <param name="Made">What it was measured with; with something else it is measured again.</param>
/// <param name="Shape">The figures of <see cref="DataShape"/> by name.</param>
/// <param name="PerUser">Masked metrics per user, by ranking and metric: the baselines by key, <see cref="Model"/>, and where the
/// truth is known <see cref="Truth"/>.</param>
internal sealed record MeasuredWorld(string Made, IReadOnlyDictionary<string, double> Shape,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, double[]>> PerUser)
{
    /// <summary>Keys of the two towers and of the oracle.</summary>
    public const string Model = "model", Truth = "oracle";

    /// <summary>The rankings whose ratios are compared, weakest idea first.</summary>
    public static readonly IReadOnlyList<string> Compared = [.. BaselineNames.All.Where(kind => kind != BaselineKind.Random)
        .Select(kind => kind.Key()), Model];

    private static readonly (string Key, string Value)[] s_settings =
    [
        ("train.workers", "1"), ("train.consistency", "bsp"), ("train.checkpointEveryEpochs", "0"), ("evaluate.everyEpochs", "100000"),
        ("evaluate.protocol", "masked"), ("evaluate.patience", "0"),
        ("evaluate.cutoffs", "10,50,100"), ("evaluate.metric", "recall@50"),
    ];

    /// <summary>The mean over users.</summary>
    public double Mean(string ranking, string metric) => PerUser[ranking][metric].Average();

    /// <summary>A ranking minus another, paired over users.</summary>
    public Interval Difference(string ranking, string other, string metric) =>
        Bootstrap.Difference(PerUser[ranking][metric], PerUser[other][metric]);

    /// <summary>What a file holds, or what is measured and written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="made">What data it is of, in words that change whenever the data does.</param>
    /// <param name="load">Loads the data, and the truth where it is known.</param>
    /// <param name="quick">Whether iALS takes its usual options instead of choosing: a search has no time for more.</param>
    /// <param name="context">Stops it.</param>
    public static MeasuredWorld Of(string path, string made, Func<(RecommenderData Data, Oracle? Oracle)> load, bool quick,
        ReproductionContext context)
    {
        var settings = Settings();
        made = $"{made};{quick};{WindowStudy.Made(settings, "model.", "loss.", "optimizer.", "train.")}";
        if (Read(path) is { } known && known.Made == made)
        {
            return known;
        }

        context.Stop.ThrowIfCancellationRequested();
        var (data, oracle) = load();
        var task = RankingTask.Validation(data);
        var fitter = new BaselineFitter(data, "recall@50", 1, Environment.ProcessorCount);
        var perUser = new Dictionary<string, IReadOnlyDictionary<string, double[]>>(StringComparer.Ordinal);
        foreach (var kind in BaselineNames.All.Where(kind => kind != BaselineKind.Random))
        {
            perUser[kind.Key()] = Judge(quick && kind == BaselineKind.ImplicitAls ? UsualAls(data) : fitter.Fit(kind)
                .Scorer ?? throw new BaselineException($"{kind.InWords()} cannot be fitted."), task);
        }

        var outcome = LocalTraining.RunAsync(new TrainingPlan(settings.Values.Training, data), null, context.Stop).GetAwaiter().GetResult();
        context.Stop.ThrowIfCancellationRequested();
        perUser[Model] = Judge(new DotProductScorer(outcome.Embeddings), task);
        if (oracle is not null)
        {
            perUser[Truth] = Judge(oracle, task);
        }

        var measured = new MeasuredWorld(made, DataShape.Of(data).Figures.ToDictionary(figure => figure.Name, figure => figure.Value,
            StringComparer.Ordinal), perUser);
        AtomicFile.WriteText(path, JsonSerializer.Serialize(measured));
        return measured;
    }

    /// <summary>A world, and what its users leave behind.</summary>
    public static (RecommenderData Data, Oracle? Oracle) Load(SyntheticProfile profile, long seed)
    {
        var world = new SyntheticWorld(profile, seed);
        var options = new DataOptions();
        var data = DataLoader.Load(world, options);
        return (data, Oracle.Of(world, data, options.PositiveThreshold, data.Split.ValidationStart!.Value,
            data.Split.ValidationEnd!.Value));
    }

    private static IReadOnlyDictionary<string, double[]> Judge(IItemScorer scorer, RankingTask task)
    {
        var result = RankingEvaluator.Evaluate(scorer, task, RankingProtocol.Masked, [10, 50, 100], Environment.ProcessorCount);
        return WindowStudy.Metrics.ToDictionary(metric => metric, result.PerUser, StringComparer.Ordinal);
    }

    private static ImplicitAls UsualAls(RecommenderData data) => ImplicitAls.Fit(
        new CoOccurrence(InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train)),
        new ImplicitAlsOptions { Seed = 1, Alpha = 4, Lambda = 100 }, Environment.ProcessorCount);

    private static ResolvedSettings Settings()
    {
        var settings = RecipeReader.Read("recommended");
        foreach (var (key, value) in s_settings)
        {
            settings.Set(key, value, "--set");
        }

        settings.Check();
        return settings;
    }

    private static MeasuredWorld? Read(string path)
    {
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<MeasuredWorld>(File.ReadAllText(path)) : null;
        }
        catch (JsonException)
        {
            return null; // a damaged file is made again
        }
    }
}
