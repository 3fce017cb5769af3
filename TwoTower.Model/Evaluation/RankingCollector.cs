namespace TwoTower.Model.Evaluation;

/// <summary>Collects the metrics of one protocol, user by user, from any thread.</summary>
internal sealed class RankingCollector
{
    private readonly RankingTask _task;
    private readonly int[] _cutoffs;
    private readonly Dictionary<string, double[]> _perUser = new(StringComparer.Ordinal);
    private readonly double[][] _recall;
    private readonly double[][] _ndcg;
    private readonly double[][] _hit;
    private readonly double[][] _mrr;
    private readonly double[] _discounts;
    private readonly double[] _ideals;
    private readonly int[] _certainFrom;
    private readonly ExactSum[]?[] _misses;
    private readonly int[] _tied;
    private readonly Lock _lock = new();

    public RankingCollector(RankingProtocol protocol, RankingTask task, IReadOnlyList<int> cutoffs)
    {
        Protocol = protocol;
        _task = task;
        _cutoffs = [.. cutoffs];
        _recall = Columns("recall");
        _ndcg = Columns("ndcg");
        _hit = Columns("hitrate");
        _mrr = Columns("mrr");
        _discounts = [.. Enumerable.Range(1, _cutoffs.Max()).Select(rank => 1.0 / Math.Log2(rank + 1))];
        _ideals = new double[_discounts.Length + 1];
        for (var rank = 1; rank < _ideals.Length; rank++)
        {
            _ideals[rank] = _ideals[rank - 1] + _discounts[rank - 1];
        }

        _certainFrom = new int[task.Positives.Items];
        Array.Fill(_certainFrom, int.MaxValue);
        _misses = new ExactSum[]?[_cutoffs.Length];
        _tied = new int[_cutoffs.Length];
    }

    public RankingProtocol Protocol { get; }

    /// <summary>Takes a user's ranking.</summary>
    /// <param name="row">The user's place in the task.</param>
    /// <param name="relevant">The user's held-out positives, those out of reach included.</param>
    /// <param name="ranked">The ranking.</param>
    public void Add(int row, int relevant, RankedRow ranked)
    {
        for (var c = 0; c < _cutoffs.Length; c++)
        {
            var k = _cutoffs[c];
            var (hits, gain, first) = (0.0, 0.0, (Chance: 0.0, ReciprocalRank: 0.0));
            var isFirst = true;
            foreach (var group in ranked.Groups)
            {
                if (group.Above >= k)
                {
                    break;
                }

                if (group.Positives > 0)
                {
                    hits += group.HitsIn(k);
                    gain += group.GainIn(k, _discounts);
                    first = isFirst ? group.FirstHitIn(k) : first;
                    isFirst = false;
                }
            }

            _recall[c][row] = hits / relevant;
            _ndcg[c][row] = gain / _ideals[Math.Min(k, relevant)];
            _hit[c][row] = first.Chance;
            _mrr[c][row] = first.ReciprocalRank;
        }

        lock (_lock)
        {
            Show(ranked);
        }
    }

    /// <summary>What was collected.</summary>
    public RankingResult Result()
    {
        var (coverage, tied) = (new Dictionary<int, double>(), new Dictionary<int, int>());
        for (var c = 0; c < _cutoffs.Length; c++)
        {
            var shown = default(ExactSum);
            for (var item = 0; item < _certainFrom.Length; item++)
            {
                shown.Add(_certainFrom[item] <= _cutoffs[c] ? 1 : _misses[c] is { } misses ? 1 - Math.Exp(misses[item].Value) : 0);
            }

            coverage[_cutoffs[c]] = shown.Value / _certainFrom.Length;
            tied[_cutoffs[c]] = _tied[c];
        }

        return new RankingResult(Protocol, _task.Users, _perUser, coverage, tied);
    }

    // An item is in a user's top K for sure from the K on at which its whole group is; where a cut divides the group, the logarithm of the
    // chance that it is not adds up over users.
    private void Show(RankedRow ranked)
    {
        foreach (var group in ranked.Groups)
        {
            var items = ranked.ItemsOf(group);
            foreach (var item in items)
            {
                _certainFrom[item] = Math.Min(_certainFrom[item], group.End);
            }

            for (var c = 0; group.Size > 1 && c < _cutoffs.Length; c++)
            {
                if (!group.IsCutBy(_cutoffs[c]))
                {
                    continue;
                }

                _tied[c]++;
                var misses = _misses[c] ??= new ExactSum[_certainFrom.Length];
                var missed = Math.Log(1 - group.ChanceIn(_cutoffs[c]));
                foreach (var item in items)
                {
                    misses[item].Add(missed);
                }
            }
        }
    }

    private double[][] Columns(string metric) => [.. _cutoffs.Select(k => _perUser[$"{metric}@{k}"] = new double[_task.Users.Length])];
}
