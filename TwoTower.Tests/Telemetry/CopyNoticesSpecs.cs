using TwoTower.Actors.Protocol.Reports;
using TwoTower.Node.Telemetry;

namespace TwoTower.Tests.Telemetry;

/// <summary>What a person is told of copies that lack, and how long they lacked.</summary>
public class CopyNoticesSpecs
{
    private readonly CopyNotices _notices = new();

    [Fact]
    public void Copies_that_lack_are_told_once_with_what_it_means_and_that_they_are_back_with_the_seconds()
    {
        Assert.Empty(_notices.Look([Whole(0), Whole(1)], 10));
        Assert.Empty(_notices.Look([Whole(0), Lacking(1, 0.3)], 10.5));
        Assert.Equal(
            (NoticeKind.Copies,
                "shard-1 has 0 of 1 copies: no other server is there. Training goes on, and what is acknowledged meanwhile is lost if "
                + "that server dies too (train.whenCopiesLack=go-on)."),
            Told(_notices.Look([Whole(0), Lacking(1, 0.8)], 11)));
        Assert.Empty(_notices.Look([Whole(0), Lacking(1, 1.3)], 11.5));

        Assert.Equal((NoticeKind.Copies, "Every shard has its copies on other servers again, after 4.0 s."),
            Told(_notices.Look([Whole(0), Whole(1)], 14)));
        Assert.Empty(_notices.Look([Whole(0), Whole(1)], 15));
    }

    [Fact]
    public void The_time_in_which_a_shard_has_no_host_counts()
    {
        _notices.Look([Whole(0), Whole(1)], 10);
        _notices.Look([Whole(0)], 12); // the server of the other has died
        Assert.Single(_notices.Look([Whole(0), Lacking(1, 0.1)], 13));

        Assert.EndsWith("after 4.5 s.", Told(_notices.Look([Whole(0), Whole(1)], 14.5)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_moment_without_copies_as_when_a_shard_moves_is_not_spoken_of()
    {
        _notices.Look([Whole(0)], 10);
        Assert.Empty(_notices.Look([Lacking(0, 0.2)], 10.5));
        Assert.Empty(_notices.Look([Whole(0)], 11));
    }

    [Fact]
    public void That_training_waits_is_told_and_that_copies_are_on_their_way()
    {
        Assert.Contains("training waits (train.whenCopiesLack=wait)",
            Told(_notices.Look([new ShardCopies(0, 1, 0, Waits: true) { LackingSeconds = 2 }], 10)).Text, StringComparison.Ordinal);

        var others = new CopyNotices();
        Assert.Equal(
            "Shards 3, 4 have 1 of 2 copies: what lacks is on its way. No push is acknowledged until it has come.",
            Told(others.Look([new ShardCopies(3, 2, 1, Others: 2) { LackingSeconds = 2 },
                new ShardCopies(4, 2, 1, Others: 2) { LackingSeconds = 2 }], 10)).Text);
    }

    private static ShardCopies Whole(int shard) => new(shard, 1, 1, Others: 1);

    private static ShardCopies Lacking(int shard, double seconds) => new(shard, 1, 0) { LackingSeconds = seconds };

    private static (NoticeKind Kind, string Text) Told(IEnumerable<TrainingEvent.Notice> told)
    {
        var notice = Assert.Single(told);
        return (notice.Kind, notice.Text);
    }
}
