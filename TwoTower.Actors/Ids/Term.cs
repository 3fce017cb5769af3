namespace TwoTower.Actors.Ids;

/// <summary>A reign of one host over a shard. Of two hosts that believe they are the shard, the one with the lower term is refused by
/// everybody who has heard of the higher.</summary>
/// <param name="Number">Grows from one host to the next.</param>
/// <param name="Life">Tells hosts apart that chose the same number.</param>
internal readonly record struct Term(long Number, long Life) : IComparable<Term>
{
    /// <summary>Below the term of any host.</summary>
    public static Term None => default;

    /// <inheritdoc />
    public int CompareTo(Term other) => (Number, Life).CompareTo((other.Number, other.Life));

    /// <summary>Whether one term is lower.</summary>
    public static bool operator <(Term left, Term right) => left.CompareTo(right) < 0;

    /// <summary>Whether one term is higher.</summary>
    public static bool operator >(Term left, Term right) => left.CompareTo(right) > 0;

    /// <summary>Whether one term is not higher.</summary>
    public static bool operator <=(Term left, Term right) => left.CompareTo(right) <= 0;

    /// <summary>Whether one term is not lower.</summary>
    public static bool operator >=(Term left, Term right) => left.CompareTo(right) >= 0;
}
