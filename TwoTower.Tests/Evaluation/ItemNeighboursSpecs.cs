using CsCheck;
using TwoTower.Model.Evaluation;

namespace TwoTower.Tests.Evaluation;

/// <summary>Items near each other.</summary>
public class ItemNeighboursSpecs
{
    [Fact]
    public void Neighbours_go_by_direction_and_not_by_length_and_what_stands_behind_the_vector_does_not_count()
    {
        // Two columns and a prior: 1 is long and near 0, 2 is opposite, 3 at a right angle; the priors say otherwise.
        var near = new ItemNeighbours([1, 0, -9, 50, 1, 9, -1, 0, 99, 0, 1, 99], stride: 3, columns: 2);
        Assert.Equal([1, 3, 2], near.Of(0, 5).Select(other => other.Item));
        Assert.Equal(-1, near.Of(0, 5)[2].Cosine, 6);
    }

    [Fact]
    public void Shared_labels_tell_a_grouped_table_from_chance()
    {
        // Two groups of three in two directions.
        var near = new ItemNeighbours([1, 0, 1, 0.1f, 1, -0.1f, 0, 1, 0.1f, 1, -0.1f, 1], 2, 2);
        int[][] labels = [[0], [0], [0], [1], [1], [1]];
        Assert.Equal(1, near.SharedLabels(labels, 2));
        Assert.Equal(0.4, ItemNeighbours.SharedByChance(labels), 9);
    }

    [Fact]
    public void An_item_is_never_its_own_neighbour() => Gen.Int[2, 20].SelectMany(items => Gen.Float[-1, 1].Array[items * 3])
        .Sample(values =>
        {
            var near = new ItemNeighbours(values, 3, 3);
            for (var item = 0; item < near.Count; item++)
            {
                var of = near.Of(item, near.Count);
                Assert.Equal(near.Count - 1, of.Count);
                Assert.DoesNotContain(of, other => other.Item == item);
                Assert.True(of.Zip(of.Skip(1)).All(pair => pair.First.Cosine >= pair.Second.Cosine));
            }
        });
}
