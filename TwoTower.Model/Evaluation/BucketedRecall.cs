using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation;

/// <summary>Recall in one bucket.</summary>
/// <param name="Bucket">Bounds and members.</param>
/// <param name="Users">Evaluated users that have a part in it.</param>
/// <param name="Positives">Their held-out positives in it.</param>
/// <param name="Recall">Mean over those users; 0 when there are none.</param>
internal sealed record BucketRecall(CountBucket Bucket, int Users, int Positives, double Recall);

/// <summary>Masked recall@K where it comes from: by train positives of the item that was to be found, and
/// by train positives of the user.</summary>
/// <remarks>An item bucket's recall is the mean over the users with a held-out positive in it of the share of those in the user's top K,
/// one that ties at the cut with its chance. A user bucket's is the mean of the users' recall@K, so unreachable positives count as misses
/// there and have no item bucket.</remarks>
/// <param name="Cutoff">K.</param>
/// <param name="ByItem">Item buckets, rare items first.</param>
/// <param name="ByUser">User buckets, users with a short history first.</param>
internal sealed record BucketedRecall(int Cutoff, IReadOnlyList<BucketRecall> ByItem, IReadOnlyList<BucketRecall> ByUser)
{
    /// <summary>Measures a scorer.</summary>
    /// <param name="scorer">Scores the catalogue.</param>
    /// <param name="task">Users, positives, seen items.</param>
    /// <param name="train">Train positives, whose counts make the buckets: of all items, and of the evaluated users.</param>
    /// <param name="cutoff">K.</param>
    /// <param name="parallelism">Threads.</param>
    public static BucketedRecall Of(IItemScorer scorer, RankingTask task, InteractionLog train, int cutoff, int parallelism)
    {
        var itemCounts = Count(train.Items, task.Positives.Items);
        var userCounts = Count(train.Users, task.Positives.Users);
        var items = new Sums(CountBuckets.Of(itemCounts, CountBuckets.ItemQuantiles));
        var users = new Sums(CountBuckets.Of([.. task.Users.Select(user => userCounts[user])], CountBuckets.UserQuantiles));
        var chances = RankingEvaluator.Chances(scorer, task, cutoff, parallelism);
        for (var row = 0; row < chances.Length; row++)
        {
            var user = task.Users[row];
            var positives = task.Positives.ItemsOf(user);
            var hits = default(ExactSum);
            for (var n = 0; n < positives.Length; n++)
            {
                hits.Add(chances[row][n]);
                items.Note(itemCounts[positives[n]], chances[row][n]);
            }

            items.Close();
            users.Add(userCounts[user], hits.Value, task.RelevantOf(user));
        }

        return new BucketedRecall(cutoff, items.Result(), users.Result());
    }

    private static int[] Count(int[] rows, int length)
    {
        var counts = new int[length];
        foreach (var row in rows)
        {
            counts[row]++;
        }

        return counts;
    }

    private sealed class Sums(CountBuckets buckets)
    {
        private readonly (ExactSum Hits, int Positives)[] _ofUser = new (ExactSum, int)[buckets.All.Count];
        private readonly (int Users, int Positives, ExactSum Recall)[] _sums = new (int, int, ExactSum)[buckets.All.Count];

        public void Note(int count, double chance)
        {
            ref var own = ref _ofUser[buckets.IndexOf(count)];
            own.Hits.Add(chance);
            own.Positives++;
        }

        public void Close()
        {
            for (var bucket = 0; bucket < _ofUser.Length; bucket++)
            {
                if (_ofUser[bucket].Positives > 0)
                {
                    AddAt(bucket, _ofUser[bucket].Hits.Value, _ofUser[bucket].Positives);
                    _ofUser[bucket] = default;
                }
            }
        }

        public void Add(int count, double hits, int positives) => AddAt(buckets.IndexOf(count), hits, positives);

        public IReadOnlyList<BucketRecall> Result() =>
            [.. buckets.All.Select((bucket, n) => new BucketRecall(bucket, _sums[n].Users, _sums[n].Positives,
                _sums[n].Users == 0 ? 0 : _sums[n].Recall.Value / _sums[n].Users))];

        private void AddAt(int bucket, double hits, int positives)
        {
            ref var sum = ref _sums[bucket];
            sum.Users++;
            sum.Positives += positives;
            sum.Recall.Add(hits / positives);
        }
    }
}
