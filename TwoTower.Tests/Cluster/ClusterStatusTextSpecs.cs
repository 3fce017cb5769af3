using TwoTower.Actors.Cluster;
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
    public void Many_shards_and_long_names_stay_within_80_columns()
    {
        var name = new string('n', 50) + ":4053";
        var status = FakeHealth.Example with { Members = [new(name, ["trainer", "server", "worker", "evaluator"], "Up", true)], Shards = [.. Enumerable.Range(0, 64).Select(shard => new ShardPlace(shard, name))] };

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
