using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Model.Storage;
using TwoTower.Tests.Data;

namespace TwoTower.Tests.Training;

/// <summary>What a run hands over is the model that it says is best.</summary>
public class BestModelSpecs
{
    [Fact]
    public async Task The_best_model_is_that_of_the_highest_evaluation_and_not_of_the_last()
    {
        // What train teaches is wrong for validation: there everybody takes items that hardly anybody took
        // in train. The longer it trains, the worse.
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Epochs = 12,
            Consistency = Consistency.Bsp,
            Optimizer = new OptimizerOptions { Kind = OptimizerKind.Adagrad, LearningRate = 0.05 },
            Metric = "ndcg@10",
        };
        var data = Contrary();

        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));

        var values = outcome.Evaluations.Select(report => report.Masked.Mean("ndcg@10")).ToArray();
        Assert.Equal(12, values.Length);
        Assert.True(values.Max() > values[^1] + 0.05, $"The run must get worse for this test to tell: {string.Join(' ', values)}.");
        AssertBestIsHighest(outcome, data);
    }

    [Fact]
    public void The_runs_protocol_says_which_value_of_an_evaluation_decides()
    {
        static RankingResult Of(RankingProtocol protocol, double value) =>
            new(protocol, [0], new Dictionary<string, double[]> { ["recall@10"] = [value] }, new Dictionary<int, double>());
        var report = new EvaluationReport(1, 4, Of(RankingProtocol.Masked, 0.4), Of(RankingProtocol.Raw, 0.2), 0);

        Assert.Equal(0.4, report.ValueFor(new TrainingOptions()));
        Assert.Equal(0.2, report.ValueFor(new TrainingOptions { Protocol = RankingProtocol.Raw }));
    }

    [Fact]
    public async Task An_item_bias_learns_popularity_and_travels_with_the_embeddings_as_a_last_column()
    {
        // Everybody likes the same items, more or less: there is a popularity to learn.
        var data = Popular();
        var options = InvariantSpecs.Options(LossKind.Bpr, OptimizerKind.Adagrad) with
        {
            Model = new ModelOptions { Dim = 4, ItemBias = true },
            Epochs = 15,
            Consistency = Consistency.Bsp,
            Metric = "ndcg@10",
        };
        using var folder = new TemporaryFolder();

        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
        EmbeddingFolder.Save(folder.Path, outcome.Embeddings, data.Users, data.Items);
        var (loaded, _, _) = EmbeddingFolder.Load(folder.Path);

        AssertBestIsHighest(outcome, data);
        Assert.NotEqual(outcome.Evaluations[0].Step, outcome.Best!.Step);
        Assert.Equal(5, loaded.Dim);
        Assert.All(Enumerable.Range(0, loaded.UserCount), user => Assert.Equal(1f, loaded.Users[(user * 5) + 4]));
        var fromFiles = Masked(new DotProductScorer(loaded), data);
        Assert.All(outcome.Best.Masked.Metrics, metric => Assert.Equal(outcome.Best.Masked.Mean(metric), fromFiles.Mean(metric), 1e-12));

        // The bias alone, one column, ranks as popularity does and not as chance does.
        var bias = new StaticScorer([.. Enumerable.Range(0, loaded.ItemCount).Select(item => loaded.Items[(item * 5) + 4])]);
        var (byBias, byPopularity, byChance) = (Masked(bias, data), Masked(StaticScorer.Popularity(data), data),
            Masked(StaticScorer.Chance(data.Items.Count), data));
        Assert.True(byBias.Mean("ndcg@10") > 2 * byChance.Mean("ndcg@10"),
            $"bias {byBias.Mean("ndcg@10")}, random {byChance.Mean("ndcg@10")}");
        Assert.True(byBias.Mean("ndcg@10") > 0.9 * byPopularity.Mean("ndcg@10"),
            $"bias {byBias.Mean("ndcg@10")}, popularity {byPopularity.Mean("ndcg@10")}");
        Assert.True(fromFiles.Mean("ndcg@10") > 2 * byChance.Mean("ndcg@10"),
            $"model {fromFiles.Mean("ndcg@10")}, random {byChance.Mean("ndcg@10")}");
    }

    private static void AssertBestIsHighest(TrainingOutcome outcome, RecommenderData data)
    {
        var highest = outcome.Evaluations.MaxBy(report => report.Masked.Mean("ndcg@10"))!;
        Assert.Equal(highest.Step, outcome.Best!.Step);
        Assert.Equal(highest.Masked.Mean("ndcg@10"), Masked(new DotProductScorer(outcome.Embeddings), data).Mean("ndcg@10"), 1e-12);
    }

    private static RankingResult Masked(IItemScorer scorer, RecommenderData data) =>
        RankingEvaluator.Evaluate(scorer, RankingTask.Validation(data), RankingProtocol.Masked, [5, 10], 1);

    /// <summary>200 users with 12 of 60 items each, the n-th most popular drawn in proportion to 1/n.</summary>
    private static RecommenderData Popular()
    {
        const int Users = 200;
        const int Items = 60;
        var random = new TwoTower.Model.SeededRandom(3);
        var rows = new List<(int User, int Item, long Time)>();
        for (var user = 0; user < Users; user++)
        {
            var chosen = new HashSet<int>();
            while (chosen.Count < 12)
            {
                // log-uniform in [1, 61): density 1/n. Multiplying by 7 modulo 60 scatters the popular ones over the catalogue.
                chosen.Add(((int)Math.Pow(Items + 1, random.NextDouble()) - 1) * 7 % Items);
            }

            rows.AddRange(chosen.Order().Select(item => (user, item, (long)random.NextInt(1_000_000))));
        }

        var ordered = rows.OrderBy(row => row.Time).ThenBy(row => row.User).ThenBy(row => row.Item).ToArray();
        return Data(Users, Items, ordered[..2000], ordered[2000..]);
    }

    /// <summary>120 users with 15 of the items 0 to 29 each in train and 3 of 30 to 59 in validation; one
    /// more user has all items in train.</summary>
    private static RecommenderData Contrary()
    {
        var random = new TwoTower.Model.SeededRandom(4);
        var train = new List<(int User, int Item, long Time)>();
        var validation = new List<(int User, int Item, long Time)>();
        for (var user = 0; user < 120; user++)
        {
            var shuffled = Enumerable.Range(0, 30).OrderBy(_ => random.NextUInt64()).ToArray();
            train.AddRange(shuffled[..15].Select(item => (user, item, 1L)));
            validation.AddRange(shuffled[..3].Select(item => (user, 30 + item, 2L)));
        }

        train.AddRange(Enumerable.Range(0, 60).Select(item => (120, item, 1L)));
        return Data(121, 60, [.. train], [.. validation]);
    }

    private static RecommenderData Data(int users, int items, (int User, int Item, long Time)[] train,
        (int User, int Item, long Time)[] validation) => SmallData.Make() with
        {
            Users = new IdCatalogue([.. Enumerable.Range(0, users).Select(user => $"u{user}")]),
            Items = new IdCatalogue([.. Enumerable.Range(0, items).Select(item => $"i{item}")]),
            Train = Log(train),
            Validation = Log(validation),
        };

    private static InteractionLog Log((int User, int Item, long Time)[] rows) =>
        new([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], [.. rows.Select(row => row.Time)]);
}
