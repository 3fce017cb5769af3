using System.Globalization;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Towers;
using TwoTower.Node.Recipes;
using TwoTower.Node.Reproductions.Windows;
using TwoTower.Node.Runs;
using TwoTower.Node.Settings;

namespace TwoTower.Node.Reproductions.NewUsers;

/// <summary>Whether users who were not in train are served as well as those who were, and what a user tower that reads histories is worth,
/// over windows that roll forward.</summary>
/// <remarks>Three of ten evaluated users are left out of one training and are in another that is the same otherwise: so the same people are
/// compared, with the same history. Every training has one worker and is judged once, after its last epoch.</remarks>
internal sealed class NewUserStudy : IReproduction
{
    private const double LeftOut = 0.3;
    private const int Windows = 6;

    private static readonly (string Name, (string Key, string Value)[] Settings)[] s_models =
    [
        ("id", []),
        ("history+id", [("model.userTower", "history+id"), ("model.historyHalfLife", "10")]),
        ("history", [("model.userTower", "history")]),
    ];

    private static readonly (string Key, string Value)[] s_common =
    [
        ("train.workers", "1"), ("train.consistency", "bsp"), ("train.checkpointEveryEpochs", "0"), ("evaluate.everyEpochs", "100000"),
        ("evaluate.protocol", "masked"), ("evaluate.patience", "0"), ("train.seed", "1"),
    ];

    /// <inheritdoc/>
    public string Name => "new-users";

    /// <inheritdoc/>
    public string Source => "the question whom a recommender with a table of ids can serve";

    /// <inheritdoc/>
    public string Claim =>
        "A user who was not in train is served as well as one who was and has the same history: within 2 % at every metric, on the mean "
        + "over windows.";

    /// <inheritdoc/>
    public bool GoesOn => true;

    /// <inheritdoc/>
    public ReproductionReport Run(ReproductionContext context)
    {
        var folder = Directory.CreateDirectory(context.Folder ?? Path.Combine("ablations", $"{Name}-{(context.Full ? "full" : "small")}"))
            .FullName;
        string[] windows = context.Full
            ? [.. Enumerable.Range(1, Windows).Select(number => string.Create(CultureInfo.InvariantCulture, $"{number}/{Windows}"))]
            : ["none"];
        var names = (context.Full ? s_models : s_models[..1]).Select(model => model.Name).ToArray();
        ServedWindow[] served = [.. windows.Select(window => Study(window, names, folder, context))];
        var rows = WindowStudy.Metrics.Select(metric => new ReproductionRow(
            $"users left out over the same users trained, {metric}", context.Full ? "wanted: within 2 %" : "small: within 15 %",
            served.Average(window => window.LeftOutMean("id", metric)) / served.Average(window => window.SameTrainedMean("id", metric)),
            context.Full ? 0.98 : 0.85, double.PositiveInfinity));
        string[] remarks =
        [
            "Two towers are the recommended recipe with one worker, judged once after the last epoch, one seed. How a user is folded in "
                + "was chosen by looking at the same windows of MovieLens-1M with other users left out, and at MovieLens-100K: the users "
                + "here are new to it, the windows are not. Those it was chosen by had 101, 106, 99 and 99 % (recall@10, @50, @100, "
                + "NDCG@10, users by `id`).",
            "With ids a user who was left out is folded in; with history alone the tower makes their vector. Seen items are masked.",
        ];
        var report = new ReproductionReport([.. rows], [], remarks);
        return report with { Document = new NewUserPage(Name, served, names, report).Write };
    }

    private static ServedWindow Study(string window, string[] names, string folder, ReproductionContext context)
    {
        var data = DataLoader.Load(SettingsOf(context, window, "id").Values.Data);
        var without = ColdUsers.HoldOut(data, LeftOut, 1);
        var all = RankingTask.Validation(data);
        var (users, items) = (data.Users.Count, data.Items.Count);
        var newcomers = new RankingTask(InteractionMatrix.From(users, items, without.Cold!.Validation),
            InteractionMatrix.From(users, items, without.Cold.Train), data.ValidationUnreachable);
        var positives = new int[users];
        foreach (var user in data.Train.Users)
        {
            positives[user]++;
        }

        var served = new Dictionary<string, (StudiedRanking Trained, StudiedRanking LeftOut)>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            context.Stop.ThrowIfCancellationRequested();
            var settings = SettingsOf(context, window, name);
            var options = settings.Values.Training;
            served[name] = (
                Cell("trained", all, () => Train(data)),
                Cell("left-out", newcomers, () => JudgedColdUsers.Serve(without, options, Train(without))));

            TwoTowerEmbeddings Train(RecommenderData on)
            {
                var outcome = LocalTraining.RunAsync(new TrainingPlan(options, on), null, context.Stop).GetAwaiter().GetResult();
                context.Stop.ThrowIfCancellationRequested();
                return outcome.Embeddings;
            }

            StudiedRanking Cell(string who, RankingTask task, Func<TwoTowerEmbeddings> make)
            {
                var cell = StudiedCell.Of(Path.Combine(folder, $"{window.Replace('/', '-')}_{name}_{who}.json"),
                    WindowStudy.Made(settings, "data.", "model.", "loss.", "optimizer.", "train."), () =>
                    {
                        var result = RankingEvaluator.Evaluate(new DotProductScorer(make()), task, RankingProtocol.Masked, [10, 50, 100],
                            Environment.ProcessorCount);
                        context.Say($"  {window}, {name}, {who}:{string.Concat(WindowStudy.Metrics.Select(metric => string.Create(CultureInfo.InvariantCulture, $" {result.Mean(metric):0.0000}")))}");
                        return (name, WindowStudy.Metrics.ToDictionary(metric => metric, result.PerUser, StringComparer.Ordinal));
                    });
                return new StudiedRanking(name, cell.Label, cell.PerUser);
            }
        }

        return new ServedWindow(window, [.. all.Users.Select(user => positives[user])],
            [.. newcomers.Users.Select(user => Array.BinarySearch(all.Users, user))], served);
    }

    private static ResolvedSettings SettingsOf(ReproductionContext context, string window, string name)
    {
        var settings = RecipeReader.Read("recommended");
        (string Key, string Value)[] own = [context.DataPath is { } path ? ("data.path", Path.GetFullPath(path))
            : ("data.profile", SyntheticProfile.Small.Name), (RollingWindows.Key, window)];
        foreach (var (key, value) in s_common.Concat(own).Concat(s_models.Single(model => model.Name == name).Settings))
        {
            settings.Set(key, value, "--set");
        }

        settings.Check();
        return settings;
    }
}
