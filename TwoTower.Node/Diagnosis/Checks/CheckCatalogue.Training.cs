namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Checks on losses, negatives and training dynamics.</summary>
internal static partial class CheckCatalogue
{
    private static IEnumerable<ICheck> OfTraining() =>
    [
        new LogQCheck(),
        new FalseNegativesCheck(),
        new WeakNegativesCheck(),
        new TemperatureCheck(),
        new LossPlateauCheck(),
        new LearningRateCheck(),
    ];
}
