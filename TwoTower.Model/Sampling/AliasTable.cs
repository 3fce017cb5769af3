namespace TwoTower.Model.Sampling;

/// <summary>Draws from a discrete distribution in constant time (Walker 1977, built as Vose 1991 describes).
/// Immutable, so workers share it.</summary>
internal sealed class AliasTable
{
    private readonly double[] _keep;
    private readonly int[] _alias;

    /// <summary>A table for weights that need not add up to 1.</summary>
    /// <exception cref="ArgumentException">No weight is positive, or one is negative or not finite.</exception>
    public AliasTable(ReadOnlySpan<double> weights)
    {
        double total = 0;
        foreach (var weight in weights)
        {
            if (!(weight >= 0) || double.IsInfinity(weight))
            {
                throw new ArgumentException($"A weight is {weight}; weights must be finite and not negative.", nameof(weights));
            }

            total += weight;
        }

        if (total <= 0)
        {
            throw new ArgumentException("No weight is positive: there is nothing to draw.", nameof(weights));
        }

        _keep = new double[weights.Length];
        _alias = new int[weights.Length];
        var small = new Stack<int>();
        var large = new Stack<int>();
        var heaviest = 0;
        for (var n = 0; n < weights.Length; n++)
        {
            _keep[n] = weights[n] * weights.Length / total;
            _alias[n] = n;
            (_keep[n] < 1 ? small : large).Push(n);
            heaviest = weights[n] > weights[heaviest] ? n : heaviest;
        }

        while (small.Count > 0 && large.Count > 0)
        {
            var below = small.Pop();
            var above = large.Pop();
            _alias[below] = above;
            _keep[above] -= 1 - _keep[below];
            (_keep[above] < 1 ? small : large).Push(above);
        }

        // Rounding can leave a few columns over: they are full in exact arithmetic. A column of weight zero must not become full that way.
        foreach (var left in large)
        {
            _keep[left] = 1;
        }

        foreach (var left in small)
        {
            if (weights[left] > 0)
            {
                _keep[left] = 1;
            }
            else
            {
                _keep[left] = 0;
                _alias[left] = heaviest;
            }
        }
    }

    /// <summary>One draw; takes two numbers from the generator.</summary>
    public int Draw(ref SeededRandom random)
    {
        var column = random.NextInt(_keep.Length);
        return random.NextDouble() < _keep[column] ? column : _alias[column];
    }
}
