using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Campaigns;

namespace TwoTower.Tests.Simulation.Campaigns;

public class CampaignSpecs
{
    [Fact]
    public void What_runs_beside_a_plan_changes_nothing_of_it_and_results_come_in_the_order_of_the_seeds()
    {
        var alone = Run(threads: 1);
        var beside = Run(threads: 3);

        Assert.Equal(Enumerable.Range(1, 120).Select(seed => (long)seed), beside.Select(result => result.Seed));
        Assert.Equal(alone, beside);
        Assert.True(alone.Count(result => result.Sha256 is not null) > 60);

        static List<(long Seed, string? Message, string? Sha256, long? Events, double? Seconds, string States)> Run(int threads)
        {
            var results = new List<(long, string?, string?, long?, double?, string)>();
            new Campaign(ReplayedPlan.Data, threads).Run(1, 120, result => results.Add((
                result.Plan.Seed, result.Message, result.Outcome?.Training.ParametersSha256, result.Outcome?.Events, result.Outcome
                    ?.VirtualSeconds, string.Join(',', result.Reached))));
            return results;
        }
    }

    [Fact]
    public void A_stop_lets_plans_end_that_have_begun_and_leaves_no_gap()
    {
        using var stop = new CancellationTokenSource();
        var seeds = new List<long>();

        var told = new Campaign(ReplayedPlan.Data, 2).Run(5, 1000, result =>
        {
            seeds.Add(result.Plan.Seed);
            stop.Cancel();
        }, stop.Token);

        Assert.InRange(told, 1, 10);
        Assert.Equal(Enumerable.Range(5, (int)told).Select(seed => (long)seed), seeds);
    }

    [Fact]
    public void States_that_no_plan_came_to_are_named()
    {
        var coverage = new Coverage(CampaignWorlds.Actors);

        coverage.Add(new PlanResult(CampaignPlan.Draw(1), null, null,
            new HashSet<ProtocolState> { ProtocolState.FencedPushRefused }, null));

        Assert.Equal(1, coverage.Plans[ProtocolState.FencedPushRefused]);
        Assert.DoesNotContain(ProtocolState.FencedPushRefused, coverage.Unreached);
        Assert.Equal(Coverage.Demanded(CampaignWorlds.Actors).Count - 1, coverage.Unreached.Count());
        Assert.All((int[])[Coverage.Demanded(CampaignWorlds.Actors).Count, Coverage.Demanded(CampaignWorlds.Clusters).Count],
            count => Assert.InRange(count, 12, 100));
        Assert.Equal("fenced push refused", Coverage.InWords(ProtocolState.FencedPushRefused));
    }
}
