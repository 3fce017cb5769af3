using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation;

/// <summary>Recall in one bucket.</summary>
/// <param name="Bucket">Bounds and members.</param>
/// <param name="Users">Evaluated users that have a part in it.</param>
/// <param name="Positives">Their held-out positives in it.</param>
/// <param name="Recall">Mean over those users; 0 when there are none.</param>
public sealed record BucketRecall(CountBucket Bucket, int Users, int Positives, double Recall);

/// <summary>Masked recall@K where it comes from: by train positives of the item that was to be found, and by train positives of the user.</summary>
/// <remarks>An item bucket's recall is the mean over the users with a held-out positive in it of the share of those in the user's top K. A user bucket's is the mean of the
/// users' recall@K, so unreachable positives count as misses there and have no item bucket.</remarks>
/// <param name="Cutoff">K.</param>
/// <param name="ByItem">Item buckets, rare items first.</param>
/// <param name="ByUser">User buckets, users with a short history first.</param>
public sealed record BucketedRecall(int Cutoff, IReadOnlyList<BucketRecall> ByItem, IReadOnlyList<BucketRecall> ByUser)
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
        var lists = RankingEvaluator.Recommend(scorer, task, cutoff, parallelism);
        for (var row = 0; row < lists.Length; row++)
        {
            var user = task.Users[row];
            var hits = 0;
            foreach (var item in task.Positives.ItemsOf(user))
            {
                var isHit = lists[row].AsSpan().Contains(item);
                hits += isHit ? 1 : 0;
                items.Note(itemCounts[item], isHit);
            }

            items.Close();
            users.Add(userCounts[user], hits, task.RelevantOf(user));
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
        private readonly (int Hits, int Positives)[] _ofUser = new (int, int)[buckets.All.Count];
        private readonly (int Users, int Positives, double Recall)[] _sums = new (int, int, double)[buckets.All.Count];

        public void Note(int count, bool isHit)
        {
            ref var own = ref _ofUser[buckets.IndexOf(count)];
            own = (own.Hits + (isHit ? 1 : 0), own.Positives + 1);
        }

        public void Close()
        {
            for (var bucket = 0; bucket < _ofUser.Length; bucket++)
            {
                if (_ofUser[bucket].Positives > 0)
                {
                    AddAt(bucket, _ofUser[bucket].Hits, _ofUser[bucket].Positives);
                    _ofUser[bucket] = default;
                }
            }
        }

        public void Add(int count, int hits, int positives) => AddAt(buckets.IndexOf(count), hits, positives);

        public IReadOnlyList<BucketRecall> Result() =>
            [.. buckets.All.Select((bucket, n) => new BucketRecall(bucket, _sums[n].Users, _sums[n].Positives, _sums[n].Users == 0 ? 0 : _sums[n].Recall / _sums[n].Users))];

        private void AddAt(int bucket, int hits, int positives)
        {
            var sum = _sums[bucket];
            _sums[bucket] = (sum.Users + 1, sum.Positives + positives, sum.Recall + ((double)hits / positives));
        }
    }
}
