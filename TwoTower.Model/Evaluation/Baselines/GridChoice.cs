using System.Globalization;

namespace TwoTower.Model.Evaluation.Baselines;

/// <summary>The candidate that does best on validation.</summary>
/// <typeparam name="TOption">What candidates are made from.</typeparam>
/// <typeparam name="TScorer">What they are.</typeparam>
/// <param name="Option">The best candidate's option.</param>
/// <param name="Scorer">The best candidate.</param>
/// <param name="Tried">Every option with its value of the deciding metric, in the order of the grid.</param>
internal sealed record GridChoice<TOption, TScorer>(TOption Option, TScorer Scorer, IReadOnlyList<(TOption Option, double Value)> Tried)
    where TScorer : class, IItemScorer
{
    /// <summary>Makes and judges every candidate, seen items masked. The earlier in the grid wins a tie, so the choice does not depend on
    /// the threads; no more than one candidate per thread and the best so far are held at a time.</summary>
    /// <param name="grid">The options.</param>
    /// <param name="make">Makes a candidate, on any thread.</param>
    /// <param name="validation">What is ranked.</param>
    /// <param name="metric">The deciding metric, such as <c>recall@10</c>.</param>
    /// <param name="parallelism">Candidates made at a time.</param>
    /// <param name="threadsEach">Threads that judge one candidate.</param>
    /// <exception cref="ArgumentException">The grid is empty, or the metric has no cut-off.</exception>
    public static GridChoice<TOption, TScorer> Best(
        IReadOnlyList<TOption> grid, Func<TOption, TScorer> make, RankingTask validation, string metric, int parallelism,
        int threadsEach = 1)
    {
        if (grid.Count == 0)
        {
            throw new ArgumentException("There is nothing to choose from.", nameof(grid));
        }

        var cutoff = CutoffOf(metric);
        var values = new double[grid.Count];
        (int At, TScorer? Scorer) best = (-1, null);
        var choosing = new Lock();
        Parallel.For(0, grid.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism) }, at =>
        {
            var scorer = make(grid[at]);
            var value = RankingEvaluator.Evaluate(scorer, validation, RankingProtocol.Masked, [cutoff], threadsEach).Mean(metric);
            lock (choosing)
            {
                values[at] = value;
                if (best.At < 0 || value > values[best.At] || (value == values[best.At] && at < best.At))
                {
                    best = (at, scorer);
                }
            }
        });
        return new GridChoice<TOption, TScorer>(grid[best.At], best.Scorer!, [.. grid.Zip(values)]);
    }

    private static int CutoffOf(string metric) =>
        int.TryParse(metric.AsSpan(metric.IndexOf('@', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var cutoff)
            && metric.Contains('@', StringComparison.Ordinal)
            ? cutoff
            : throw new ArgumentException($"'{metric}' has no cut-off.", nameof(metric));
}
