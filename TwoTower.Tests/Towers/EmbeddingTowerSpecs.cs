using TwoTower.Model.Data;
using TwoTower.Model.Options;
using TwoTower.Model.Towers;

namespace TwoTower.Tests.Towers;

public class EmbeddingTowerSpecs
{
    [Theory]
    [InlineData(0.1, false)]
    [InlineData(0.02, true)]
    public void A_table_starts_normal_with_mean_zero_and_the_set_deviation(double std, bool bias)
    {
        var options = new ModelOptions { Dim = 128, InitStd = std, ItemBias = bias };
        const int Rows = 2000;
        var row = new float[options.ItemWidth];
        var (sum, squares, within) = (0.0, 0.0, 0);
        for (var index = 0; index < Rows; index++)
        {
            EmbeddingTower.Initialise(row, options, seed: 1, table: 1, index);
            foreach (var value in row.AsSpan(0, options.Dim))
            {
                sum += value;
                squares += (double)value * value;
                within += Math.Abs(value) < std ? 1 : 0;
            }

            Assert.True(!bias || row[^1] == 0, "A bias starts at 0.");
        }

        // 256,000 values: the mean has a deviation of std/506, the deviation one of std/716, the share
        // within one deviation (0.6827) one of 0.0009.
        const double Values = Rows * 128.0;
        Assert.InRange(sum / Values, -std / 100, std / 100);
        Assert.InRange(Math.Sqrt(squares / Values), 0.99 * std, 1.01 * std);
        Assert.InRange(within / Values, 0.678, 0.688);
    }

    [Fact]
    public void A_row_depends_on_seed_table_and_index()
    {
        var rows = new[] { (1, 0, 0), (1, 0, 1), (1, 1, 0), (2, 0, 0) }.Select(place =>
        {
            var row = new float[8];
            EmbeddingTower.Initialise(row, new ModelOptions { Dim = 8 }, place.Item1, place.Item2, place.Item3);
            return string.Join(' ', row);
        }).ToArray();

        Assert.Equal(4, rows.Distinct().Count());
    }

    [Fact]
    public void A_score_is_the_product_of_the_normalised_vectors_plus_the_bias()
    {
        var options = new ModelOptions { Dim = 2, ItemBias = true };

        var embeddings = EmbeddingTower.ToEmbeddings(options, [3, 4, 0, 0], [0, 2, 0.5f, 1, 0, -1]);

        Assert.Equal(3, embeddings.Dim);
        Assert.Equal([0.6f, 0.8f, 1, 0, 0, 1], embeddings.Users);
        Assert.Equal([0, 1, 0.5f, 1, 0, -1], embeddings.Items);
    }

    [Theory]
    [InlineData(true, 0.75f, -3f)]
    [InlineData(false, 0.25f, -2f)]
    public void A_prior_is_a_column_of_its_own_or_is_added_to_the_bias(bool bias, float first, float second)
    {
        var options = new ModelOptions { Dim = 2, ItemBias = bias };
        float[] items = bias ? [0, 2, 0.5f, 1, 0, -1] : [0, 2, 1, 0];

        var embeddings = EmbeddingTower.ToEmbeddings(options, [3, 4], items, [0.25f, -2]);

        Assert.Equal([0.6f, 0.8f, 1], embeddings.Users);
        Assert.Equal([0, 1, first, 1, 0, second], embeddings.Items);
    }

    [Theory]
    [InlineData("history", false)]
    [InlineData("history+id", false)]
    [InlineData("history+id", true)]
    public void A_users_vector_is_the_weighted_mean_of_their_last_items_and_their_own_row(string tower, bool separate)
    {
        var options = new ModelOptions
        {
            Dim = 2,
            Normalise = false,
            ItemBias = true,
            UserTower = TowerSpec.Parse(tower),
            History = new HistoryOptions { Length = 2, HalfLife = 1, SeparateTable = separate }
        };
        var towers = new TowerLayouts(new TowerLayout(options, 0, 2, null, 1), new TowerLayout(options, 1, 3, null, 1))
        {
            Histories = new UserHistories(options.History, 2, new InteractionLog([0, 0, 0], [0, 1, 2], [10, 20, 30])),
        };
        float[] items = [1, 2, 0.1f, 3, 4, 0.2f, 5, 6, 0.3f, .. separate ? new float[] { 10, 20, 0, 30, 40, 0, 60, 90, 0 } : []];
        float[] users = tower == "history" ? [] : [100, 200, 300, 400];

        var embeddings = EmbeddingTower.ToEmbeddings(options, users, items, null, towers);

        // Items 2 and 1 with weights 2/3 and 1/3; user 1 has no history.
        float[] pooled = separate ? [(60 * 2 / 3f) + 10, 60 + (40 / 3f)] : [(5 * 2 / 3f) + 1, 4 + (4 / 3f)];
        float[] own = tower == "history" ? new float[4] : users;
        Assert.All(embeddings.Users.Zip([pooled[0] + own[0], pooled[1] + own[1], 1, own[2], own[3], 1]),
            pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
        Assert.Equal([1, 2, 0.1f, 3, 4, 0.2f, 5, 6, 0.3f], embeddings.Items);
        Assert.Equal(separate ? [10, 20, 30, 40, 60, 90] : [1, 2, 3, 4, 5, 6], embeddings.ItemHistories!);
    }
}
