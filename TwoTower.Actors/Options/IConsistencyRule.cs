namespace TwoTower.Actors.Options;

/// <summary>How far a worker may run ahead of the slowest one, where that is not one number (stale synchronous training, Ho et al. 2013,
/// has one). Leases are given under it, and the simulator checks every pull against it.</summary>
/// <example><code>
/// public sealed class Tightening : IConsistencyRule
/// {
///     public int Loosest => 8;
///     public int BoundAt(long clock) => clock &lt; 1000 ? 8 : 1;
/// }
/// </code></example>
public interface IConsistencyRule
{
    /// <summary>The largest number that <see cref="BoundAt"/> gives.</summary>
    int Loosest { get; }

    /// <summary>S at a clock: a worker at clock c pulls only when every push with a clock under c − S is applied.</summary>
    /// <param name="clock">The clock of the worker that asks: batches that it has completed.</param>
    /// <returns>A number in [0, <see cref="Loosest"/>]; the same answer to the same question.</returns>
    int BoundAt(long clock);
}
