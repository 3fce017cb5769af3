namespace TwoTower.Actors.Protocol;

/// <summary>A state that only a cluster comes to, or a fault of what only a cluster does.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class OnlyInClusterAttribute : Attribute;
