namespace TwoTower.Model.Evaluation;

/// <summary>A sum that does not depend on the order of its terms, so that a mean over users says the same however users are
/// numbered and whatever the threads do.</summary>
/// <remarks>Terms are added as whole multiples of 2⁻⁸⁰, in integers, where no addition rounds. What a term has below 2⁻⁸⁰
/// is cut off; sums stay below 2⁴⁶.</remarks>
internal struct ExactSum
{
    private const double Scale = 1.2089258196146292e24; // 2⁸⁰
    private Int128 _sum;
    private double _notFinite;

    /// <summary>The sum so far; infinite or not a number when a term was.</summary>
    public readonly double Value => _notFinite == 0 ? (double)_sum / Scale : _notFinite;

    /// <summary>The mean of some values; 0 of none.</summary>
    public static double MeanOf(ReadOnlySpan<double> values)
    {
        var sum = default(ExactSum);
        foreach (var value in values)
        {
            sum.Add(value);
        }

        return values.IsEmpty ? 0 : sum.Value / values.Length;
    }

    /// <summary>Adds a term.</summary>
    public void Add(double value)
    {
        if (double.IsFinite(value))
        {
            _sum += (Int128)(value * Scale);
        }
        else
        {
            _notFinite += value;
        }
    }
}
