using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Telemetry;

public class MemberWatchSpecs
{
    private readonly List<TrainingEvent> _told = [];

    [Fact]
    public void A_look_that_shows_nothing_new_is_not_told_and_a_shard_that_moves_is_told_as_a_hand_off()
    {
        var watch = new MemberWatch(new Listener(_told));
        watch.Note([Member("a:1"), Member("b:1")], [new ShardPlace(0, "a:1"), new ShardPlace(1, "b:1")]);
        watch.Note([Member("a:1"), Member("b:1")], [new ShardPlace(0, "a:1"), new ShardPlace(1, "b:1")]);
        watch.Note([Member("a:1"), Member("b:1")], []); // nobody answered: shards are not gone
        watch.Note([Member("a:1"), Member("b:1") with { Reachable = false }], [new ShardPlace(0, "a:1")]);
        watch.Note([Member("a:1")], [new ShardPlace(0, "a:1"), new ShardPlace(1, "a:1")]);

        Assert.Equal(3, _told.OfType<TrainingEvent.MembersChanged>().Count());
        var moved = Assert.Single(_told.OfType<TrainingEvent.Notice>());
        Assert.Equal((NoticeKind.HandOff, "shard-1 has moved from b:1 to a:1."), (moved.Kind, moved.Text));
        Assert.Equal([new ShardPlace(0, "a:1"), new ShardPlace(1, "a:1")], _told.OfType<TrainingEvent.MembersChanged>().Last().Shards);
    }

    [Fact]
    public void Shards_that_move_together_are_told_together_and_copies_are_told_with_members()
    {
        var watch = new MemberWatch(new Listener(_told));
        watch.Note([Member("a:1"), Member("b:1")], [new ShardPlace(0, "a:1"), new ShardPlace(1, "b:1"), new ShardPlace(2, "a:1")]);
        watch.Note([new ShardCopies(0, 1, 0)], now: 5);
        watch.Note([new ShardCopies(0, 1, 0)], now: 5.5);
        watch.Note([Member("a:1"), Member("b:1")], [new ShardPlace(0, "b:1"), new ShardPlace(1, "b:1"), new ShardPlace(2, "b:1")]);

        Assert.Equal("Shards 0, 2 have moved from a:1 to b:1.", Assert.Single(_told.OfType<TrainingEvent.Notice>()).Text);
        Assert.Equal([0, 1, 1], _told.OfType<TrainingEvent.MembersChanged>().Select(changed => changed.Copies.Count));
    }

    private static ClusterMember Member(string address) => new(address, ["server"], "Up", true);

    private sealed class Listener(List<TrainingEvent> told) : IProgress<TrainingEvent>
    {
        public void Report(TrainingEvent value) => told.Add(value);
    }
}
