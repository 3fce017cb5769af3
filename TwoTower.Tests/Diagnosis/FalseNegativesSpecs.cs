using TwoTower.Model.Data;
using TwoTower.Model.Diagnosis;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;

namespace TwoTower.Tests.Diagnosis;

public class FalseNegativesSpecs
{
    // User 0 knows items 0 and 1 and will take 2, user 1 knows item 0 alone; there are four items, with 2, 1, 0, 0 train positives.
    private static readonly TrainingSet s_set = new(2, 4, new InteractionLog([0, 0, 1], [0, 1, 0], new long[3]));
    private static readonly InteractionLog s_later = new([0], [2], [1]);

    [Theory]
    [InlineData(LossKind.Bpr, NegativeSampling.Uniform, false, false, ((2 / 4.0) + (2 / 4.0) + (1 / 4.0)) / 3)]
    [InlineData(LossKind.Bpr, NegativeSampling.Unseen, false, false, 0)]
    [InlineData(LossKind.InBatchSoftmax, NegativeSampling.Uniform, false, false, (1 + 1 + (2 / 3.0)) / 3)]
    [InlineData(LossKind.InBatchSoftmax, NegativeSampling.Uniform, true, false, (1 + 1 + 0) / 3.0)]
    [InlineData(LossKind.InBatchSoftmax, NegativeSampling.Uniform, true, true, 0)]
    [InlineData(LossKind.FullSoftmax, NegativeSampling.Uniform, true, false, ((1 / 3.0) + (1 / 3.0) + 0) / 3)]
    public void Shares_are_those_worked_out_by_hand(LossKind kind, NegativeSampling sampling, bool duplicates, bool known, double expected)
    {
        var shares = FalseNegatives.Of(s_set, s_later, new LossOptions
        {
            Kind = kind,
            Sampling = sampling,
            MaskDuplicates = duplicates,
            MaskKnownPositives = known
        }, 3);

        Assert.Equal(expected, shares.Known, 1e-12);
    }

    [Fact]
    public void Later_positives_count_by_how_likely_they_are_drawn_from_what_is_left() =>
        Assert.Equal(((1 / 2.0) + (1 / 2.0) + 0) / 3,
            FalseNegatives.Of(s_set, s_later, new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Unseen }, 3).Later, 1e-12);

    [Fact]
    public void A_user_who_knows_all_has_false_negatives_alone_because_the_sampler_must_draw_something()
    {
        var set = new TrainingSet(1, 2, new InteractionLog([0, 0], [0, 1], new long[2]));

        Assert.Equal(1,
            FalseNegatives.Of(set, InteractionLog.Empty, new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Unseen }, 2)
            .Known);
        Assert.Equal(0, FalseNegatives.Of(set, InteractionLog.Empty, new LossOptions { MaskKnownPositives = true }, 2).Examples);
    }

    [Theory]
    [InlineData(NegativeSampling.Uniform)]
    [InlineData(NegativeSampling.Unseen)]
    [InlineData(NegativeSampling.Popularity)]
    public void The_expected_share_is_that_of_the_samplers_own_draws(NegativeSampling sampling)
    {
        var (data, set) = (ReplayedTraining.Data, ReplayedTraining.Set);
        var loss = new LossOptions { Kind = LossKind.Bpr, Sampling = sampling };
        var sampler = new NegativeSampler(set, loss, 5);
        var later = InteractionMatrix.From(set.Users, set.Items, data.Validation);
        var (known, soon, draws) = (0, 0, 0);
        for (var n = 0; n < set.Log.Count; n++)
        {
            for (var k = 0; k < 20; k++)
            {
                var item = sampler.Draw(set.Log.Users[n], 0, n, k);
                known += set.Known.Contains(set.Log.Users[n], item) ? 1 : 0;
                soon += later.Contains(set.Log.Users[n], item) ? 1 : 0;
                draws++;
            }
        }

        var shares = FalseNegatives.Of(set, data.Validation, loss, 128);

        Assert.Equal((double)known / draws, shares.Known, 0.005);
        Assert.Equal((double)soon / draws, shares.Later, 0.005);
        Assert.True(soon > 0);
    }

    [Fact]
    public void In_a_batch_the_expected_share_is_that_of_its_columns()
    {
        var set = ReplayedTraining.Set;
        var loss = new LossOptions { MaskKnownPositives = false };
        var (known, all) = (0.0, 0.0);
        new NegativeProbe(ReplayedTraining.Scores(_ => 0), set, loss, 128, 1, 0).Visit(set.Log.Count, (in ScoredExample example) =>
        {
            var total = 0f;
            var own = 0f;
            for (var n = 0; n < example.NegativeItems.Length; n++)
            {
                total += example.NegativeCounts[n];
                own += set.Known.Contains(example.User, example.NegativeItems[n]) ? example.NegativeCounts[n] : 0;
            }

            known += own / total;
            all++;
        });

        Assert.Equal(known / all, FalseNegatives.Of(set, ReplayedTraining.Data.Validation, loss, 128).Known, 0.01);
    }

    [Fact]
    public void Active_users_have_more_of_them()
    {
        var shares = FalseNegatives.Of(ReplayedTraining.Set, InteractionLog.Empty,
            new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Uniform }, 128).ByActivity;

        Assert.True(shares.Count > 1);
        Assert.Equal(shares.OrderBy(bucket => bucket.Known), shares);
        Assert.All(shares, bucket => Assert.InRange(bucket.Known, (bucket.Bucket.From / 120.0) - 1e-9, (bucket.Bucket.To / 120.0) + 1e-9));
    }
}
