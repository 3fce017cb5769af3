using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Clusters;

namespace TwoTower.Tests.Cluster;

/// <summary>A cluster's status as a person reads it.</summary>
public class ClusterStatusTextSpecs
{
    [Fact]
    public void It_says_who_is_there_where_shards_are_and_how_far_training_is() => Assert.Equal(
        """
        Cluster as 127.0.0.1:4053 sees it: 4 members, 2 up
          address           roles                             state
          127.0.0.1:4053    trainer                           Up
          127.0.0.1:4054    server                            Up
          127.0.0.1:4055    server                            Up, unreachable
          127.0.0.1:4056    worker, evaluator                 Joining

        Shards: 3 on 2 nodes
          127.0.0.1:4054    0, 2
          127.0.0.1:4055    1
        No majority of the cluster is in sight from here: shards on this node take no
          pushes.

        Training goes on
          batch 250 of 1,000 (25.0 %), epoch 3 of 10
          31,240 examples/s, loss 0.2500
          worker    clock       applied     silent      leases
          0         125         124         0.3 s       249, 251
          1         126         126         12.0 s      being fenced off
        """.ReplaceLineEndings("\n"),
        string.Join('\n', ClusterStatusText.Lines(FakeHealth.Example)));

    [Fact]
    public void Copies_that_lack_are_told_shard_by_shard_with_since_when_and_what_it_means()
    {
        Assert.Equal(
            """
            Copies on other servers: 3 of 4 shards lack some
              shard    copies    lacking      because
              0        0 of 1    12.3 s       no other server is there
              1        1 of 2    0.5 s        on the way, 40 % of 2.5 MB
              3        1 of 2    0.5 s        only 1 other server there
            Pushes are acknowledged meanwhile: what is acknowledged now is lost if these
              shards' servers die (train.whenCopiesLack=go-on).
            """.ReplaceLineEndings("\n"),
            Copies(
                new ShardCopies(0, 1, 0) { LackingSeconds = 12.34 },
                new ShardCopies(1, 2, 1, 2, 1_000_000, 2_500_000) { LackingSeconds = 0.5 }, new ShardCopies(2, 1, 1, 1),
                new ShardCopies(3, 2, 1, 1) { LackingSeconds = 0.5 }));
        Assert.Equal("Copies on other servers: 1 of each shard, as wanted", Copies(new ShardCopies(0, 1, 1), new ShardCopies(1, 1, 1)));
        Assert.Contains("No push to these shards is acknowledged", Copies(new ShardCopies(0, 1, 0, Waits: true)), StringComparison.Ordinal);
        Assert.Contains("Training waits for copies",
            string.Join('\n', ClusterStatusText.Lines(FakeHealth.Example with { Copies = [new ShardCopies(0, 1, 0, Waits: true)] })),
            StringComparison.Ordinal);
        Assert.Contains("  and 3 more", Copies([.. Enumerable.Range(0, 19).Select(shard => new ShardCopies(shard, 1, 0))]),
            StringComparison.Ordinal);

        static string Copies(params ShardCopies[] copies) =>
            string.Join('\n', ClusterStatusText.Lines(FakeHealth.Example with { Copies = copies, Majority = true, Training = null })
                .SkipWhile(line => !line.StartsWith("Copies", StringComparison.Ordinal)).TakeWhile(line => line.Length > 0));
    }

    [Theory]
    [InlineData(29.9, "Training goes on")]
    [InlineData(42.4, "Training waits: no batch has been completed for 42 s")]
    public void Training_in_which_no_batch_is_completed_for_longer_than_three_retries_does_not_go_on(double seconds, string expected) =>
        Assert.Contains(
            expected, ClusterStatusText.Lines(FakeHealth.Example with
            { Training = FakeHealth.Example.Training! with { SecondsSinceBatch = seconds, RetrySeconds = 10 } }));

    [Fact]
    public void Shards_that_are_known_to_lack_copies_are_not_said_to_be_nowhere()
    {
        string[] lines = [.. ClusterStatusText.Lines(FakeHealth.Example with { Shards = [], Copies = [new ShardCopies(0, 1, 0)] })];

        Assert.Contains("Shards: where they are is not known at the moment.", lines);
        Assert.DoesNotContain("Shards: none is placed yet.", lines);
    }

    [Fact]
    public void Many_shards_and_long_names_stay_within_80_columns()
    {
        var name = new string('n', 50) + ":4053";
        var status = FakeHealth.Example with
        {
            Members = [new(name, ["trainer", "server", "worker", "evaluator"], "Up", true)],
            Shards = [.. Enumerable.Range(0, 64).Select(shard => new ShardPlace(shard, name))]
        };

        Assert.All(ClusterStatusText.Lines(status), line => Assert.True(line.Length <= 80, line));
    }

    [Fact]
    public void Without_a_trainer_and_shards_it_says_so()
    {
        var text = string.Join('\n', ClusterStatusText.Lines(FakeHealth.Example with { Training = null, Shards = [] }));

        Assert.Contains("none is placed", text, StringComparison.Ordinal);
        Assert.Contains("the trainer does not answer", text, StringComparison.Ordinal);
    }
}
