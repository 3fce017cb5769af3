using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TwoTower.Actors.Protocol;
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
        Assert.Equal((11L, 30L, true, 0),
            ((long)found["from"]!, (long)found["plans"]!, (bool)found["clean"]!, found["violations"]!.AsArray().Count));
        Assert.Equal(Coverage.Demanded(CampaignWorlds.Both).Count, found["states"]!.AsObject().Count);
    }

    [Fact]
    public async Task A_campaign_whose_minutes_are_over_before_the_first_plan_says_so_and_is_not_clean()
    {
        var (code, output, error) = await ProgramRun.RunAsync("campaign", "--minutes", "0.0000001", "--plans", "2000", "--threads",
            "1", "--json");

        var found = JsonNode.Parse(output)!;
        Assert.Equal((1, 2000L, 0L, "minutes"), (code, (long)found["plansAsked"]!, (long)found["plans"]!, (string)found["stopped"]!));
        Assert.Null(found["clean"]);
        Assert.Contains("No plan was carried out: its minutes were over before the first of 2,000 plans had ended. Nothing can be said.",
            error, StringComparison.Ordinal);
        Assert.Contains("0 plans in ", error, StringComparison.Ordinal);
        Assert.Contains("on 1 thread,", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1000, 1, null)] // every state was to be reached
    [InlineData(30, 1, true)] // none was
    public void A_campaign_that_is_stopped_is_clean_only_where_no_state_is_open(long asked, int done, bool? clean)
    {
        var text = new StringWriter();
        var report = new CampaignReport(1, asked, CampaignWorlds.Both, text) { Stopped = CampaignReport.InterruptedStop };
        foreach (var seed in Enumerable.Range(1, done))
        {
            report.Add(new PlanResult(CampaignPlan.Draw(seed), null, null, new HashSet<ProtocolState>(), null));
        }

        report.End();

        Assert.Equal(clean, report.IsClean);
        Assert.Equal(clean, (bool?)report.ToJson()["clean"]);
        Assert.Equal((asked, "interrupted"), ((long)report.ToJson()["plansAsked"]!, (string?)report.ToJson()["stopped"]));
        Assert.Contains("1 plan from seed 1: 0 violations", text.ToString(), StringComparison.Ordinal);
        Assert.Contains(FormattableString.Invariant($"It was interrupted after 1 of {asked:#,0} plans"), text.ToString(),
            StringComparison.Ordinal);
        Assert.Equal(clean is null, text.ToString().Contains("nothing can be said of them", StringComparison.Ordinal));
    }

    [Fact]
    public void What_failed_is_told_in_lines_of_80_columns()
    {
        var text = new StringWriter();
        new CampaignReport(1, 1, CampaignWorlds.Both, text)
            .Add(new PlanResult(CampaignPlan.Draw(1), "an invariant", string.Join(' ', Enumerable.Repeat("violated", 60)),
            new HashSet<ProtocolState>(), null));

        Assert.All(text.ToString().Split('\n').Where(line => !line.Contains("twotower", StringComparison.Ordinal)),
            line => Assert.True(line.TrimEnd().Length <= 80, line));
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
        var text = PlanText.Specification(new PlanResult(plan, "snapshots are cuts", "seen", new HashSet<ProtocolState>(), null));

        Assert.Contains("public void Campaign_seed_4_keeps_that_snapshots_are_cuts() => ReplayedPlan.Passes(", text,
            StringComparison.Ordinal);
        Assert.Equal(PlanText.Settings(plan), Pairs().Matches(text).Select(pair => (pair.Groups[1].Value, pair.Groups[2].Value)));
    }

    [GeneratedRegex("\"[^\"]*\"|[^ ]+")]
    private static partial Regex Words();

    [GeneratedRegex("\\(\"([^\"]*)\", \"([^\"]*)\"\\)")]
    private static partial Regex Pairs();
}
