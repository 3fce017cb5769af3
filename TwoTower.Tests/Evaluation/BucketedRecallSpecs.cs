using CsCheck;
using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Model.Evaluation.Baselines;

namespace TwoTower.Tests.Evaluation;

public class BucketedRecallSpecs
{
    [Fact]
    public void Buckets_cover_every_count_once_and_never_divide_equal_ones() =>
        Gen.Int[0, 20].Array[1, 100].Sample(counts =>
        {
            var buckets = CountBuckets.Of(counts, CountBuckets.ItemQuantiles);

            Assert.Equal(counts.Length, buckets.All.Sum(bucket => bucket.Members));
            Assert.All(buckets.All.Zip(buckets.All.Skip(1)), pair => Assert.True(pair.First.To < pair.Second.From));
            Assert.All(counts, count => Assert.True(buckets.All[buckets.IndexOf(count)] is var own && own.From <= count
                && count <= own.To));
        }, iter: 1000);

    [Fact]
    public void Constant_counts_make_one_bucket() =>
        Assert.Equal([new CountBucket(3, 3, 50)], CountBuckets.Of(Enumerable.Repeat(3, 50).ToArray(), CountBuckets.UserQuantiles).All);

    [Fact]
    public void Recall_by_bucket_is_that_worked_out_by_hand()
    {
        // Train counts of items 0 … 3 are 3, 2, 1, 0, so the quantiles divide them into counts 0 to 1 and 2 to 3. The ranking is 0 1 2 3.
        var train = new InteractionLog([0, 1, 2, 0, 1, 0], [0, 0, 0, 1, 1, 2], new long[6]);
        var positives = new InteractionLog([1, 1, 2, 2], [2, 3, 1, 3], new long[4]);
        var task = new RankingTask(InteractionMatrix.From(3, 4, positives), InteractionMatrix.From(3, 4, train), unreachable: [0, 0, 1]);

        var recall = BucketedRecall.Of(new StaticScorer([4, 3, 2, 1]), task, train, cutoff: 1, parallelism: 2);

        // User 1 is shown item 2, a hit; user 2 is shown item 1, a hit, and has one positive out of reach.
        Assert.Equal([new BucketRecall(new CountBucket(0, 1, 2), 2, 3, (0.5 + 0.0) / 2),
            new BucketRecall(new CountBucket(2, 3, 2), 1, 1, 1)], recall.ByItem);
        Assert.Equal([new BucketRecall(new CountBucket(1, 1, 1), 1, 3, 1 / 3.0), new BucketRecall(new CountBucket(2, 2, 1), 1, 2, 1 / 2.0)],
            recall.ByUser);
    }

    [Fact]
    public void User_buckets_weighed_by_users_give_the_recall_of_all()
    {
        var data = SmallData.Make();
        var task = RankingTask.Validation(data);
        var scorer = StaticScorer.Popularity(data);

        var recall = BucketedRecall.Of(scorer, task, data.Train, 10, 2);

        Assert.Equal(
            RankingEvaluator.Evaluate(scorer, task, RankingProtocol.Masked, [10], 1).Mean("recall@10"),
            recall.ByUser.Sum(bucket => bucket.Recall * bucket.Users) / task.Users.Length, 1e-12);
        Assert.Equal(data.Validation.Count, recall.ByItem.Sum(bucket => bucket.Positives));
    }
}
