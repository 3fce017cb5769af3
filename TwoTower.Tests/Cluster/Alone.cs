namespace TwoTower.Tests.Cluster;

/// <summary>Specs that measure times and want the machine for themselves.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
