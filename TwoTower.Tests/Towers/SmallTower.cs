using TwoTower.Model;
using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

/// <summary>A tower for a few items, with or without features, and random parameters for it.</summary>
internal static class SmallTower
{
    public const int Items = 9;

    /// <summary>Two fields: one value each, and one to three.</summary>
    public static SideFeatures Features(int entities = Items) => new(
    [
        new FeatureField("colour", ["red", "green", "blue"], [.. Enumerable.Range(0, entities).Select(entity => new[] { entity % 3 })]),
        new FeatureField("genres", ["a", "b", "c", "d"],
            [.. Enumerable.Range(0, entities).Select(entity => Enumerable.Range(0, 1 + (entity % 3)).Select(n => (entity + n) % 4)
            .ToArray())]),
    ]);

    public static TowerLayout Layout(string spec, bool features = false, FeatureCombine combine = FeatureCombine.Sum, bool normalise = true,
        int dim = 4) => new(
            new ModelOptions
            {
                Dim = dim,
                ItemBias = true,
                Normalise = normalise,
                ItemTower = TowerSpec.Parse(spec),
                FeatureCombine = combine
            }, 1, Items, features ? Features() : null, seed: 3);

    public static ModelOptions Model(TowerLayout layout, bool normalise = true) =>
        new() { Dim = layout.Dim, ItemBias = true, Normalise = normalise, ItemTower = layout.Spec };

    /// <summary>A batch of some entities with their features and all weights.</summary>
    public static TowerBatch Batch(TowerLayout layout, params int[] entities)
    {
        var features = entities.SelectMany(entity => layout.FeaturesOf(entity).ToArray().Select(feature => feature.Row)).Distinct();
        return new TowerBatch((int[])[.. entities, .. features,
            .. Enumerable.Range(layout.FirstWeightRow, layout.Rows - layout.FirstWeightRow)], entities.Length, Epoch: 2, First: 64);
    }

    public static float[] RandomRows(TowerLayout layout, TowerBatch batch, long seed = 5)
    {
        var random = new SeededRandom(seed);
        return [.. Enumerable.Range(0, batch.Rows.Length * layout.Width).Select(_ => (float)random.NextGaussian())];
    }
}
