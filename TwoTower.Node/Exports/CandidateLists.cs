using TwoTower.Model.Data;
using TwoTower.Model.Evaluation;
using TwoTower.Node.Runs;

namespace TwoTower.Node.Exports;

/// <summary>The best unseen items of one user.</summary>
/// <param name="User">Row of the user.</param>
/// <param name="Items">Rows of the items, best first; fewer than were asked for where a user has seen almost all.</param>
/// <param name="Scores">Their scores.</param>
internal sealed record CandidateList(int User, int[] Items, float[] Scores);

/// <summary>Every user's best items under a run's model, for a stage that ranks them anew. What a user has seen (train positives) is left
/// out. Lists come in the order of users' rows, a few users at a time, so memory does not grow with their number.</summary>
internal sealed class CandidateLists
{
    // Scores that are in memory at a time: 64 MiB.
    private const int ScoresAtOnce = 1 << 24;

    private readonly InteractionMatrix _seen;
    private readonly DotProductScorer _scorer;
    private readonly int _k;

    /// <summary>Takes a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="k">Items for each user.</param>
    public CandidateLists(EndedRun run, int k)
    {
        var data = run.Data;
        _k = Math.Min(k, data.Items.Count);
        _seen = data.Cold is { } cold
            ? InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train, cold.Train)
            : InteractionMatrix.From(data.Users.Count, data.Items.Count, data.Train);
        _scorer = new DotProductScorer(run.Embeddings);
        Users = [.. Enumerable.Range(0, data.Users.Count).Where(user => _seen.ItemsOf(user).Length > 0)];
    }

    /// <summary>The users who get a list: of others the model has learned nothing.</summary>
    public IReadOnlyList<int> Users { get; }

    /// <summary>The lists, as they are computed.</summary>
    public IEnumerable<IReadOnlyList<CandidateList>> Blocks()
    {
        var size = Math.Max(1, Math.Min(1024, ScoresAtOnce / _scorer.Items));
        var scores = new float[size * _scorer.Items];
        for (var first = 0; first < Users.Count; first += size)
        {
            var block = new int[Math.Min(size, Users.Count - first)];
            for (var n = 0; n < block.Length; n++)
            {
                block[n] = Users[first + n];
            }

            _scorer.Score(block, scores.AsSpan(0, block.Length * _scorer.Items));
            var lists = new CandidateList[block.Length];
            Parallel.For(0, block.Length, () => new TopItems(_k), (n, _, top) =>
            {
                lists[n] = Best(block[n], scores.AsSpan(n * _scorer.Items, _scorer.Items), top);
                return top;
            }, _ => { });
            yield return lists;
        }
    }

    private CandidateList Best(int user, Span<float> scores, TopItems top)
    {
        foreach (var item in _seen.ItemsOf(user))
        {
            scores[item] = float.NegativeInfinity;
        }

        var items = new int[_k];
        Array.Resize(ref items, top.Find(scores, items));
        var best = new float[items.Length];
        for (var n = 0; n < best.Length; n++)
        {
            best[n] = scores[items[n]];
        }

        return new CandidateList(user, items, best);
    }
}
