using TwoTower.Model.Diagnosis;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;

namespace TwoTower.Tests.Diagnosis;

/// <summary>Every check on losses, negatives and training finds the one fault that is planted for it.</summary>
[Collection(HealthyRun.Collection)]
public sealed class PlantedTrainingFaultSpecs(HealthyRun healthy)
{
    private static readonly (string Key, string Value)[] s_pairs =
    [
        ("loss.kind", "bpr"), ("loss.sampling", "uniform"), ("loss.temperature", "1"), ("loss.recencyHalfLife", "off"),
        ("model.priorStrength", "0"),
        ("optimizer.kind", "adagrad"), ("optimizer.learningRate", "0.05"), ("optimizer.schedule", "constant"),
    ];

    private readonly DiagnosisSubject _healthy = healthy.Subject;

    [Fact]
    public async Task A_softmax_without_log_q_is_told_by_its_scores_whatever_its_settings_say()
    {
        var without = await Train(("loss.logQ", "0"), ("model.priorStrength", "0"), ("loss.temperature", "0.2"));

        var finding = new LogQCheck().Look(without)!;
        var hidden = new LogQCheck().Look(without.Claiming("loss.logQ", "1"))!;

        Assert.StartsWith("Missing log q", finding.Headline, StringComparison.Ordinal);
        Assert.Equal([("loss.logQ", "1")], finding.Advice.Settings);
        Assert.InRange(finding.Evidence[0].Value, -0.4, 0.5);
        Assert.True(finding.Evidence[2].Value > without.Model!.Masked.Mean("recall@10"), "Popularity put back must rank better.");
        Assert.StartsWith("The scores do not hold popularity though loss.logQ is 1", hidden.Headline, StringComparison.Ordinal);
        Assert.Equal(finding.Evidence[0].Value, hidden.Evidence[0].Value);
    }

    [Theory]
    [InlineData(3, "doubled")]
    [InlineData(-2, "wrong sign")]
    public void Log_q_that_is_doubled_or_turned_round_is_told_by_its_sign_and_size(double times, string words)
    {
        var (set, options) = (_healthy.Train(), _healthy.Settings!.Values.Training);
        var right = LogQEstimate.Of(_healthy.Embeddings!, set, options.Loss, options.BatchSize, options.Seed)!;
        var wrong = _healthy.WithModel((right with { Strength = 1 + right.Strength - times }).Corrected(_healthy.Embeddings!, set,
            options.Loss.Temperature));

        var finding = new LogQCheck().Look(wrong)!;

        Assert.Contains(words, finding.Headline, StringComparison.Ordinal);
        Assert.Equal(times, finding.Evidence[0].Value, 0.2);
    }

    [Fact]
    public void False_negatives_are_found_where_the_sampler_draws_what_the_user_has()
    {
        var pairs = Claiming(_healthy, s_pairs);

        var finding = new FalseNegativesCheck().Look(pairs)!;

        Assert.Equal([("loss.sampling", "unseen")], finding.Advice.Settings);
        Assert.InRange(finding.Evidence[0].Value, 0.05, 0.2); // about 24 of 240 items
        Assert.Null(new FalseNegativesCheck().Look(pairs.Claiming("loss.sampling", "unseen")));
        Assert.Equal([("loss.maskKnownPositives", "true")], new FalseNegativesCheck()
            .Look(_healthy.Claiming("loss.logQ", "0"))!.Advice.Settings);
        Assert.Null(new FalseNegativesCheck().Look(_healthy.Claiming("loss.logQ", "0").Claiming("loss.maskKnownPositives", "true")));
    }

    [Fact]
    public async Task One_random_negative_and_a_temperature_without_room_and_shrinking_steps_are_found_in_the_seeds_set_up()
    {
        var seed = await Train([.. s_pairs, ("train.epochs", "25"), ("evaluate.everyEpochs", "25")]);

        var weak = new WeakNegativesCheck().Look(seed)!;
        var temperature = new TemperatureCheck().Look(seed)!;
        var plateau = new LossPlateauCheck().Look(seed)!;

        Assert.StartsWith("Weak negatives: 1 per example", weak.Headline, StringComparison.Ordinal);
        Assert.Contains("too high", temperature.Headline, StringComparison.Ordinal);
        Assert.True(double.Parse(temperature.Advice.Settings[0].Value, System.Globalization.CultureInfo.InvariantCulture) < 1);
        Assert.StartsWith("Plateau with Adagrad's shrinking steps", plateau.Headline, StringComparison.Ordinal);
        Assert.Contains(("optimizer.kind", "adam"), plateau.Advice.Settings);
        Assert.True(plateau.Evidence[0].Value < 0.01);
        Assert.True(plateau.Evidence[2].Value < 0.7, "The rate must have fallen.");
        Assert.Null(new LossPlateauCheck().Look(seed.Claiming("optimizer.kind", "sgd")));
    }

    [Fact]
    public void A_temperature_so_low_that_one_negative_takes_all_is_found()
    {
        var finding = new TemperatureCheck().Look(Claiming(_healthy, [("loss.temperature", "0.002")]))!;

        Assert.Contains("too low", finding.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_loss_that_rises_or_swings_or_still_falls_is_found()
    {
        var check = new LearningRateCheck();

        Assert.Contains("has risen", check.Look(WithLosses(5, 4, 3, 3.5))!.Headline, StringComparison.Ordinal);
        Assert.Contains("swings", check.Look(WithLosses(5, 4, 4.1, 4, 4.02, 3.99))!.Headline, StringComparison.Ordinal);
        var small = check.Look(WithLosses(5, 4.5, 4) with
        { History = _healthy.History! with { LossByEpoch = [5, 4.5, 4], Evaluations = [] } })!;
        Assert.Contains("still falling", small.Headline, StringComparison.Ordinal);
        Assert.Equal([("optimizer.learningRate", "0.06")], small.Advice.Settings);
    }

    [Fact]
    public async Task A_rate_at_which_nothing_moves_is_found()
    {
        var stuck = await Train(("optimizer.kind", "sgd"), ("optimizer.learningRate", "0.0001"), ("train.epochs", "3"));

        var finding = new LearningRateCheck().Look(stuck)!;

        Assert.Contains("too small: in 3 epochs the loss has fallen by 0.0%", finding.Headline, StringComparison.Ordinal);
        Assert.Equal([("optimizer.learningRate", "0.001")], finding.Advice.Settings);
    }

    [Fact]
    public void Checks_that_cannot_look_say_why()
    {
        Assert.Contains("fewer than three epochs", Assert.Throws<NotLookedException>(() => new LearningRateCheck().Look(WithLosses(5, 4)))
            .Message, StringComparison.Ordinal);
        Assert.Contains("left no last state", Assert.Throws<NotLookedException>(() =>
            new LossPlateauCheck()
                .Look(WithLosses(5, 4, 4) with
                {
                    ReadCheckpoint = null,
                    Settings = _healthy.Claiming("optimizer.kind", "adagrad")
                .Settings
                })).Message, StringComparison.Ordinal);
        Assert.Contains("layers", Assert.Throws<NotLookedException>(() =>
            new LossPlateauCheck()
                .Look(WithLosses(5, 4, 4) with
                {
                    Settings = Claiming(_healthy, [("optimizer.kind", "adagrad"), ("model.userTower", "relu")])
                .Settings
                })).Message, StringComparison.Ordinal);
        Assert.Contains("one constant",
            Assert.Throws<NotLookedException>(() => new LogQCheck().Look(_healthy.Claiming("train.batchSize", "1"))).Message,
            StringComparison.Ordinal);
        Assert.Contains("has a negative",
            Assert.Throws<NotLookedException>(() => new TemperatureCheck().Look(_healthy.Claiming("train.batchSize", "1"))).Message,
            StringComparison.Ordinal);
    }

    private static DiagnosisSubject Claiming(DiagnosisSubject subject, IEnumerable<(string Key, string Value)> changes) =>
        changes.Aggregate(subject, (changed, change) => changed.Claiming(change.Key, change.Value));

    private DiagnosisSubject WithLosses(params double[] losses) =>
        _healthy with { History = _healthy.History! with { LossByEpoch = losses } };

    private Task<DiagnosisSubject> Train(params (string Key, string Value)[] changes) =>
        TrainedSubject.TrainAsync(_healthy.Data, "recommended", [.. TrainedSubject.Small, .. changes]);
}
