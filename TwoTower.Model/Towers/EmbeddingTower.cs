using System.Numerics.Tensors;
using TwoTower.Model.Options;

namespace TwoTower.Model.Towers;

/// <summary>Initial values of embedding rows and the step from raw rows to vectors that score.</summary>
internal static class EmbeddingTower
{
    /// <summary>Norms below this are taken as this, as torch.nn.functional.normalize does.</summary>
    public const float MinimumNorm = 1e-12f;

    /// <summary>Fills one row with N(0, <see cref="ModelOptions.InitStd"/>), a bias with 0. A pure function of seed, table and
    /// row, so no sharding changes it.</summary>
    /// <param name="row">[width], overwritten.</param>
    /// <param name="options">The model.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="table">0 for users, 1 for items.</param>
    /// <param name="index">The row's index in the whole table.</param>
    public static void Initialise(Span<float> row, ModelOptions options, long seed, int table, int index)
    {
        var random = new SeededRandom(seed, 1000 + table, index);
        for (var n = 0; n < row.Length; n++)
        {
            row[n] = n < options.Dim ? (float)(options.InitStd * random.NextGaussian()) : 0f;
        }
    }

    /// <summary>Vectors that score by a plain dot product: normalised when the model is, with item bias and prior, when there is one of
    /// them, summed in a last column (1 for users).</summary>
    /// <param name="options">The model.</param>
    /// <param name="users">Raw user rows, [users, UserWidth].</param>
    /// <param name="items">Raw item rows, [items, ItemWidth].</param>
    /// <param name="prior">A fixed term of every item's score (<c>ItemPrior.Scores</c>), or null.</param>
    /// <param name="towers">What stands between rows and vectors, in evaluation mode; null where it is nothing but normalisation. With
    /// histories a user's vector is that after all of train.</param>
    public static TwoTowerEmbeddings ToEmbeddings(ModelOptions options, ReadOnlySpan<float> users, ReadOnlySpan<float> items,
        float[]? prior = null, TowerLayouts? towers = null)
    {
        var width = options.Dim + (options.ItemBias || prior is not null ? 1 : 0);
        var userRows = towers?.Histories is null ? EntityRows(towers?.Users, users) : HistoryVectors.Pooled(options, towers, users, items);
        var userVectors = Vectors(options, towers?.Users, userRows, users, options.UserWidth, width);
        var itemVectors = Vectors(options, towers?.Items, EntityRows(towers?.Items, items), items, options.ItemWidth, width);
        if (width > options.Dim)
        {
            for (var user = 0; user < userVectors.Length / width; user++)
            {
                userVectors[(user * width) + options.Dim] = 1f;
            }

            for (var item = 0; item < itemVectors.Length / width; item++)
            {
                var bias = options.ItemBias ? items[(item * options.ItemWidth) + options.Dim] : 0f;
                itemVectors[(item * width) + options.Dim] = bias + (prior?[item] ?? 0f);
            }
        }

        return new TwoTowerEmbeddings(userVectors, itemVectors, width)
        {
            Temperature = towers?.Items.TemperatureIn(items),
            ItemHistories = towers?.Histories is null ? null : HistoryVectors.OfItems(options, towers, items),
        };
    }

    /// <summary>What a raw vector is multiplied by: 1 over its norm when the model normalises, else 1.</summary>
    internal static float ScaleOf(ModelOptions options, ReadOnlySpan<float> vector) => options.Normalise
        ? 1f / MathF.Max(TensorPrimitives.Norm(vector), MinimumNorm) : 1f;

    private static ReadOnlySpan<float> EntityRows(TowerLayout? tower, ReadOnlySpan<float> table) => tower is null
        ? table : table[..(tower.EntityRows * tower.Width)];

    private static float[] Vectors(ModelOptions options, TowerLayout? tower, ReadOnlySpan<float> entities, ReadOnlySpan<float> table,
        int rawWidth, int width) => tower is null or { IsPlain: true }
            ? Vectors(options, entities, rawWidth, width)
            : Vectors(options, TowerEvaluation.Outputs(tower, entities, table), options.Dim, width);

    private static float[] Vectors(ModelOptions options, ReadOnlySpan<float> raw, int rawWidth, int width)
    {
        var rows = raw.Length / rawWidth;
        var vectors = new float[rows * width];
        for (var index = 0; index < rows; index++)
        {
            var source = raw.Slice(index * rawWidth, rawWidth);
            var target = vectors.AsSpan(index * width, width);
            TensorPrimitives.Multiply(source[..options.Dim], ScaleOf(options, source[..options.Dim]), target);
        }

        return vectors;
    }
}
