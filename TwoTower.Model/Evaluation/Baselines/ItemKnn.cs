using System.Numerics.Tensors;
using TwoTower.Model.Data;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>What an <see cref="ItemKnn"/> is made from.</summary>
/// <param name="Neighbours">Neighbours that an item keeps.</param>
/// <param name="Shrinkage">Added to the denominator of the cosine: similarities of items that few users have shrink towards 0.</param>
internal sealed record ItemKnnOptions(int Neighbours = 100, double Shrinkage = 100);

/// <summary>Item-based nearest neighbours: score(u, i) = Σ s(i, j) over those of item i's k most similar items j that the user has, with
/// the shrunk cosine s(i, j) = |U_i ∩ U_j| / (√(|U_i|·|U_j|) + h), where U_i are the users of item i (Sarwar et al. 2001; the
/// shrinkage as in Bell and Koren 2007).</summary>
/// <remarks>Where several items are equally similar and there is no room among the k for all of them, each has its share of the places that
/// are left: its similarity counts with the chance that it is one of the k. Sums go in double precision and are rounded once, so that equal
/// sums are equal scores in whatever order they were added.</remarks>
internal sealed class ItemKnn : IItemScorer
{
    /// <summary>The candidates that are tried.</summary>
    public static readonly IReadOnlyList<ItemKnnOptions> Grid =
        [.. from shrinkage in new[] { 0.0, 100 } from neighbours in new[] { 20, 50, 100, 200 } select new ItemKnnOptions(neighbours,
            shrinkage)];

    // More of them are of no use as neighbours, and a catalogue of items that one user has would have as many pairs as it can.
    private const int MostTied = 4096;

    private readonly InteractionMatrix _train;
    private readonly int[] _start;
    private readonly int[] _targets;
    private readonly float[] _similarities;

    // Turned round: for each item that a user may have, the items that count it among their neighbours.
    private ItemKnn(InteractionMatrix train, Neighbourhoods neighbourhoods, int k)
    {
        _train = train;
        _start = new int[Items + 1];
        for (var item = 0; item < Items; item++)
        {
            foreach (var neighbour in neighbourhoods.Of(item, k).Items)
            {
                _start[neighbour + 1]++;
            }
        }

        for (var item = 0; item < Items; item++)
        {
            _start[item + 1] += _start[item];
        }

        _targets = new int[_start[Items]];
        _similarities = new float[_start[Items]];
        var next = _start.AsSpan(0, Items).ToArray();
        for (var item = 0; item < Items; item++)
        {
            var (neighbours, similarities, cut) = neighbourhoods.Of(item, k);
            for (var n = 0; n < neighbours.Count; n++)
            {
                var at = next[neighbours[n]]++;
                (_targets[at], _similarities[at]) = (item, n < cut.Above ? similarities[n] : (float)(similarities[n] * cut.ChanceIn(k)));
            }
        }
    }

    /// <inheritdoc />
    public int Items => _train.Items;

    /// <summary>Fits one candidate.</summary>
    /// <param name="counts">The train matrix.</param>
    /// <param name="options">Neighbours and shrinkage.</param>
    /// <param name="parallelism">Threads.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are no neighbours, or the shrinkage is negative.</exception>
    public static ItemKnn Fit(CoOccurrence counts, ItemKnnOptions options, int parallelism = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Neighbours, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Shrinkage);
        return new ItemKnn(counts.Train, Neighbourhoods.Of(counts, options.Neighbours, [options.Shrinkage], parallelism)[0],
            options.Neighbours);
    }

    /// <summary>Tries every candidate on one pass over the Gram matrix; the best on validation stays.</summary>
    /// <param name="counts">The train matrix.</param>
    /// <param name="grid">The candidates.</param>
    /// <param name="validation">What is ranked to choose.</param>
    /// <param name="metric">The deciding metric, seen items masked.</param>
    /// <param name="parallelism">Threads.</param>
    public static GridChoice<ItemKnnOptions, ItemKnn> Choose(CoOccurrence counts, IReadOnlyList<ItemKnnOptions> grid,
        RankingTask validation, string metric, int parallelism)
    {
        double[] shrinkages = [.. grid.Select(options => options.Shrinkage).Distinct()];
        var neighbourhoods = Neighbourhoods.Of(counts, grid.Max(options => options.Neighbours), shrinkages, parallelism);
        return GridChoice<ItemKnnOptions, ItemKnn>.Best(
            grid, options => new ItemKnn(counts.Train, neighbourhoods[Array.IndexOf(shrinkages, options.Shrinkage)], options.Neighbours),
            validation, metric, parallelism);
    }

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores)
    {
        var sums = new double[Items];
        for (var n = 0; n < users.Length; n++)
        {
            sums.AsSpan().Clear();
            foreach (var item in _train.ItemsOf(users[n]))
            {
                for (var at = _start[item]; at < _start[item + 1]; at++)
                {
                    sums[_targets[at]] += _similarities[at];
                }
            }

            TensorPrimitives.ConvertTruncating<double, float>(sums, scores.Slice(n * Items, Items));
        }
    }

    /// <summary>Every item's most similar items under one shrinkage, the nearest first.</summary>
    private sealed class Neighbourhoods(int items)
    {
        private readonly (int[] Items, float[] Similarities)[] _of = new (int[], float[])[items];

        /// <summary>The k nearest, all of those that tie for the last places among them; and the group of those,
        /// if the k-th place divides one.</summary>
        public (ArraySegment<int> Items, ArraySegment<float> Similarities, TieGroup Cut) Of(int item, int k)
        {
            var (items, similarities) = _of[item];
            var (above, end) = (Math.Min(k, items.Length), Math.Min(k, items.Length));
            while (end > 0 && end < items.Length && similarities[end] == similarities[k - 1])
            {
                end++;
            }

            while (end > k && above > 0 && similarities[above - 1] == similarities[k - 1])
            {
                above--;
            }

            return (new ArraySegment<int>(items, 0, end), new ArraySegment<float>(similarities, 0, end),
                new TieGroup(above, Math.Max(1, end - above), 0));
        }

        public static Neighbourhoods[] Of(CoOccurrence counts, int k, double[] shrinkages, int parallelism)
        {
            var found = shrinkages.Select(_ => new Neighbourhoods(counts.Items)).ToArray();
            k = Math.Min(k, counts.Items);
            Parallel.For(0, counts.Items, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism) },
                () => new Workspace(counts.Items, k), (item, _, workspace) =>
                {
                    counts.Row(item, workspace.Counts);
                    for (var s = 0; s < shrinkages.Length; s++)
                    {
                        found[s]._of[item] = workspace.Nearest(counts, item, shrinkages[s]);
                    }

                    return workspace;
                }, _ => { });
            return found;
        }
    }

    private sealed class Workspace(int items, int k)
    {
        private readonly float[] _similarities = new float[items];
        private readonly RankedRow _ranked = new(k);

        public float[] Counts { get; } = new float[items];

        public (int[] Items, float[] Similarities) Nearest(CoOccurrence counts, int item, double shrinkage)
        {
            double own = counts.Popularity(item);
            for (var other = 0; other < _similarities.Length; other++)
            {
                // What nobody has together with the item is no neighbour, and nothing is its own.
                _similarities[other] = Counts[other] > 0 && other != item
                    ? (float)(Counts[other] / (Math.Sqrt(own * counts.Popularity(other)) + shrinkage))
                    : float.NegativeInfinity;
            }

            _ranked.Read(_similarities, []);
            var shown = ShownItems.Of(_ranked, k);
            var nearest = shown.Items.Length - shown.Certain > MostTied ? shown.Items[..shown.Certain] : shown.Items;
            return (nearest, [.. nearest.Select(other => _similarities[other])]);
        }
    }
}
