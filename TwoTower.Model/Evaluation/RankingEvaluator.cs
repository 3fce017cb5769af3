namespace TwoTower.Model.Evaluation;

/// <summary>Ranks the whole catalogue for every user of a task and measures recall, NDCG, hit rate, MRR and coverage.</summary>
/// <remarks>
/// For a user with held-out positives P (those outside the catalogue included: they are misses) and the top K items: recall@K = hits / |P|;
/// hitrate@K = 1 when there is a hit; mrr@K = 1 / rank of the first hit; ndcg@K = Σ over hits 1/log2(rank + 1), divided by the same sum for
/// the best possible ranking, min(K, |P|) hits at the top (Järvelin and Kekäläinen 2002). Equal scores are worth their expectation: every
/// metric is its mean over all orders of the candidates that tie (McSherry and Najork 2008), in closed form, each user's order drawn apart.
/// Coverage is the expected share, too. So no figure depends on how users and items are numbered, nor on the number of threads.
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
    public static RankingResult Evaluate(IItemScorer scorer, RankingTask task, RankingProtocol protocol, IReadOnlyList<int> cutoffs,
        int parallelism) =>
            Evaluate(scorer, task, [protocol], cutoffs, parallelism)[0];

    /// <summary>Evaluates under both protocols from one scoring.</summary>
    /// <inheritdoc cref="Evaluate(IItemScorer, RankingTask, RankingProtocol, IReadOnlyList{int}, int)" />
    public static (RankingResult Masked, RankingResult Raw) EvaluateBoth(IItemScorer scorer, RankingTask task, IReadOnlyList<int> cutoffs,
        int parallelism)
    {
        // Raw first: masking overwrites the scores.
        var results = Evaluate(scorer, task, [RankingProtocol.Raw, RankingProtocol.Masked], cutoffs, parallelism);
        return (results[1], results[0]);
    }

    /// <summary>What every user of a task would be shown, seen items left out: lists for people, in which
    /// equal scores stand by item index.</summary>
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
            workspace.Ranked.Read(scores, []);
            lists[row] = workspace.Ranked.Top.ToArray();
        });
        return lists;
    }

    /// <summary>What every user of a task is shown in the top K, with the chances of those that tie at the cut.</summary>
    /// <param name="scorer">Scores the catalogue.</param>
    /// <param name="task">Users and seen items, which are left out.</param>
    /// <param name="k">K.</param>
    /// <param name="parallelism">Threads.</param>
    /// <returns>One per user of <see cref="RankingTask.Users"/>.</returns>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    internal static ShownItems[] Show(IItemScorer scorer, RankingTask task, int k, int parallelism)
    {
        var shown = new ShownItems[task.Users.Length];
        k = Math.Min(k, scorer.Items);
        ForEveryUser(scorer, task, k, parallelism, (row, scores, workspace) =>
        {
            Mask(task, task.Users[row], scores);
            workspace.Ranked.Read(scores, []);
            shown[row] = ShownItems.Of(workspace.Ranked, k);
        });
        return shown;
    }

    /// <summary>For every user of a task and every one of its positives the chance to be among the first K: 1
    /// or 0, unless it ties at the cut.</summary>
    /// <param name="scorer">Scores the catalogue.</param>
    /// <param name="task">Users, positives and seen items, which are left out.</param>
    /// <param name="k">K.</param>
    /// <param name="parallelism">Threads.</param>
    /// <returns>Per user of <see cref="RankingTask.Users"/>, in the order of its positives.</returns>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    public static double[][] Chances(IItemScorer scorer, RankingTask task, int k, int parallelism)
    {
        var chances = new double[task.Users.Length][];
        k = Math.Min(k, scorer.Items);
        ForEveryUser(scorer, task, k, parallelism, (row, scores, workspace) =>
        {
            Mask(task, task.Users[row], scores);
            var positives = task.Positives.ItemsOf(task.Users[row]);
            workspace.Ranked.Read(scores, positives);
            chances[row] = new double[positives.Length];
            if (workspace.Ranked.Groups is [.., var last])
            {
                var lowest = scores[workspace.Ranked.Top[^1]];
                for (var n = 0; n < positives.Length; n++)
                {
                    chances[row][n] = scores[positives[n]] > lowest ? 1 : scores[positives[n]] == lowest ? last.ChanceIn(k) : 0;
                }
            }
        });
        return chances;
    }

    private static RankingResult[] Evaluate(IItemScorer scorer, RankingTask task, RankingProtocol[] protocols, IReadOnlyList<int> cutoffs,
        int parallelism)
    {
        if (cutoffs.Count == 0 || cutoffs.Any(k => k < 1 || k > scorer.Items))
        {
            throw new ArgumentException(
                $"Every K must lie between 1 and the catalogue's {scorer.Items} items; asked for {string.Join(", ", cutoffs)}.",
                nameof(cutoffs));
        }

        var collectors = protocols.Select(protocol => new RankingCollector(protocol, task, cutoffs)).ToArray();
        ForEveryUser(scorer, task, cutoffs.Max(), parallelism, (row, scores, workspace) =>
        {
            foreach (var collector in collectors)
            {
                if (collector.Protocol == RankingProtocol.Masked)
                {
                    Mask(task, task.Users[row], scores);
                }

                workspace.Ranked.Read(scores, task.Positives.ItemsOf(task.Users[row]));
                collector.Add(row, task.RelevantOf(task.Users[row]), workspace.Ranked);
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
            Parallel.For(0, (task.Users.Length + ChunkUsers - 1) / ChunkUsers,
                new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, parallelism) }, () => new Workspace(scorer.Items, k),
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

        public RankedRow Ranked { get; } = new(k);

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
}
