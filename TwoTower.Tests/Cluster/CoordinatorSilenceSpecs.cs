using TwoTower.Actors.Hosting.Nodes;
using static TwoTower.Actors.Hosting.Nodes.CoordinatorSilence;

namespace TwoTower.Tests.Cluster;

/// <summary>A node that never hears of the run's end says so and does not wait for ever.</summary>
public sealed class CoordinatorSilenceSpecs
{
    [Fact]
    public void A_minute_without_an_answer_is_said_once_and_its_end_too()
    {
        var silence = new CoordinatorSilence(began: 100);
        Assert.Equal(Verdict.Wait, silence.Look(100 + WorthSaying - 1));
        Assert.False(silence.Hear(100 + WorthSaying - 1));
        Assert.Equal(Verdict.Wait, silence.Look(100 + WorthSaying));

        Assert.Equal(Verdict.Say, silence.Look(100 + (2 * WorthSaying)));
        Assert.Equal(Verdict.Wait, silence.Look(101 + (2 * WorthSaying)));
        Assert.True(silence.Hear(102 + (2 * WorthSaying)));
        Assert.Equal(Verdict.Wait, silence.Look(103 + (2 * WorthSaying)));
        Assert.Equal(Verdict.Say, silence.Look(103 + (3 * WorthSaying)));
    }

    [Fact]
    public void Half_an_hour_without_an_answer_is_given_up_by_a_node_that_took_part_and_not_by_one_that_waits_for_its_run()
    {
        var silence = new CoordinatorSilence(began: 0);
        Assert.Equal(Verdict.Say, silence.Look(10 * TooLong));
        Assert.Equal(Verdict.Wait, silence.Look(20 * TooLong));

        silence.Hear(20 * TooLong);
        Assert.Equal(Verdict.GiveUp, silence.Look(21 * TooLong));
    }
}
