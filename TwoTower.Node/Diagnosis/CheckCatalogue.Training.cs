namespace TwoTower.Node.Diagnosis;

/// <summary>Checks on losses, negatives and training dynamics.</summary>
public static partial class CheckCatalogue
{
    private static IEnumerable<ICheck> OfTraining() => [];
}
