using System.Numerics;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Evaluation;

/// <summary>One user's ranking down to rank K, as groups of equal scores. Reused from row to row.</summary>
/// <remarks>One candidate more than K is looked for: only where it ties with the K-th does the group reach further than the list, and only
/// then is the row read again to count it.</remarks>
internal sealed class RankedRow(int k)
{
    private readonly TopItems _finder = new(k + 1);
    private readonly int[] _top = new int[k + 1];
    private readonly TieGroup[] _groups = new TieGroup[k];
    private int[] _beyond = [];
    private int _count;
    private int _found;

    /// <summary>The groups that take a rank up to K, the best first.</summary>
    public ReadOnlySpan<TieGroup> Groups => _groups.AsSpan(0, _count);

    /// <summary>The best K, in order; equal scores by item index.</summary>
    public ReadOnlySpan<int> Top => _top.AsSpan(0, Math.Min(k, _found));

    /// <summary>Ranks a row.</summary>
    /// <param name="scores">The row; −∞ marks what is not a candidate.</param>
    /// <param name="positives">Held-out positives.</param>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    public void Read(ReadOnlySpan<float> scores, ReadOnlySpan<int> positives)
    {
        _found = _finder.Find(scores, _top);
        _count = 0;
        for (var first = 0; first < Math.Min(k, _found);)
        {
            var score = scores[_top[first]];
            var hits = 0;
            var end = first;
            for (; end < _found && scores[_top[end]] == score; end++)
            {
                hits += positives.BinarySearch(_top[end]) >= 0 ? 1 : 0;
            }

            // The list has one candidate more than K: a group that reaches its end there may go on outside.
            if (end > k)
            {
                end = first + CountBeyond(scores, score);
                hits = 0;
                foreach (var item in positives)
                {
                    hits += scores[item] == score ? 1 : 0;
                }
            }

            _groups[_count++] = new TieGroup(first, end - first, hits);
            first = end;
        }
    }

    /// <summary>The items of a group.</summary>
    public ReadOnlySpan<int> ItemsOf(TieGroup group) => group.End <= k ? _top.AsSpan(group.Above, group.Size)
        : _beyond.AsSpan(0, group.Size);

    private int CountBeyond(ReadOnlySpan<float> scores, float score)
    {
        if (_beyond.Length < scores.Length)
        {
            _beyond = new int[scores.Length];
        }

        var count = 0;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var wanted = new Vector<float>(score);
        var item = 0;
        foreach (var vector in vectors)
        {
            if (Vector.EqualsAny(vector, wanted))
            {
                for (var lane = 0; lane < Vector<float>.Count; lane++)
                {
                    _beyond[count] = item + lane;
                    count += vector[lane] == score ? 1 : 0;
                }
            }

            item += Vector<float>.Count;
        }

        for (; item < scores.Length; item++)
        {
            if (scores[item] == score)
            {
                _beyond[count++] = item;
            }
        }

        return count;
    }
}
