using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TwoTower.Actors.Simulation.Campaigns;
using TwoTower.Node.Campaigns;
using TwoTower.Tests.Simulation.Campaigns;

namespace TwoTower.Tests.Node;

public partial class CampaignCommandSpecs
{
    [Fact]
    public async Task The_same_seeds_give_the_same_lines_on_any_number_of_threads()
    {
        var one = await ProgramRun.RunAsync("campaign", "--plans", "30", "--from", "11", "--threads", "1", "--json");
        var three = await ProgramRun.RunAsync("campaign", "--plans", "30", "--from", "11", "--threads", "3", "--json");

        Assert.Equal((0, one.Output), (three.Code, three.Output));
        var found = JsonNode.Parse(one.Output)!;
        Assert.Equal((11L, 30L, true, 0), ((long)found["from"]!, (long)found["plans"]!, (bool)found["clean"]!, found["violations"]!.AsArray().Count));
        Assert.Equal(Coverage.Demanded(CampaignWorlds.Both).Count, found["states"]!.AsObject().Count);
    }

    [Theory]
    [InlineData("--plans", "0")]
    [InlineData("--from", "first")]
    [InlineData("--minutes", "0")]
    [InlineData("--threads", "none")]
    [InlineData("--topology", "ring")]
    public async Task Wrong_usage_is_refused_in_a_sentence(string option, string value)
    {
        var (code, output, error) = await ProgramRun.RunAsync("campaign", option, value);

        Assert.Equal((2, string.Empty), (code, output));
        Assert.StartsWith($"{option} cannot be '{value}'; it takes", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(31)]
    public async Task The_command_that_is_printed_leads_to_the_same_violation(long seed)
    {
        var plan = CampaignPlan.Draw(seed);
        plan = plan with { World = plan.World with { EndWithinSeconds = 0.01 } };
        var result = PlanRun.Of(plan, ReplayedPlan.Data);
        Assert.NotNull(result.Failure);
        var folder = Directory.CreateTempSubdirectory("twotower-").FullName;
        try
        {
            var words = Words().Matches(PlanText.Command(plan)).Select(word => word.Value.Trim('"')).ToArray();

            var (code, _, error) = await ProgramRun.RunAsync([.. words[1..], "--out", Path.Combine(folder, "run")]);

            Assert.Equal((1, result.Message), (code, error.Trim()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_failure_is_printed_as_a_specification_that_compiles_into_the_same_plan()
    {
        var plan = CampaignPlan.Draw(4);
        var text = PlanText.Specification(new PlanResult(plan, "snapshots are cuts", "seen", new HashSet<TwoTower.Actors.Protocol.ProtocolState>(), null));

        Assert.Contains("public void Campaign_seed_4_keeps_that_snapshots_are_cuts() => ReplayedPlan.Passes(", text, StringComparison.Ordinal);
        Assert.Equal(PlanText.Settings(plan), Pairs().Matches(text).Select(pair => (pair.Groups[1].Value, pair.Groups[2].Value)));
    }

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Words();

    [GeneratedRegex("\\(\"([^\"]*)\", \"([^\"]*)\"\\)")]
    private static partial Regex Pairs();
}
