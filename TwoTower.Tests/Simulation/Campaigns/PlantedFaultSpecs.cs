using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Campaigns;
using Xunit.Abstractions;

namespace TwoTower.Tests.Simulation.Campaigns;

/// <summary>Whether campaigns would find anything: faults are planted in the protocols, one at a time, and each has to be found.</summary>
public class PlantedFaultSpecs(ITestOutputHelper output)
{
    private const int MostPlans = 2000;

    public static TheoryData<string> Faults => [.. Enum.GetNames<PlantedFault>().Where(name => name != nameof(PlantedFault.None))];

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_planted_fault_is_found(string fault)
    {
        using var stop = new CancellationTokenSource();
        PlanResult? found = null;

        new Campaign(ReplayedPlan.Data, Environment.ProcessorCount) { Planted = Enum.Parse<PlantedFault>(fault) }
            .Run(1, MostPlans, result =>
            {
                if (found is null && result.Failure is not null)
                {
                    found = result;
                    stop.Cancel();
                }
            }, stop.Token);

        Assert.True(found is not null, $"{fault} was not found in {MostPlans} plans.");
        output.WriteLine($"{fault}: plan {found.Plan.Seed}: {found.Failure}");
    }

    [Fact]
    public void There_are_at_least_twelve() => Assert.True(Faults.Count >= 12, $"{Faults.Count}");
}
