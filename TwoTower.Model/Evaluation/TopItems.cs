using System.Numerics;
using System.Runtime.InteropServices;

namespace TwoTower.Model.Evaluation;

/// <summary>Finds the K best items of a row of scores: higher first, ties by smaller item index. Reused from row to row.</summary>
/// <remarks>A scan keeps candidates above a threshold that rises whenever twice K of them have gathered; most of a row is
/// passed over a vector at a time.</remarks>
internal sealed class TopItems
{
    private static readonly Comparison<Candidate> s_order = (a, b) =>
        a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Item.CompareTo(b.Item);

    private readonly int _k;
    private readonly Candidate[] _candidates;
    private int _count;

    /// <summary>For the best <paramref name="k"/> items.</summary>
    public TopItems(int k)
    {
        _k = k;
        _candidates = new Candidate[Math.Max(2 * k, k + 32)];
    }

    /// <summary>Writes the best items in order; returns how many there are (fewer than K when the row has fewer candidates).</summary>
    /// <param name="scores">One row; −∞ marks items that are not candidates.</param>
    /// <param name="top">At least K long.</param>
    /// <exception cref="ArithmeticException">A score is not a number.</exception>
    public int Find(ReadOnlySpan<float> scores, Span<int> top)
    {
        _count = 0;
        var threshold = float.NegativeInfinity;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var item = 0;
        foreach (var vector in vectors)
        {
            // "Not at most the threshold" is true of NaN too, so that none slips by.
            if (!Vector.LessThanOrEqualAll(vector, new Vector<float>(threshold)))
            {
                for (var lane = 0; lane < Vector<float>.Count; lane++)
                {
                    threshold = Offer(vector[lane], item + lane, threshold);
                }
            }

            item += Vector<float>.Count;
        }

        for (; item < scores.Length; item++)
        {
            threshold = Offer(scores[item], item, threshold);
        }

        _candidates.AsSpan(0, _count).Sort(s_order);
        var found = Math.Min(_k, _count);
        for (var n = 0; n < found; n++)
        {
            top[n] = _candidates[n].Item;
        }

        return found;
    }

    private float Offer(float score, int item, float threshold)
    {
        if (score <= threshold)
        {
            return threshold; // an equal score of a later item loses the tie
        }

        if (float.IsNaN(score))
        {
            throw new ArithmeticException($"The score of item {item} is not a number; the model has diverged.");
        }

        _candidates[_count++] = new Candidate(score, item);
        if (_count < _candidates.Length)
        {
            return threshold;
        }

        _candidates.AsSpan().Sort(s_order);
        _count = _k;
        return _candidates[_k - 1].Score;
    }

    private readonly record struct Candidate(float Score, int Item);
}
