using TwoTower.Actors.Hosting.Majority;

namespace TwoTower.Tests.Cluster.Majority;

public class MajorityNoticeSpecs
{
    [Fact]
    public void However_many_shards_wait_a_person_hears_once_that_they_do_and_once_that_none_does_any_more()
    {
        var said = new List<string>();
        var notice = new MajorityNotice(said.Add);

        notice.Tell(waits: true);
        notice.Tell(waits: true);
        Assert.Contains("no majority of the cluster in sight", Assert.Single(said), StringComparison.Ordinal);
        notice.Tell(waits: false);
        Assert.Single(said);
        notice.Tell(waits: false);

        Assert.Equal(2, said.Count);
        Assert.Contains("in sight again", said[1], StringComparison.Ordinal);
    }
}
