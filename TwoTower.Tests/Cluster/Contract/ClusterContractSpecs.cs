namespace TwoTower.Tests.Cluster.Contract;

/// <summary>Akka's cluster keeps the contract: three or four actor systems over loopback, with production's configuration.</summary>
public sealed class AkkaClusterContractSpecs(AkkaStories stories) : ClusterContract(stories), IClassFixture<AkkaStories>
{
    private protected override bool TellsToTheEnd => false;
}

/// <summary>The simulator's model of it keeps the contract.</summary>
public sealed class SimulatedClusterContractSpecs(SimulatedStories stories) : ClusterContract(stories), IClassFixture<SimulatedStories>
{
    private protected override bool TellsToTheEnd => true;
}
