using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Diagnosis;

public class NegativeStrengthSpecs
{
    [Fact]
    public void The_effective_number_lies_between_one_and_all_and_does_not_depend_on_scale() =>
        Gen.Double[0, 1].Array[1, 20].Where(pushes => pushes.Sum() > 1e-6).Sample(pushes =>
        {
            var number = NegativeStrength.EffectiveNumber(pushes);

            Assert.InRange(number, 1 - 1e-9, pushes.Length + 1e-9);
            Assert.Equal(number, NegativeStrength.EffectiveNumber([.. pushes.Select(push => 7 * push)]), 1e-9);
            Assert.Equal(number, NegativeStrength.EffectiveNumber([.. pushes, 0]), 1e-9);
        }, iter: 500);

    [Fact]
    public void Equal_pushes_count_all_and_a_single_one_counts_one()
    {
        Assert.Equal(8, NegativeStrength.EffectiveNumber(new double[8].Select(_ => 0.3).ToArray()), 1e-9);
        Assert.Equal(1, NegativeStrength.EffectiveNumber([0, 0.2, 0]), 1e-9);
        Assert.Equal(0, NegativeStrength.EffectiveNumber([0, 0]));
    }

    [Fact]
    public void Pairs_that_cannot_be_told_apart_push_by_a_half_and_spread_like_chance()
    {
        var loss = new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Unseen };

        var strength = Strength(ReplayedTraining.Scores(_ => 0), loss);

        Assert.Equal(0.5, strength.Push, 1e-6);
        Assert.Equal(0, strength.RankedRight);
        Assert.Equal(10, strength.Hardest);
        Assert.Equal(1.2, strength.HardLift, 0.25); // 10 of about 104 unseen ones, against 10 of 120
    }

    [Fact]
    public void The_lower_the_temperature_the_fewer_negatives_count()
    {
        var embeddings = ReplayedTraining.Train(new LossOptions());

        var effective = new[] { 0.01, 0.05, 0.2, 1 }.Select(temperature =>
            Strength(embeddings, new LossOptions { Temperature = temperature }).Effective).ToArray();

        Assert.Equal(effective.Order(), effective);
        Assert.InRange(effective[0], 1, 2);
        Assert.True(effective[^1] > 20);
    }

    [Fact]
    public void Dynamic_sampling_pushes_on_the_hardest_more_than_uniform_draws_do()
    {
        var loss = new LossOptions { Kind = LossKind.Bpr, Temperature = 1, Sampling = NegativeSampling.Unseen };
        var embeddings = ReplayedTraining.Train(loss);

        var (random, hard) = (Strength(embeddings, loss), Strength(embeddings, loss with { Sampling = NegativeSampling.Dynamic }));

        Assert.True(hard.HardLift > 2 * random.HardLift, $"{hard.HardLift} {random.HardLift}");
        Assert.True(hard.RankedRight < random.RankedRight);
    }

    [Fact]
    public void Hard_negatives_of_a_softmax_are_the_only_ones_that_count()
    {
        var embeddings = ReplayedTraining.Train(new LossOptions());

        Assert.Equal(5, Strength(embeddings, new LossOptions { HardNegatives = 5 }).Negatives);
        Assert.True(Strength(embeddings, new LossOptions { HardNegatives = 5, HardFromEpoch = 9 }).Negatives > 20);
    }

    [Fact]
    public void Whoever_has_seen_everything_has_nothing_to_compete()
    {
        var set = new TrainingSet(1, 2, new InteractionLog([0, 0], [0, 1], new long[2]));

        Assert.Null(NegativeStrength.Of(new TwoTowerEmbeddings([1], [1, 2], 1), set, new LossOptions { Kind = LossKind.Bpr }, 2, 1, 0));
        Assert.Null(NegativeStrength.Of(new TwoTowerEmbeddings([1], [1, 2], 1), set, new LossOptions(), 2, 1, 0));
    }

    private static NegativeStrength Strength(TwoTowerEmbeddings embeddings, LossOptions loss) =>
        NegativeStrength.Of(embeddings, ReplayedTraining.Set, loss, 128, 1, 2)!;
}
