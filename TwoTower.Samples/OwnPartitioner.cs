using TwoTower.Actors.Hosting;
using TwoTower.Actors.Options;
using TwoTower.Actors.Training;
using TwoTower.Model.Data;
using TwoTower.Model.Data.Loading;

namespace TwoTower.Samples;

/// <summary>A partitioner of one's own: which shard holds which row.</summary>
internal static class OwnPartitioner
{
    public static async Task RunAsync(TextWriter output)
    {
        var options = new TrainingOptions
        {
            OwnPartitioner = new HeadAlone(), // the registration
            Shards = 3,
            BatchSize = 256,
            Epochs = 2,
            Cutoffs = [10],
            Metric = "recall@10",
        };
        var data = DataLoader.Load("likes", Likes.Made(), new DataOptions());
        var outcome = await LocalTraining.RunAsync(new TrainingPlan(options, data));
        foreach (var shard in outcome.Shards)
        {
            await output.WriteLineAsync($"shard {shard.Id}: {shard.Rows} rows, {shard.Bytes / 1024} KiB moved");
        }
    }

    /// <summary>The tenth of the rows that is pulled most has shard 0 to itself.</summary>
    private sealed class HeadAlone : IPartitioner
    {
        public int[] Divide(int shards, ReadOnlySpan<int> frequencies)
        {
            var counts = frequencies.ToArray();
            var shardOf = new int[counts.Length];
            var order = Enumerable.Range(0, counts.Length).OrderByDescending(row => counts[row]).ThenBy(row => row).ToArray();
            for (var place = counts.Length / 10; place < order.Length && shards > 1; place++)
            {
                shardOf[order[place]] = 1 + (place % (shards - 1));
            }

            return shardOf;
        }
    }
}
