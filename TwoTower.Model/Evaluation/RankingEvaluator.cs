namespace TwoTower.Model.Evaluation;

/// <summary>Ranks the whole catalogue for every user of a task and measures recall, NDCG, hit rate, MRR and coverage.</summary>
/// <remarks>
/// For a user with held-out positives P (those outside the catalogue included: they are misses) and the top K items: recall@K = hits / |P|; hitrate@K = 1 when there is a hit; mrr@K = 1 / rank of the first hit;
/// ndcg@K = Σ over hits 1/log2(rank + 1), divided by the same sum for the best possible ranking, min(K, |P|) hits at the top (Järvelin and Kekäläinen 2002).
/// Ties are broken by the smaller item index. Results do not depend on the number of threads.
/// </remarks>
public static class RankingEvaluator
{
    private const int ChunkUsers = 128;

    /// <summary>Evaluates under one protocol.</summary>
    /// <param name="scorer">Scores the catalogue.</param>
    /// <param name="task">Users, positives, seen items.</param>
    /// <param name="protocol">Whether seen items are masked.</param>
    /// <param name="cutoffs">The K's.</param>
    /// <param name="parallelism">Threads.</param>
    /// <exception cref="ArgumentException">A K is under 1 or above the catalogue's size.</exception>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    public static RankingResult Evaluate(IItemScorer scorer, RankingTask task, RankingProtocol protocol, IReadOnlyList<int> cutoffs, int parallelism) =>
        Evaluate(scorer, task, [protocol], cutoffs, parallelism)[0];

    /// <summary>Evaluates under both protocols from one scoring.</summary>
    /// <inheritdoc cref="Evaluate(IItemScorer, RankingTask, RankingProtocol, IReadOnlyList{int}, int)" />
    public static (RankingResult Masked, RankingResult Raw) EvaluateBoth(IItemScorer scorer, RankingTask task, IReadOnlyList<int> cutoffs, int parallelism)
    {
        // Raw first: masking overwrites the scores.
        var results = Evaluate(scorer, task, [RankingProtocol.Raw, RankingProtocol.Masked], cutoffs, parallelism);
        return (results[1], results[0]);
    }

    /// <summary>What every user of a task would be shown, seen items left out.</summary>
    /// <param name="scorer">Scores the catalogue.</param>
    /// <param name="task">Users and seen items.</param>
    /// <param name="k">Length of the lists; shorter where the user has seen nearly everything.</param>
    /// <param name="parallelism">Threads.</param>
    /// <returns>Per user of <see cref="RankingTask.Users"/> the best items in order.</returns>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    public static int[][] Recommend(IItemScorer scorer, RankingTask task, int k, int parallelism)
    {
        var lists = new int[task.Users.Length][];
        ForEveryUser(scorer, task, Math.Min(k, scorer.Items), parallelism, (row, scores, workspace) =>
        {
            Mask(task, task.Users[row], scores);
            lists[row] = workspace.Top(scores).ToArray();
        });
        return lists;
    }

    private static RankingResult[] Evaluate(IItemScorer scorer, RankingTask task, RankingProtocol[] protocols, IReadOnlyList<int> cutoffs, int parallelism)
    {
        if (cutoffs.Count == 0 || cutoffs.Any(k => k < 1 || k > scorer.Items))
        {
            throw new ArgumentException($"Every K must lie between 1 and the catalogue's {scorer.Items} items; asked for {string.Join(", ", cutoffs)}.", nameof(cutoffs));
        }

        var collectors = protocols.Select(protocol => new Collector(protocol, task, cutoffs)).ToArray();
        ForEveryUser(scorer, task, cutoffs.Max(), parallelism, (row, scores, workspace) =>
        {
            foreach (var collector in collectors)
            {
                if (collector.Protocol == RankingProtocol.Masked)
                {
                    Mask(task, task.Users[row], scores);
                }

                collector.Add(row, task.Positives.ItemsOf(task.Users[row]), task.RelevantOf(task.Users[row]), workspace.Top(scores));
            }
        });
        return [.. collectors.Select(collector => collector.Result())];
    }

    private static void Mask(RankingTask task, int user, Span<float> scores)
    {
        foreach (var item in task.Seen.ItemsOf(user))
        {
            scores[item] = float.NegativeInfinity;
        }
    }

    private static void ForEveryUser(IItemScorer scorer, RankingTask task, int k, int parallelism, RowReader read)
    {
        try
        {
            Parallel.For(0, (task.Users.Length + ChunkUsers - 1) / ChunkUsers, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism) }, () => new Workspace(scorer.Items, k),
                (chunk, _, workspace) =>
                {
                    workspace.Chunk(scorer, task, chunk * ChunkUsers, read);
                    return workspace;
                }, _ => { });
        }
        catch (AggregateException failures) when (failures.InnerExceptions[0] is ArithmeticException)
        {
            throw new ArithmeticException(failures.InnerExceptions[0].Message, failures);
        }
    }

    private delegate void RowReader(int row, Span<float> scores, Workspace workspace);

    private sealed class Workspace(int items, int k)
    {
        private readonly float[] _scores = new float[ChunkUsers * items];
        private readonly int[] _top = new int[k];
        private readonly TopItems _finder = new(k);

        public ReadOnlySpan<int> Top(ReadOnlySpan<float> scores) => _top.AsSpan(0, _finder.Find(scores, _top));

        public void Chunk(IItemScorer scorer, RankingTask task, int first, RowReader read)
        {
            var users = task.Users.AsSpan(first, Math.Min(ChunkUsers, task.Users.Length - first));
            scorer.Score(users, _scores.AsSpan(0, users.Length * items));
            for (var n = 0; n < users.Length; n++)
            {
                read(first + n, _scores.AsSpan(n * items, items), this);
            }
        }
    }

    private sealed class Collector
    {
        private readonly RankingTask _task;
        private readonly int[] _cutoffs;
        private readonly Dictionary<string, double[]> _perUser = new(StringComparer.Ordinal);
        private readonly double[][] _recall;
        private readonly double[][] _ndcg;
        private readonly double[][] _hit;
        private readonly double[][] _mrr;
        private readonly int[] _bestRank;
        private readonly Lock _lock = new();

        public Collector(RankingProtocol protocol, RankingTask task, IReadOnlyList<int> cutoffs)
        {
            Protocol = protocol;
            _task = task;
            _cutoffs = [.. cutoffs];
            _recall = Columns("recall");
            _ndcg = Columns("ndcg");
            _hit = Columns("hitrate");
            _mrr = Columns("mrr");
            _bestRank = new int[task.Positives.Items];
            Array.Fill(_bestRank, int.MaxValue);
        }

        public RankingProtocol Protocol { get; }

        public void Add(int row, ReadOnlySpan<int> positives, int relevant, ReadOnlySpan<int> top)
        {
            for (var c = 0; c < _cutoffs.Length; c++)
            {
                var k = _cutoffs[c];
                var (hits, gain, first) = (0, 0.0, 0);
                for (var rank = 1; rank <= Math.Min(k, top.Length); rank++)
                {
                    if (positives.BinarySearch(top[rank - 1]) >= 0)
                    {
                        hits++;
                        gain += 1.0 / Math.Log2(rank + 1);
                        first = first == 0 ? rank : first;
                    }
                }

                var ideal = 0.0;
                for (var rank = 1; rank <= Math.Min(k, relevant); rank++)
                {
                    ideal += 1.0 / Math.Log2(rank + 1);
                }

                _recall[c][row] = (double)hits / relevant;
                _ndcg[c][row] = gain / ideal;
                _hit[c][row] = hits > 0 ? 1 : 0;
                _mrr[c][row] = first > 0 ? 1.0 / first : 0;
            }

            lock (_lock)
            {
                for (var rank = 1; rank <= top.Length; rank++)
                {
                    _bestRank[top[rank - 1]] = Math.Min(_bestRank[top[rank - 1]], rank);
                }
            }
        }

        public RankingResult Result() => new(
            Protocol, _task.Users, _perUser, _cutoffs.Distinct().ToDictionary(k => k, k => _bestRank.Count(rank => rank <= k) / (double)_bestRank.Length));

        private double[][] Columns(string metric) => [.. _cutoffs.Select(k => _perUser[$"{metric}@{k}"] = new double[_task.Users.Length])];
    }
}
