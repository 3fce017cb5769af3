namespace TwoTower.Model.Data;

/// <summary>What is known of users or of items besides their interactions.</summary>
/// <param name="Fields">The fields in the order in which they were asked for.</param>
public sealed record SideFeatures(IReadOnlyList<FeatureField> Fields)
{
    /// <summary>Values of all fields together.</summary>
    public int ValueCount => Fields.Sum(one => one.Values.Count);
}

/// <summary>One field: a user's occupation, an item's genres.</summary>
/// <param name="Name">Its name in settings.</param>
/// <param name="Values">Its distinct values; what an entity is unknown by is a value too.</param>
/// <param name="ValuesOf">For every entity, by index, one or several indices into <paramref name="Values"/>.</param>
public sealed record FeatureField(string Name, IReadOnlyList<string> Values, int[][] ValuesOf);
