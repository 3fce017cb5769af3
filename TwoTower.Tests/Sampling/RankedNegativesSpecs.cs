using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Sampling;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Sampling;

/// <summary>What a snapshot ranks best for a user, and how negatives are drawn from it.</summary>
public class RankedNegativesSpecs
{
    [Fact]
    public void A_users_ranking_is_their_unseen_items_by_score_and_users_without_positives_have_none() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 12], Gen.Int[1, 14], Gen.Double[0, 1], Gen.Int[0, 1_000_000]).Sample(
            (users, items, depth, share, seed) =>
            {
                var random = new Random(seed);
                var set = new TrainingSet(users, items,
                    Log([.. Enumerable.Range(0, users).SelectMany(user => Enumerable.Range(0, items).Where(_ => random.NextDouble() < share)
                    .Select(item => (user, item)))]));
                var embeddings = Embeddings(random, users, items);

                var ranked = RankedNegatives.Of(9, embeddings, set, depth, parallelism: 2);

                Assert.Equal((9, Math.Min(depth, items)), (ranked.Step, ranked.Depth));
                for (var user = 0; user < users; user++)
                {
                    var known = set.Known.ItemsOf(user).ToArray();
                    var expected = known.Length == 0
                        ? []
                        : Enumerable.Range(0, items).Except(known)
                            .OrderByDescending(item => (embeddings.Users[user * 2] * embeddings.Items[item * 2])
                            + (embeddings.Users[(user * 2) + 1] * embeddings.Items[(item * 2) + 1])).ThenBy(item => item).Take(depth);
                    Assert.Equal(expected, ranked.Of(user).ToArray());
                }
            },
            iter: 300);

    [Fact]
    public void Negatives_are_drawn_evenly_from_the_ranking()
    {
        var set = new TrainingSet(2, 12, Log([(0, 1), (1, 2)]));
        var ranked = new RankedNegatives(1, 4, [9, 3, 7, -1, 0, 4, 5, 6]);
        var sampler = new NegativeSampler(set, new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Ranked }, 5);
        var counts = new int[12];

        for (var position = 0; position < 30_000; position++)
        {
            counts[sampler.Draw(user: 0, epoch: 0, position, n: 0, ranked)]++;
        }

        ChiSquare.AssertFits(counts, [.. Enumerable.Range(0, 12).Select(item => item is 9 or 3 or 7 ? 1 / 3.0 : 0)]);
    }

    [Fact]
    public void Without_a_ranking_for_the_user_any_unseen_item_is_drawn()
    {
        var set = new TrainingSet(2, 5, Log([(0, 1), (1, 2)]));
        var (ranked, unseen) = (Sampler(set, NegativeSampling.Ranked), Sampler(set, NegativeSampling.Unseen));
        var none = new RankedNegatives(1, 2, [-1, -1, 0, 1]);

        Assert.All(Enumerable.Range(0, 200), position =>
        {
            Assert.Equal(unseen.Draw(0, 3, position, 0), ranked.Draw(0, 3, position, 0));
            Assert.Equal(unseen.Draw(0, 3, position, 0), ranked.Draw(0, 3, position, 0, none));
        });
    }

    [Fact]
    public void What_would_be_too_much_to_send_and_what_has_no_user_is_refused()
    {
        var loss = new LossOptions { Kind = LossKind.Bpr, Sampling = NegativeSampling.Ranked, RankingDepth = 200 };

        Assert.Null(loss.RefusalFor(6040, 3706));
        Assert.Contains("lower the depth", loss.RefusalFor(1_000_000, 100_000), StringComparison.Ordinal);
        Assert.Null(loss.RefusalFor(1_000_000, 10));
        Assert.Contains("draws for the whole batch", (loss with { Kind = LossKind.SampledSoftmax }).Refusal, StringComparison.Ordinal);
    }

    private static NegativeSampler Sampler(TrainingSet set, NegativeSampling kind) =>
        new(set, new LossOptions { Kind = LossKind.Bpr, Sampling = kind }, 5);

    private static TwoTowerEmbeddings Embeddings(Random random, int users, int items) =>
        new([.. Enumerable.Range(0, users * 2).Select(_ => (float)random.Next(-3, 4))],
            [.. Enumerable.Range(0, items * 2).Select(_ => (float)random.Next(-3, 4))], 2);

    private static InteractionLog Log((int User, int Item)[] rows) =>
        new([.. rows.Select(row => row.User)], [.. rows.Select(row => row.Item)], new long[rows.Length]);
}
