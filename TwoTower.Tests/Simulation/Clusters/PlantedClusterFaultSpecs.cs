using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Running;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Actors.Training;

namespace TwoTower.Tests.Simulation.Clusters;

/// <summary>A line that is left out of the cluster's protocols is found: an invariant is violated, or other bits are learned.</summary>
public class PlantedClusterFaultSpecs
{
    private const string Deaths = "at 1.15 crash server-0 restart 1; at 8 crash server-1 restart 1; at 15 crash server-2 restart 1";

    [Theory]
    [InlineData(nameof(PlantedFault.CopiesNotAwaited), "replica:1", "")]
    [InlineData(nameof(PlantedFault.CopyNotAwaited), "replica:1", Deaths)]
    [InlineData(nameof(PlantedFault.RecallNotAwaited), "replica:1", Deaths)]
    [InlineData(nameof(PlantedFault.GapsNotAwaited), "replica:1", Deaths)]
    [InlineData(nameof(PlantedFault.TermNotCompared), "replica:1",
        "at 1.1 partition server-0 | server-1,server-2,trainer,evaluator,worker-0,worker-1,worker-2 for 8")]
    [InlineData(nameof(PlantedFault.HandOffNotAwaited), "none", "at 1.15 leave server-0; at 1.5 leave server-1")]
    public void What_is_left_out_of_the_protocols_is_found(string fault, string durability, string faults) => Find(
        Enum.Parse<PlantedFault>(fault), SimulatedClusterSpecs.Options(durability, epochs: 8),
        SimulatedClusterSpecs.World(faults) with
        { Network = NetworkOptions.Preset("lan") with { Loss = 0.02, Duplication = 0.02, Reordering = 0.2 } });

    [Fact]
    public void An_acknowledgement_before_any_copy_has_the_push_is_found_by_the_checker_of_copies() =>
        Assert.Contains("a released answer is on R other servers",
            Find(PlantedFault.CopiesNotAwaited, SimulatedClusterSpecs.Options("replica:1", epochs: 2), SimulatedClusterSpecs.World()),
            StringComparison.Ordinal);

    /// <summary>Server and worker alone are half of four nodes, without the first. Batches take longer than a lease.</summary>
    [Fact]
    public void A_push_that_is_taken_with_no_majority_in_sight_is_found() => Assert.Contains("no push is taken without a majority", Find(
        PlantedFault.MajorityNotAwaited, SimulatedClusterSpecs.Options("none", epochs: 1) with
        { Workers = 1, Shards = 1, LeaseSeconds = 60 },
        SimulatedClusterSpecs.World("at 2 partition server-0,worker-0 | trainer,evaluator for 4") with
        { Topology = Topology.Cluster(1), Compute = new() { ExamplesPerSecond = 10 } }), StringComparison.Ordinal);

    /// <summary>Runs worlds until the fault is found, each without it too.</summary>
    /// <returns>What was said, or nothing where other bits were learned.</returns>
    private static string Find(PlantedFault planted, TrainingOptions options, WorldOptions world)
    {
        var well = Bits(options, world with { Faults = Actors.Simulation.Faults.FaultPlan.None }, PlantedFault.None);
        for (var seed = 1; seed <= 12; seed++)
        {
            Assert.Equal(well, Bits(options, world with { Seed = seed }, PlantedFault.None)); // it is not found where it is not
            try
            {
                if (Bits(options, world with { Seed = seed }, planted) != well)
                {
                    return string.Empty;
                }
            }
            catch (Exception found) when (found is ViolationException or TrainingException or WorldException)
            {
                return found.Message;
            }
        }

        Assert.Fail($"{planted} was not found in 12 worlds.");
        return string.Empty;
    }

    private static string Bits(TrainingOptions options, WorldOptions world, PlantedFault planted) =>
        SimulatedTraining.Run(new SimulatedClusterSpecs.TrainingRunOf(options, new ProtocolProbe { Planted = planted }).Run, world)
            .Training.ParametersSha256;
}
