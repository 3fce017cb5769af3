namespace TwoTower.Node.Diagnosis.Checks;

/// <summary>Every check there is, in the order in which they look.</summary>
internal static partial class CheckCatalogue
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ICheck> All { get; } = [.. OfDataAndModel(), .. OfTraining()];

    /// <summary>Checks on data, evaluation and embeddings.</summary>
    private static IEnumerable<ICheck> OfDataAndModel() =>
    [
        new MaskCheck(),
        new LeakageAcrossTimeCheck(),
        new BarsCheck(),
        new RecommendedPopularityCheck(),
        new EmbeddingCollapseCheck(),
        new GapCheck(),
        new ReachCheck(),
        new DriftCheck(),
        new CalendarConstantsCheck(),
        new TunedToOneWindowCheck(),
        new ValidationChoiceCheck(),
        new UnusedSettingsCheck(),
        new BatchSizeCheck(),
        new StalenessCheck(),
    ];
}
