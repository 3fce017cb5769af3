using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Optimizers;
using TwoTower.Model.Options;
using TwoTower.Node.Engines;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Training;

/// <summary>Training on data that leave little or nothing to learn ends with figures, not with a failure.</summary>
public class LittleDataSpecs
{
    public static TheoryData<LossKind> Losses => [LossKind.InBatchSoftmax, LossKind.SampledSoftmax, LossKind.FullSoftmax, LossKind.Bpr];

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task One_user_is_trained_and_judged_and_nobody_is_called_a_winner(LossKind loss)
    {
        var data = Data(1, 12, [.. Enumerable.Range(0, 8).Select(item => (0, item))], [(0, 9)]);

        var (outcome, text) = await Train(data, loss);

        Assert.True(outcome.Embeddings.Users.All(float.IsFinite) && outcome.Embeddings.Items.All(float.IsFinite));
        Assert.Contains("not known", text, StringComparison.Ordinal);
        Assert.DoesNotContain("wins", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public async Task Users_who_have_seen_everything_have_no_negatives_and_do_no_harm(LossKind loss)
    {
        // User 0 knows the whole catalogue; user 1 is evaluated.
        var data = Data(2, 6, [.. Enumerable.Range(0, 6).Select(item => (0, item)), (1, 0), (1, 1)], [(1, 3)]);

        var (outcome, text) = await Train(data, loss);

        Assert.True(outcome.Embeddings.Users.All(float.IsFinite) && outcome.LossByEpoch.All(double.IsFinite));
        Assert.Contains("two towers (best)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Constant_popularity_is_noted_under_a_report_that_stands()
    {
        var pairs = (from user in Enumerable.Range(0, 10) from item in Enumerable.Range(0, 10) where user != item select (user, item))
            .ToArray();
        var data = Data(10, 10, pairs, [.. Enumerable.Range(0, 10).Select(user => (user, user))]);

        var (_, text) = await Train(data, LossKind.InBatchSoftmax);

        Assert.Contains("popularity tells nothing", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("two towers (best)", text, StringComparison.Ordinal);
    }

    private static async Task<(TrainingOutcome Outcome, string Text)> Train(RecommenderData data, LossKind loss)
    {
        var options = InvariantSpecs.Options(loss, OptimizerKind.Adam) with
        { BatchSize = 4, Workers = 1, Cutoffs = [2, 5], Metric = "recall@2" };
        options = options with
        {
            Loss = options.Loss with { Sampling = NegativeSampling.Unseen, Negatives = 3 },
            Model = options.Model with { PriorStrength = 0.5 }
        };
        var outcome = await Actors.Hosting.LocalTraining.RunAsync(new TrainingPlan(options, data));
        var tasks = JudgedTasks.Of(data, options, final: false);
        var baselines = Baselines.Of(data, options, tasks, Model.Evaluation.Baselines.BaselineNames.All);
        var model = Judged.Of("two towers (best)", new Model.Evaluation.DotProductScorer(outcome.Embeddings), tasks);
        using var text = new StringWriter();
        FinalReport.Write(text, new LiveEngine(), options, Model.Evaluation.ProtocolCard.Of(data, tasks.Validation), outcome,
            model, baselines);
        return (outcome, text.ToString());
    }

    private static RecommenderData Data(int users, int items, (int User, int Item)[] train, (int User, int Item)[] validation) =>
        SmallData.Make() with
        {
            Users = new IdCatalogue([.. Enumerable.Range(0, users).Select(user => $"u{user}")]),
            Items = new IdCatalogue([.. Enumerable.Range(0, items).Select(item => $"i{item}")]),
            Train = Log(train),
            Validation = Log(validation),
            Test = InteractionLog.Empty,
        };

    private static InteractionLog Log((int User, int Item)[] pairs) =>
        new([.. pairs.Select(pair => pair.User)], [.. pairs.Select(pair => pair.Item)],
            [.. Enumerable.Range(0, pairs.Length).Select(n => 1_000_000L * n)]);
}
