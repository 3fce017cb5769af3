using TwoTower.Actors.Hosting.Replication;
using static TwoTower.Actors.Hosting.Replication.CopyUnderWay;

namespace TwoTower.Tests.Cluster.Replication;

/// <summary>When a copy of a shard is taken as lost.</summary>
public class CopyUnderWaySpecs
{
    private readonly CopyUnderWay _copy = new(since: 10);

    [Fact]
    public void However_long_it_takes_it_is_not_begun_anew_while_the_endpoint_has_it_on_its_way()
    {
        for (var sent = 0L; sent < 1000; sent++)
        {
            Assert.Equal(Step.Wait, _copy.OnTraffic(underWay: true, sent, 1000));
        }

        Assert.Equal((999L, 1000L), (_copy.Sent, _copy.ToSend));
    }

    [Fact]
    public void One_that_is_on_its_way_no_more_is_asked_for_and_sent_again_only_when_the_other_side_has_not_got_it()
    {
        Assert.Equal(Step.Ask, _copy.OnTraffic(underWay: false));
        Assert.Equal(Step.Ask, _copy.OnTraffic(underWay: false)); // the question may be lost, or the other side busy with a long copy
        Assert.True(_copy.OnMissing());

        Assert.Equal(Step.Again, _copy.OnTraffic(underWay: false));
    }

    [Fact]
    public void An_answer_that_has_overtaken_the_copy_loses_nothing()
    {
        _copy.OnTraffic(underWay: false);
        _copy.OnMissing();

        Assert.Equal(Step.Wait, _copy.OnTraffic(underWay: true, 1, 10));
        Assert.Equal(Step.Ask, _copy.OnTraffic(underWay: false));
    }

    [Fact]
    public void An_answer_to_a_question_of_another_time_says_nothing()
    {
        Assert.False(_copy.OnMissing());

        Assert.Equal(Step.Ask, _copy.OnTraffic(underWay: false));
    }

    [Fact]
    public void What_has_become_of_it_is_not_asked_at_once()
    {
        Assert.False(_copy.IsDue(now: 10.4, after: 0.5));
        Assert.True(_copy.IsDue(now: 10.5, after: 0.5));
    }
}
