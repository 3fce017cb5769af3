using System.Numerics.Tensors;

namespace TwoTower.Model.Evaluation;

/// <summary>Which items lie near which, by the cosine of their vectors: what an embedding has learned, as a person can check it.</summary>
internal sealed class ItemNeighbours
{
    private readonly float[] _units;
    private readonly int _columns;

    /// <summary>Neighbours in a table.</summary>
    /// <param name="items">Row-major [items, stride].</param>
    /// <param name="stride">Columns of the table.</param>
    /// <param name="columns">How many of them, from the first, are the vector: a bias or a prior in the last ones is no direction.</param>
    /// <exception cref="ArgumentException">The table is not whole, or has fewer columns.</exception>
    public ItemNeighbours(float[] items, int stride, int columns)
    {
        if (columns < 1 || columns > stride || items.Length % stride != 0)
        {
            throw new ArgumentException($"A table of {items.Length} values with {stride} columns has no vectors of {columns}.",
                nameof(items));
        }

        Count = items.Length / stride;
        _columns = columns;
        _units = new float[Count * columns];
        for (var item = 0; item < Count; item++)
        {
            var row = items.AsSpan(item * stride, columns);
            var length = TensorPrimitives.Norm((ReadOnlySpan<float>)row);
            if (length > 0)
            {
                TensorPrimitives.Divide(row, length, _units.AsSpan(item * columns, columns));
            }
        }
    }

    /// <summary>Number of items.</summary>
    public int Count { get; }

    /// <summary>The vectors brought to length 1, row-major [items, columns]; one of length 0 stays.</summary>
    public ReadOnlySpan<float> Units => _units;

    /// <summary>How near two items lie.</summary>
    public float Cosine(int left, int right) => TensorPrimitives.Dot(Unit(left), Unit(right));

    /// <summary>The items nearest to one, without itself, nearest first; equal ones by index.</summary>
    /// <param name="item">The item.</param>
    /// <param name="k">How many; fewer when there are fewer.</param>
    public IReadOnlyList<(int Item, float Cosine)> Of(int item, int k)
    {
        return
        [
            .. Enumerable.Range(0, Count).Where(other => other != item).Select(other => (Item: other, Cosine: Cosine(item, other)))
                .OrderByDescending(pair => pair.Cosine).ThenBy(pair => pair.Item).Take(k),
        ];
    }

    /// <summary>The share of items' k nearest neighbours that have a label in common with them, such as a genre; a
    /// mean over items that have a label.</summary>
    /// <param name="labels">By item, its labels.</param>
    /// <param name="k">Neighbours.</param>
    public double SharedLabels(int[][] labels, int k)
    {
        var labelled = Enumerable.Range(0, Count).Where(item => labels[item].Length > 0).ToArray();
        return labelled.Length == 0 ? double.NaN
            : labelled.Average(item => Of(item, k).Average(near => labels[item].Intersect(labels[near.Item]).Any() ? 1.0 : 0.0));
    }

    /// <summary>What <see cref="SharedLabels"/> is for neighbours drawn at random.</summary>
    public static double SharedByChance(int[][] labels)
    {
        var labelled = Enumerable.Range(0, labels.Length).Where(item => labels[item].Length > 0).ToArray();
        return labelled.Length == 0 || labels.Length < 2
            ? double.NaN
            : labelled.Average(item => (labels.Count(other => other.Intersect(labels[item]).Any()) - 1) / (double)(labels.Length - 1));
    }

    private ReadOnlySpan<float> Unit(int item) => _units.AsSpan(item * _columns, _columns);
}
