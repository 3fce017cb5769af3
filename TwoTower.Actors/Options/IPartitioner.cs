namespace TwoTower.Actors.Options;

/// <summary>Divides the rows of a table over shards. Both tables are divided by it, each by itself.</summary>
/// <example><code>
/// public sealed class EveryOther : IPartitioner
/// {
///     public int[] Divide(int shards, ReadOnlySpan&lt;int&gt; frequencies) =>
///         [.. Enumerable.Range(0, frequencies.Length).Select(row => row % shards)];
/// }
/// </code></example>
public interface IPartitioner
{
    /// <summary>The shard of every row.</summary>
    /// <param name="shards">Shards, at least 1.</param>
    /// <param name="frequencies">How often each row of the table is pulled in an epoch; as long as the table.</param>
    /// <returns>One shard a row, each in [0, <paramref name="shards"/>). The same answer to the
    /// same question: every process asks.</returns>
    int[] Divide(int shards, ReadOnlySpan<int> frequencies);
}
