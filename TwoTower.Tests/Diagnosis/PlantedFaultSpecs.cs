using TwoTower.Model.Data;
using TwoTower.Model.Towers;
using TwoTower.Node.Diagnosis;
using TwoTower.Node.Diagnosis.Checks;

namespace TwoTower.Tests.Diagnosis;

/// <summary>Every check finds the one fault that is planted for it.</summary>
[Collection(HealthyRun.Collection)]
public sealed class PlantedFaultSpecs(HealthyRun healthy)
{
    private readonly DiagnosisSubject _healthy = healthy.Subject;

    [Fact]
    public void An_evaluation_without_a_mask_costs_what_lies_between_masked_and_raw()
    {
        var finding = new MaskCheck().Look(_healthy.Claiming("evaluate.protocol", "raw"))!;

        var model = _healthy.Model!;
        Assert.Equal(model.Masked.Mean("recall@10") - model.Raw.Mean("recall@10"), finding.RecallCost!.Lost.Value, 1e-12);
        Assert.True(finding.RecallCost.Lost.Low > 0);
        Assert.Contains(("evaluate.protocol", "masked"), finding.Advice.Settings);
        Assert.InRange(finding.Evidence[^1].Value, 0.2, 1);
    }

    [Fact]
    public void A_train_part_that_goes_on_after_validation_has_begun_is_found()
    {
        // The last tenth of train is moved behind the first validation positive.
        var data = _healthy.Data;
        var times = data.Train.Timestamps.ToArray();
        for (var n = times.Length * 9 / 10; n < times.Length; n++)
        {
            times[n] = data.Validation.Timestamps[0] + n;
        }

        var leaky = _healthy.On(data with { Train = data.Train with { Timestamps = times } });

        var finding = new LeakageAcrossTimeCheck().Look(leaky)!;

        Assert.Equal(0.1, finding.Evidence[0].Value, 0.01);
        Assert.Equal(Severity.Invalid, finding.Severity);
        Assert.Empty(finding.Advice.Settings);
        var leaveOut = leaky with { Data = leaky.Data with { Split = leaky.Data.Split with { Kind = SplitKind.LeaveLastOut } } };
        Assert.Equal([("data.split", "global-time")], new LeakageAcrossTimeCheck().Look(leaveOut)!.Advice.Settings);
    }

    [Fact]
    public void A_pair_that_stands_in_train_and_in_validation_is_found()
    {
        var data = _healthy.Data;
        var again = data.Validation with
        {
            Users = [.. data.Validation.Users[..^1], data.Train.Users[0]],
            Items = [.. data.Validation.Items[..^1], data.Train.Items[0]]
        };

        var finding = new LeakageAcrossTimeCheck().Look(_healthy with { Data = data with { Validation = again } })!;

        Assert.Contains("1 validation positives stand in train too", finding.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_has_not_learned_is_below_its_bars()
    {
        var untrained = await TrainedSubject.TrainAsync(_healthy.Data, "recommended",
            [.. TrainedSubject.Small, ("optimizer.learningRate", "1e-9"), ("model.priorStrength", "0"), ("train.epochs", "1")]);

        var finding = new BarsCheck().Look(untrained)!;

        Assert.Contains("below popularity and recent popularity", finding.Headline, StringComparison.Ordinal);
        Assert.Equal(Severity.Harmful, finding.Severity);
        Assert.Equal(untrained.Model!.Masked.Mean("recall@10"), finding.Evidence[0].Value);
    }

    [Fact]
    public async Task A_softmax_without_log_q_recommends_against_popularity()
    {
        var uncorrected = await TrainedSubject.TrainAsync(_healthy.Data, "recommended",
            [.. TrainedSubject.Small, ("loss.logQ", "0"), ("model.priorStrength", "0"), ("loss.temperature", "0.2")]);

        var finding = new RecommendedPopularityCheck().Look(uncorrected)!;

        Assert.Contains("against popularity", finding.Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_knows_popularity_alone_recommends_the_head_only()
    {
        var counts = _healthy.Train().ItemCounts;
        var popular = new TwoTowerEmbeddings([.. Enumerable.Repeat(1f, _healthy.Data.Users.Count)],
            [.. counts.Select(count => (float)count)], 1);

        var finding = new RecommendedPopularityCheck().Look(_healthy.WithModel(popular))!;

        Assert.Contains("the head only: 100", finding.Headline, StringComparison.Ordinal);
        Assert.Equal(1, finding.Evidence[0].Value, 1e-9);
    }

    [Fact]
    public void Vectors_that_all_point_one_way_have_collapsed()
    {
        var finding = new EmbeddingCollapseCheck().Look(_healthy.WithModel(Vectors(column => column == 0 ? 12 : 0)))!;

        Assert.Contains("users and items point nearly one way", finding.Headline, StringComparison.Ordinal);
        Assert.InRange(finding.Evidence[0].Value, 0.8, 1);
    }

    [Fact]
    public void Vectors_that_use_a_few_of_many_dimensions_have_collapsed()
    {
        var flat = Vectors(_ => 0, column => column < 2 ? 1 : 1e-4, dim: 32);

        var finding = new EmbeddingCollapseCheck().Look(_healthy.WithModel(flat))!;

        Assert.Contains("use few of their 32 dimensions", finding.Headline, StringComparison.Ordinal);
        Assert.Equal(2, finding.Evidence.Single(one => one.What == "effective rank of items").Value, 0.2);
    }

    [Fact]
    public async Task A_model_that_has_learned_train_by_heart_is_found()
    {
        var data = SmallData.Make(users: 60, items: 400, perUser: 30, seed: 3);
        var overfit = await TrainedSubject.TrainAsync(data, "recommended",
            [.. TrainedSubject.Small, ("model.dim", "64"), ("model.priorStrength", "0"), ("loss.temperature", "0.1"),
                ("train.epochs", "40"), ("evaluate.everyEpochs", "40")]);

        var finding = new GapCheck().Look(overfit)!;

        Assert.Contains("by heart", finding.Headline, StringComparison.Ordinal);
        Assert.Contains(("optimizer.weightDecay", "0.0001"), finding.Advice.Settings);
    }

    [Fact]
    public void A_metric_that_falls_while_the_loss_falls_is_found()
    {
        EvaluationPoint At(long batches, double recall) => new(batches, new Dictionary<string, double> { ["recall@10"] = recall });
        var falling = _healthy with
        { History = _healthy.History! with { LossByEpoch = [2, 1, 0.5], Evaluations = [At(1, 0.2), At(2, 0.3), At(3, 0.25)] } };

        var finding = new GapCheck().Look(falling)!;

        Assert.Contains("was 0.3000 at evaluation 2 of 3 and is 0.2500", finding.Headline, StringComparison.Ordinal);
        Assert.Null(new GapCheck()
            .Look(falling with { History = falling.History! with { Evaluations = [At(1, 0.2), At(2, 0.3), At(3, 0.28)] } }));
    }

    [Fact]
    public void Positives_that_training_has_not_seen_are_counted()
    {
        // The items of the first fifth of validation lose all of their train positives.
        var data = _healthy.Data;
        var cold = data.Validation.Items.Take(data.Validation.Count / 5).ToHashSet();
        var kept = Enumerable.Range(0, data.Train.Count).Where(n => !cold.Contains(data.Train.Items[n])).ToArray();
        var log = new InteractionLog([.. kept.Select(n => data.Train.Users[n])], [.. kept.Select(n => data.Train.Items[n])],
            [.. kept.Select(n => data.Train.Timestamps[n])]);
        var outside = new int[data.Users.Count];
        outside[_healthy.Tasks.Validation.Users[0]] = 7;
        var subject = _healthy.On(data with { Train = log, ValidationUnreachable = outside });

        var finding = new ReachCheck().Look(subject)!;

        Assert.Equal(7, finding.Evidence[0].Value);
        Assert.Equal(data.Validation.Items.Count(item => !log.Items.Contains(item)), finding.Evidence[1].Value);
    }

    [Fact]
    public void Items_that_come_into_fashion_late_are_drift_unless_training_weighs_by_recency()
    {
        // In the last fifth of train, and after it, every item's place is taken by another.
        var data = _healthy.Data;
        int Other(int item) => (item * 7 + 5) % data.Items.Count;
        var train = data.Train with
        { Items = [.. data.Train.Items.Select((item, n) => n >= data.Train.Count * 8 / 10 ? Other(item) : item)] };
        var drifted =
            _healthy.On(data with
            { Train = train, Validation = data.Validation with { Items = [.. data.Validation.Items.Select(Other)] } });
        var blind = drifted.Claiming("model.priorStrength", "0");

        var finding = new DriftCheck().Look(blind)!;

        Assert.True(finding.Evidence[1].Value < finding.Evidence[0].Value - 0.02);
        Assert.Equal("loss.recencyHalfLife", Assert.Single(finding.Advice.Settings).Key);
        Assert.Null(new DriftCheck().Look(drifted));
        Assert.Null(new DriftCheck().Look(_healthy.Claiming("model.priorStrength", "0")));
        Assert.NotNull(new DriftCheck().Look(blind with { Settings = null }));
    }

    [Fact]
    public void Constants_in_days_are_found_where_days_hold_now_many_and_now_few_positives()
    {
        // Nine tenths of train within a day, then a tenth over a hundred days.
        var data = _healthy.Data;
        var burst = data.Train.Count * 9 / 10;
        var times = Enumerable.Range(0, data.Train.Count)
            .Select(n => n < burst ? n * 86_400L / burst : (n - burst + 1) * 8_640_000L / (data.Train.Count - burst)).ToArray();
        var subject = _healthy.On(data with { Train = data.Train with { Timestamps = times } });

        var finding = new CalendarConstantsCheck().Look(subject.Claiming("model.priorWindow", "8d"))!;

        Assert.Equal("model.priorWindow", Assert.Single(finding.Advice.Settings).Key);
        Assert.True(finding.Evidence[0].Value > 0.9 && finding.Evidence[^1].Value < 0.02);
        Assert.Null(new CalendarConstantsCheck().Look(subject));
        Assert.Null(new CalendarConstantsCheck().Look(subject.Claiming("model.priorWindow", "8d").Claiming("model.priorStrength", "0")));
    }

    [Theory]
    [InlineData(4, "4 different items", "32")]
    [InlineData(4096, "repeat another", "1024")]
    public void A_batch_that_is_too_small_or_too_large_for_its_catalogue_is_found(int size, string words, string better)
    {
        var finding = new BatchSizeCheck().Look(_healthy.Claiming("train.batchSize", $"{size}"))!;

        Assert.Contains(words, finding.Headline, StringComparison.Ordinal);
        Assert.Equal([("train.batchSize", better)], finding.Advice.Settings);
        Assert.Null(new BatchSizeCheck().Look(_healthy.Claiming("train.batchSize", $"{size}").Claiming("loss.kind", "bpr")));
    }

    [Fact]
    public async Task Gradients_that_come_late_for_their_learning_rate_are_found()
    {
        var late = await TrainedSubject.TrainAsync(_healthy.Data, "recommended",
            [.. TrainedSubject.Small, ("train.workers", "4"), ("train.consistency", "asp"), ("train.stalenessInjection", "constant:12"),
                ("optimizer.learningRate", "0.05"), ("train.epochs", "2")]);

        var finding = new StalenessCheck().Look(late)!;

        Assert.Equal(late.History!.MeanStaleness, finding.Evidence[0].Value);
        Assert.Equal([("train.consistency", "bsp"), ("train.stalenessInjection", "none")], finding.Advice.Settings);
        Assert.Null(new StalenessCheck().Look(late.Claiming("optimizer.learningRate", "0.0001")));
    }

    private TwoTowerEmbeddings Vectors(Func<int, double> mean, Func<int, double>? spread = null, int dim = 16)
    {
        var random = new TwoTower.Model.SeededRandom(5);
        float[] Rows(int count) =>
            [.. Enumerable.Range(0, count * dim)
            .Select(n => (float)(mean(n % dim) + ((spread?.Invoke(n % dim) ?? 1) * random.NextGaussian())))];
        return new TwoTowerEmbeddings(Rows(_healthy.Data.Users.Count), Rows(_healthy.Data.Items.Count), dim);
    }
}
