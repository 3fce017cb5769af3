using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;

namespace TwoTower.Tests.Diagnosis;

/// <summary>The number of epochs that validation chose, against what an inner split of train would have chosen.</summary>
[Collection(HealthyRun.Collection)]
public sealed class ValidationChoiceSpecs(HealthyRun healthy)
{
    private static readonly (string Key, string Value)[] s_settings = [.. TrainedSubject.Small, ("evaluate.metric", "recall@10"),
        ("train.epochs", "6")];
    private readonly DiagnosisSubject _healthy = healthy.Subject;

    [Fact]
    public async Task An_epoch_that_flatters_one_validation_is_found_with_what_it_adds_to_the_figure()
    {
        // Tastes turn when validation begins: the less is learned of them the better, and nothing inside train says so.
        var turned = await TrainedSubject.TrainAsync(Turned(TrainedSubject.Data), "recommended", s_settings);

        var choice = await EpochChoice.OfAsync(turned, _ => { });
        var finding = new ValidationChoiceCheck().Look(turned with { EpochChoice = choice })!;

        Assert.True(choice.InnerEpoch > choice.Epoch);
        Assert.Equal(Severity.Weak, finding.Severity);
        var recorded = turned.History!.Evaluations.Select(evaluation => evaluation.Metrics["recall@10"]).ToArray();
        Assert.Equal(recorded.Max(), finding.Evidence[0].Value);
        Assert.Equal(recorded[(int)choice.InnerEpoch - 1], finding.Evidence[1].Value);
        Assert.Equal(recorded, choice.Again.Select(report => report.Masked.Mean("recall@10"))); // bsp repeats to the bit
        var difference = PairedDifference.Of(choice.Again[(int)choice.Epoch - 1].Masked, choice.Again[(int)choice.InnerEpoch - 1].Masked,
            "recall@10").Difference;
        Assert.True(difference.Low > 0);
        Assert.Contains(FormattableString.Invariant($"adds {difference.Value:0.0000} ["), finding.Headline, StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"chooses epoch {choice.InnerEpoch} and not {choice.Epoch}."), finding.Headline,
            StringComparison.Ordinal);
        Assert.True(Assert.Single(finding.Plots).HasPoints);
    }

    [Fact]
    public void Nothing_is_said_of_a_healthy_run_nor_where_both_choose_the_same()
    {
        Assert.NotNull(_healthy.EpochChoice);
        Assert.Null(new ValidationChoiceCheck().Look(_healthy));
        Assert.Null(new ValidationChoiceCheck().Look(_healthy with { EpochChoice = new EpochChoice(4, 4, [], [], null) }));
    }

    [Theory]
    [InlineData(0.02, Severity.Note)]
    [InlineData(0.002, null)]
    internal void A_difference_that_may_be_chance_is_a_note_when_it_is_a_fiftieth_of_the_figure(double difference, Severity? expected)
    {
        // Users differ by far more than the two epochs do.
        EvaluationReport At(double epoch, double more) =>
            Report(epoch,
            [.. Enumerable.Range(0, _healthy.Tasks.Validation.Users.Length)
            .Select(n => (n % 2 == 0 ? 0.4 : 0) + (n % 3 == 0 ? 3 * more : 0) + (more > 0 && n % 5 == 0 ? n % 2 == 0 ? 1.0 : -1.0 : 0))]);
        var (early, late) = (At(1, difference), At(5, 0));

        var finding = new ValidationChoiceCheck().Look(_healthy with { EpochChoice = new EpochChoice(1, 5, [late], [early, late], early) });

        Assert.Equal(expected, finding?.Severity);
        Assert.Equal(expected is not null, finding?.Headline.Contains("which may be chance", StringComparison.Ordinal) ?? false);
    }

    [Fact]
    public async Task Patience_counts_as_it_does_in_training()
    {
        var patient = await TrainedSubject.TrainAsync(Turned(TrainedSubject.Data), "recommended",
            [.. s_settings, ("evaluate.patience", "1")]);

        var choice = await EpochChoice.OfAsync(patient, _ => { });

        Assert.True(patient.History!.Evaluations.Count < 6);
        Assert.Equal(choice.Epoch, choice.Chosen!.Epoch);
        Assert.Equal(6, choice.Again.Count); // goes on, to see what the inner choice would have had
    }

    [Fact]
    public async Task One_evaluation_leaves_nothing_to_choose_and_a_train_that_is_too_small_says_so()
    {
        var once = _healthy with
        {
            History = _healthy.History! with { Evaluations = [_healthy.History.Evaluations[0]] },
            EpochChoice = null
        };
        var small = _healthy.Claiming("train.batchSize", "100000");
        var raw = _healthy.Claiming("evaluate.protocol", "raw");

        Assert.Null(new ValidationChoiceCheck().Look(once));
        Assert.Equal("train is too small to choose inside it",
            (await Assert.ThrowsAsync<NotLookedException>(() => EpochChoice.OfAsync(small, _ => { }))).Message);
        Assert.Equal("its evaluations do not say raw recall@50, by which the epoch was chosen",
            Assert.Throws<NotLookedException>(() => new ValidationChoiceCheck().Look(raw)).Message);
    }

    [Fact]
    public async Task Without_trainings_both_checks_say_so()
    {
        var quick = await SubjectTrials.AddAsync(_healthy with { Windows = [], EpochChoice = null }, null, 3, _ => { });
        var alone = await SubjectTrials.AddAsync(_healthy with { Windows = [], EpochChoice = null }, new TrainedSubject.InThisProcess(),
            1, _ => { });

        var result = Examination.Of(quick, [new TunedToOneWindowCheck(), new ValidationChoiceCheck()]);

        Assert.All(result.NotLooked, check => Assert.Equal("--quick trains nothing again", check.Reason));
        Assert.Equal(2, result.NotLooked.Count);
        Assert.Equal("--windows 1 leaves all but its own out",
            Assert.Single(Examination.Of(alone, [new TunedToOneWindowCheck(), new ValidationChoiceCheck()]).NotLooked).Reason);
    }

    private static EvaluationReport Report(double epoch, double[] values)
    {
        RankingResult Result(RankingProtocol protocol) => new(protocol, [.. Enumerable.Range(0, values.Length)],
            new Dictionary<string, double[]> { ["recall@50"] = values }, new Dictionary<int, double>());
        return new EvaluationReport(epoch, (long)epoch, Result(RankingProtocol.Masked), Result(RankingProtocol.Raw), 0);
    }

    // Every held-out item becomes its neighbour's of the next taste, where its user does not have that one already.
    private static RecommenderData Turned(RecommenderData data)
    {
        var seen = InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train);
        var rows = Enumerable.Range(0, data.Validation.Count)
            .Select(n => (User: data.Validation.Users[n], Item: (data.Validation.Items[n] / 4 * 4) + ((data.Validation.Users[n] + 2) % 4),
            Time: data.Validation.Timestamps[n]))
            .Where(row => !seen.Contains(row.User, row.Item)).DistinctBy(row => (row.User, row.Item)).ToArray();
        return data with
        {
            Validation = new InteractionLog([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)],
            [.. rows.Select(row => row.Time)])
        };
    }
}
