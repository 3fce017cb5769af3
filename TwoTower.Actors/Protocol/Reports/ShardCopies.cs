using TwoTower.Actors.Protocol.Declarations;

namespace TwoTower.Actors.Protocol.Reports;

/// <summary>How many copies of a shard other servers have.</summary>
/// <param name="Shard">Its number.</param>
/// <param name="Wanted">Copies that <c>train.durability</c> asks for.</param>
/// <param name="There">Copies that are complete.</param>
/// <param name="Others">Other servers that are there and stay.</param>
/// <param name="Sent">Bytes that have arrived of copies that are on their way.</param>
/// <param name="ToSend">Bytes of those copies.</param>
/// <param name="Waits">Whether no push is acknowledged until there are more.</param>
internal sealed record ShardCopies(int Shard, int Wanted, int There, int Others = 0, long Sent = 0, long ToSend = 0, bool Waits = false)
{
    /// <summary>Seconds for which there have been fewer than wanted; null when there are as many.</summary>
    [Carried]
    public double? LackingSeconds { get; init; }

    /// <summary>Whether there are fewer than wanted.</summary>
    public bool Lacks => There < Wanted;
}
