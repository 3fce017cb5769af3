namespace TwoTower.Model.NewUsers;

/// <summary>The unit vector u that a new user has is the one under which what they like is likeliest: Σ w (v · u / T − log Σ exp(b + v · u
/// / T)) + e · u, the outer sum over liked items with their weights w, the inner over the catalogue.</summary>
/// <remarks>It is climbed to along great circles from the mean direction of the liked items (from e where that mean is nothing), in at most
/// <see cref="MostSteps"/> steps. A step goes by the first of <see cref="Angles"/> under which the value rises, beginning with the one
/// before that of the last step; where none does, or the slope is no more than
/// <see cref="LeastSlope"/> (1 + Σ w), the climb is over.</remarks>
/// <param name="Temperature">T.</param>
/// <param name="Items">Rows of the items that the liked ones are held against, ascending.</param>
/// <param name="Logits">b, their base rates, as many.</param>
/// <param name="Expected">e, [dim]: where users are to be expected.</param>
public sealed record FoldInProblem(double Temperature, int[] Items, float[] Logits, float[] Expected)
{
    /// <summary>The most steps of a climb.</summary>
    public const int MostSteps = 60;

    /// <summary>A slope that is none, per unit of what the objective weighs.</summary>
    public const double LeastSlope = 1e-5;

    /// <summary>How far a step may go, in radians, the farthest first: each is half of the one before it.</summary>
    public static IReadOnlyList<double> Angles { get; } = [.. Enumerable.Range(0, 13).Select(n => Math.ScaleB(0.5, -n))];
}
