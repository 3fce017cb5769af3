using System.Numerics.Tensors;
using TwoTower.Model.Data;
using TwoTower.Model.Towers;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>Matrix factorisation for implicit feedback by alternating least squares (Hu, Koren and Volinsky 2008, "Collaborative Filtering
/// for Implicit Feedback Datasets", section 4).</summary>
/// <remarks>
/// Minimises Σ over all (u, i) of c_ui (p_ui − x_u·y_i)² + λ (Σ |x_u|² + Σ |y_i|²), with p = 1 and c = 1 + α for train positives and p = 0,
/// c = 1 for everything else. One side held, each row of the other has an exact solution: (YᵀY + α Σ y_i y_iᵀ + λI) x_u = (1 + α) Σ y_i,
/// sums over the user's items. Each row is solved alone and its sums go in the order of its items, so the factors do not depend on the
/// number of threads.
/// </remarks>
internal sealed class ImplicitAls : IItemScorer
{
    /// <summary>The candidates that are tried, weights and penalties together.</summary>
    public static readonly IReadOnlyList<(double Alpha, double Lambda)> Grid = [(1, 10), (1, 100), (4, 30), (4, 100), (10, 300),
        (40, 1000)];

    // A float has 24 bits: a longer sum of outer products goes on in double.
    private const int GramBlock = 4096;
    private readonly DotProductScorer _scorer;

    private ImplicitAls(TwoTowerEmbeddings factors)
    {
        Factors = factors;
        _scorer = new DotProductScorer(factors);
    }

    /// <summary>Both sides' factors.</summary>
    public TwoTowerEmbeddings Factors { get; }

    /// <inheritdoc />
    public int Items => Factors.ItemCount;

    /// <inheritdoc />
    public void Score(ReadOnlySpan<int> users, Span<float> scores) => _scorer.Score(users, scores);

    /// <summary>Fits one candidate.</summary>
    /// <param name="counts">The train matrix, both ways round.</param>
    /// <param name="options">Size, weight, penalty, rounds.</param>
    /// <param name="parallelism">Threads.</param>
    /// <param name="afterIteration">Is shown the factors after every round; null for nobody. They go on changing.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is impossible.</exception>
    public static ImplicitAls Fit(CoOccurrence counts, ImplicitAlsOptions options, int parallelism = 1,
        Action<TwoTowerEmbeddings>? afterIteration = null)
    {
        options.Verify();
        var train = counts.Train;
        var factors = new TwoTowerEmbeddings(new float[train.Users * options.Dim], Start(train.Items, options), options.Dim);
        for (var iteration = 0; iteration < options.Iterations; iteration++)
        {
            SolveRows(train, factors.Items, factors.Users, options, parallelism);
            SolveRows(counts.UsersOfItem, factors.Users, factors.Items, options, parallelism);
            afterIteration?.Invoke(factors);
        }

        return new ImplicitAls(factors);
    }

    /// <summary>Tries every candidate; the best on validation stays.</summary>
    /// <param name="counts">The train matrix, both ways round.</param>
    /// <param name="grid">Weights and penalties.</param>
    /// <param name="options">What candidates have in common.</param>
    /// <param name="validation">What is ranked to choose.</param>
    /// <param name="metric">The deciding metric, seen items masked.</param>
    /// <param name="parallelism">Threads.</param>
    public static GridChoice<ImplicitAlsOptions, ImplicitAls> Choose(
        CoOccurrence counts, IReadOnlyList<(double Alpha, double Lambda)> grid, ImplicitAlsOptions options, RankingTask validation,
        string metric, int parallelism) =>
        GridChoice<ImplicitAlsOptions, ImplicitAls>.Best(
            [.. grid.Select(point => options with { Alpha = point.Alpha, Lambda = point.Lambda })],
            candidate => Fit(counts, candidate, parallelism), validation, metric, parallelism: 1, threadsEach: parallelism);

    /// <summary>What is minimised. The part over all pairs is the sum of the elementwise product of both sides' Gram matrices,
    /// so it costs no pass over them.</summary>
    /// <param name="train">Every user's train positives.</param>
    /// <param name="factors">Both sides' factors.</param>
    /// <param name="options">Weight and penalty.</param>
    public static double Loss(InteractionMatrix train, TwoTowerEmbeddings factors, ImplicitAlsOptions options)
    {
        var dim = factors.Dim;
        var (users, items) = (new float[dim * dim], new float[dim * dim]);
        Gram(factors.Users, dim, users);
        Gram(factors.Items, dim, items);
        var all = 0.0;
        for (var r = 0; r < dim; r++)
        {
            for (var c = 0; c <= r; c++)
            {
                all += (r == c ? 1.0 : 2.0) * users[(r * dim) + c] * items[(r * dim) + c];
            }
        }

        for (var user = 0; user < train.Users; user++)
        {
            var x = factors.Users.AsSpan(user * dim, dim);
            foreach (var item in train.ItemsOf(user))
            {
                double score = TensorPrimitives.Dot(x, factors.Items.AsSpan(item * dim, dim));
                all += ((1 + options.Alpha) * (1 - score) * (1 - score)) - (score * score);
            }
        }

        return all + (options.Lambda * (Squares(factors.Users) + Squares(factors.Items)));
    }

    private static double Squares(float[] values)
    {
        var sum = 0.0;
        foreach (var value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }

    private static float[] Start(int items, ImplicitAlsOptions options)
    {
        var values = new float[items * options.Dim];
        for (var item = 0; item < items; item++)
        {
            var random = new SeededRandom(options.Seed, 79, item);
            for (var c = 0; c < options.Dim; c++)
            {
                values[(item * options.Dim) + c] = (float)(0.1 * random.NextGaussian());
            }
        }

        return values;
    }

    private static void SolveRows(InteractionMatrix rows, float[] held, float[] solved, ImplicitAlsOptions options, int parallelism)
    {
        var dim = options.Dim;
        var gram = new float[dim * dim];
        Gram(held, dim, gram);
        for (var c = 0; c < dim; c++)
        {
            gram[(c * dim) + c] += (float)options.Lambda;
        }

        var alpha = (float)options.Alpha;
        const int rowsAtOnce = 64;
        Parallel.For(0, (rows.Users + rowsAtOnce - 1) / rowsAtOnce,
            new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism) }, () => new NormalEquations(dim), (chunk, _, system) =>
            {
                for (var row = chunk * rowsAtOnce; row < Math.Min(rows.Users, (chunk + 1) * rowsAtOnce); row++)
                {
                    var x = solved.AsSpan(row * dim, dim);
                    x.Clear();
                    var columns = rows.ItemsOf(row);
                    if (columns.Length > 0) // without positives 0 is the solution
                    {
                        gram.CopyTo(system.Matrix);
                        AddRows(system, held, dim, columns, alpha);
                        foreach (var column in columns)
                        {
                            TensorPrimitives.MultiplyAdd(held.AsSpan(column * dim, dim), 1 + alpha, x, x);
                        }

                        system.Solve(x);
                    }
                }

                return system;
            }, _ => { });
    }

    private static void AddRows(NormalEquations system, float[] table, int dim, ReadOnlySpan<int> rows, float weight)
    {
        var nothing = system.Zeros;
        for (var n = 0; n < rows.Length; n += 4)
        {
            system.Add(
                table.AsSpan(rows[n] * dim, dim),
                n + 1 < rows.Length ? table.AsSpan(rows[n + 1] * dim, dim) : nothing,
                n + 2 < rows.Length ? table.AsSpan(rows[n + 2] * dim, dim) : nothing,
                n + 3 < rows.Length ? table.AsSpan(rows[n + 3] * dim, dim) : nothing,
                weight);
        }
    }

    /// <summary>The lower triangle of tableᵀ · table.</summary>
    private static void Gram(float[] table, int dim, Span<float> gram)
    {
        var sum = new double[dim * dim];
        var block = new NormalEquations(dim);
        var count = table.Length / dim;
        for (var first = 0; first < count; first += GramBlock)
        {
            block.Matrix.Clear();
            AddRows(block, table, dim, [.. Enumerable.Range(first, Math.Min(GramBlock, count - first))], 1);
            for (var n = 0; n < sum.Length; n++)
            {
                sum[n] += block.Matrix[n];
            }
        }

        for (var n = 0; n < sum.Length; n++)
        {
            gram[n] = (float)sum[n];
        }
    }
}
