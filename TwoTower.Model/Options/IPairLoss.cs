namespace TwoTower.Model.Options;

/// <summary>A loss of pairs of one's own: of how much higher a positive scores than a negative.</summary>
/// <example><code>
/// public sealed class Hinge : IPairLoss
/// {
///     public float Of(float margin, out float slope)
///     {
///         slope = margin &lt; 1 ? -1 : 0;
///         return Math.Max(0, 1 - margin);
///     }
/// }
/// </code></example>
public interface IPairLoss
{
    /// <summary>The loss of one pair. Called for every pair of every batch, by every worker: it keeps no state.</summary>
    /// <param name="margin">(s_positive − s_negative) / T, with s = û·v̂ + bias + prior and T the temperature.</param>
    /// <param name="slope">Its derivative with respect to <paramref name="margin"/>.</param>
    float Of(float margin, out float slope);
}
