using TwoTower.Model.Data;
using TwoTower.Model.Evaluation.Baselines;
using TwoTower.Model.Towers;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;
using TwoTower.Node.Runs;

namespace TwoTower.Tests.Diagnosis;

/// <summary>A check that cannot look says why, and the rest stands.</summary>
[Collection(HealthyRun.Collection)]
public sealed class UnfitSubjectSpecs(HealthyRun healthy)
{
    private readonly DiagnosisSubject _healthy = healthy.Subject;

    [Fact]
    public void Bare_data_is_looked_at_by_the_checks_that_need_no_model()
    {
        var result = Examination.Of(TrainedSubject.Bare(_healthy.Data), CheckCatalogue.All);

        Assert.Empty(result.Findings);
        Assert.Contains(result.Silent, check => check is LeakageAcrossTimeCheck);
        Assert.Contains(result.Silent, check => check is ReachCheck);
        Assert.Contains(result.NotLooked, check => check.Check is BarsCheck && check.Reason.StartsWith("there is no model",
            StringComparison.Ordinal));
        Assert.All(result.NotLooked, check => Assert.Contains("give a run's folder or a --recipe", check.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void Where_users_are_made_from_their_train_positives_nothing_is_said_of_how_these_score()
    {
        var history = _healthy.Claiming("model.userTower", "history") with
        { Embeddings = _healthy.Embeddings! with { ItemHistories = _healthy.Embeddings.Items } };

        var result = Examination.Of(history, CheckCatalogue.All);

        var apart = result.NotLooked.Where(check => check.Reason.Contains("made from their train positives", StringComparison.Ordinal))
            .Select(check => check.Check.GetType()).ToHashSet();
        Assert.Equal([typeof(GapCheck), typeof(LogQCheck), typeof(TemperatureCheck)],
            apart.OrderBy(type => type.Name, StringComparer.Ordinal));
        Assert.Contains("made from their train positives",
            Assert.Throws<NotLookedException>(() => new WeakNegativesCheck().Look(history.Claiming("loss.kind", "bpr"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(result.Silent, check => check is EmbeddingCollapseCheck);
        Assert.Contains(result.Silent, check => check is BarsCheck);
    }

    [Fact]
    public void One_user_alone_has_no_interval_and_is_compared_with_no_bar()
    {
        var user = _healthy.Tasks.Validation.Users[0];
        var data = _healthy.Data;
        var rows = Enumerable.Range(0, data.Validation.Count).Where(n => data.Validation.Users[n] == user).ToArray();
        var alone = _healthy.On(data with
        {
            Validation = new InteractionLog([.. rows.Select(n => data.Validation.Users[n])],
            [.. rows.Select(n => data.Validation.Items[n])], [.. rows.Select(n => data.Validation.Timestamps[n])])
        });

        var result = Examination.Of(alone, CheckCatalogue.All);

        Assert.Equal("one user alone has no interval: a difference would prove nothing",
            result.NotLooked.Single(check => check.Check is BarsCheck).Reason);
        Assert.Contains(result.Silent, check => check is UnusedSettingsCheck);
    }

    [Fact]
    public void Constant_popularity_has_no_correlation_and_the_rest_stands()
    {
        // Every user has every second item in train: all counts are equal.
        var pairs = Enumerable.Range(0, 20)
            .SelectMany(user => Enumerable.Range(0, 30).Where(item => (item + user) % 2 == 0).Select(item => (user, item))).ToArray();
        var held = Enumerable.Range(0, 20).Select(user => (user, item: user % 2 == 0 ? 1 : 0)).ToArray();
        static InteractionLog Log((int User, int Item)[] rows, long from) =>
            new([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], [.. rows.Select((_, n) => from + n)]);
        var data = SmallData.Make(users: 20, items: 30) with { Train = Log(pairs, 1000), Validation = Log(held, 9000) };
        var vectors = new TwoTowerEmbeddings([.. _healthy.Embeddings!.Users[..(20 * _healthy.Embeddings.Dim)]],
            [.. _healthy.Embeddings.Items[..(30 * _healthy.Embeddings.Dim)]], _healthy.Embeddings.Dim);
        var settings = _healthy.Settings!.With("evaluate.cutoffs", "10", "--set").With("evaluate.metric", "recall@10", "--set");
        var constant = TrainedSubject.Bare(data, settings).WithModel(vectors) with
        {
            Settings = settings,
            History = _healthy.History,
            ReadCheckpoint = null
        };

        var result = Examination.Of(constant,
            CheckCatalogue.All.Where(check => check is RecommendedPopularityCheck or EmbeddingCollapseCheck or LeakageAcrossTimeCheck));

        Assert.Equal("every item has 10 train positives, so there is no popularity to compare with",
            Assert.Single(result.NotLooked).Reason);
        Assert.Equal(2, result.Silent.Count + result.Findings.Count);
    }

    [Fact]
    public void When_all_positives_have_been_seen_nobody_is_evaluated_and_checks_say_so()
    {
        var nobody = _healthy.On(_healthy.Data with { Validation = InteractionLog.Empty });

        var result = Examination.Of(nobody.Claiming("evaluate.protocol", "raw"), CheckCatalogue.All);

        Assert.Contains("nobody is evaluated", result.NotLooked.Single(check => check.Check is BarsCheck).Reason, StringComparison.Ordinal);
        Assert.Contains("nobody is evaluated", result.NotLooked.Single(check => check.Check is MaskCheck).Reason, StringComparison.Ordinal);
        Assert.Contains("train or validation is empty", result.NotLooked.Single(check => check.Check is LeakageAcrossTimeCheck).Reason,
            StringComparison.Ordinal);
        Assert.Contains(result.Silent, check => check is EmbeddingCollapseCheck);
    }

    [Fact]
    public void A_bar_that_cannot_be_fitted_is_noted_and_the_others_are_compared()
    {
        const string Note = "EASE is left out: the catalogue is too large for its dense inverse.";
        var subject = _healthy with
        {
            Baselines = new Baselines(
                [.. _healthy.Baselines.All,
                new JudgedBaseline(new Baseline(BaselineKind.Ease, null, new Dictionary<string, double>(), Note, 0), null)]),
        };

        var result = Examination.Of(subject, [new BarsCheck()]);

        Assert.Single(result.Silent);
        using var text = new StringWriter();
        DiagnosisText.Write(text, result);
        Assert.Contains("note: EASE is left out", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Plain_descent_has_steps_of_unknown_length()
    {
        var subject = _healthy.Claiming("optimizer.kind", "sgd") with { History = _healthy.History! with { P99Staleness = 9 } };

        var result = Examination.Of(subject, [new StalenessCheck()]);

        Assert.Contains("a step of sgd is as long as its gradient", Assert.Single(result.NotLooked).Reason, StringComparison.Ordinal);
    }
}
