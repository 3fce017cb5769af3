namespace TwoTower.Tests.Cluster;

/// <summary>Specs of clusters of real processes: one of them at a time, beside specs of other kinds, because they mostly wait.</summary>
[CollectionDefinition(nameof(Alone))]
public sealed class Alone;
