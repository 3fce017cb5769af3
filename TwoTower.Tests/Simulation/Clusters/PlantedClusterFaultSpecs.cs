using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Checking;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Training;

namespace TwoTower.Tests.Simulation.Clusters;

/// <summary>A line that is left out of the cluster's protocols is found: an invariant is violated, or other bits are learned.</summary>
public class PlantedClusterFaultSpecs
{
    private const string Deaths = "at 1.15 crash server-0 restart 1; at 8 crash server-1 restart 1; at 15 crash server-2 restart 1";

    [Theory]
    [InlineData(nameof(PlantedFault.CopiesNotAwaited), "", "a released answer is on R other servers")]
    [InlineData(nameof(PlantedFault.CopyNotAwaited), "at 1.15 crash server-1 restart 1; at 1.15 crash server-2 restart 1", "a released answer is on R other servers")]
    [InlineData(nameof(PlantedFault.MajorityNotAwaited), "at 1.1 partition server-0,server-1,server-2,worker-0 | * for 5", "no push is taken without a majority")]
    [InlineData(nameof(PlantedFault.RecallNotAwaited), Deaths, "a moved or promoted shard has every acknowledged push")]
    [InlineData(nameof(PlantedFault.GapsNotAwaited), Deaths, null)]
    [InlineData(nameof(PlantedFault.HandOffNotAwaited), "at 1.15 leave server-0; at 1.5 leave server-1", null)]
    [InlineData(nameof(PlantedFault.TermNotCompared), "at 1.1 partition server-0 | server-1,server-2,trainer,evaluator for 8; at 1.1 partition server-0 | worker-1,worker-2 for 8", null)]
    public void A_planted_fault_is_found(string fault, string faults, string? invariant)
    {
        var planted = Enum.Parse<PlantedFault>(fault);
        var options = SimulatedClusterSpecs.Options("replica:1", epochs: 8);
        var well = SimulatedClusterSpecs.Run(options, SimulatedClusterSpecs.World()).Training.ParametersSha256;
        for (var seed = 1; seed <= 12; seed++)
        {
            var world = SimulatedClusterSpecs.World(faults) with { Seed = seed, Network = NetworkOptions.Preset("lan") with { Loss = 0.02, Duplication = 0.02, Reordering = 0.2 } };
            try
            {
                Assert.Equal(well, SimulatedTraining.Run(new SimulatedClusterSpecs.TrainingRunOf(options, ProtocolProbe.None).Run, world).Training.ParametersSha256); // it is not found where it is not
                if (SimulatedTraining.Run(new SimulatedClusterSpecs.TrainingRunOf(options, new ProtocolProbe { Planted = planted }).Run, world).Training.ParametersSha256 != well)
                {
                    Assert.Null(invariant);
                    return;
                }
            }
            catch (Exception found) when (found is ViolationException or TrainingException or WorldException)
            {
                Assert.Contains(invariant ?? string.Empty, found.Message, StringComparison.Ordinal);
                return;
            }
        }

        Assert.Fail($"{planted} was not found in 12 worlds.");
    }
}
