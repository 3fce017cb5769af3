using TwoTower.Actors.Protocol.Reports;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The conversation about how many copies shards have, on the wire.</summary>
internal static class CopiesFormat
{
    private const int Values = 8;

    /// <summary>As many shards as a run may have.</summary>
    private const int MostShards = 1024;

    public static void WriteDescribe<T>(ref T sink)
        where T : IWireSink, allows ref struct => sink.Group(0);

    public static CopiesProtocol.Describe ReadDescribe(ref WireReader reader)
    {
        reader.Group(0);
        return CopiesProtocol.Describe.Instance;
    }

    public static void Write<T>(ref T sink, CopiesProtocol.Described described)
        where T : IWireSink, allows ref struct
    {
        sink.Group(described.Shards.Length * Values);
        foreach (var shard in described.Shards)
        {
            sink.Int(shard.Shard);
            sink.Int(shard.Wanted);
            sink.Int(shard.There);
            sink.Int(shard.Others);
            sink.Long(shard.Sent);
            sink.Long(shard.ToSend);
            sink.Flag(shard.Waits);
            sink.Real(shard.LackingSeconds ?? -1);
        }
    }

    public static CopiesProtocol.Described ReadDescribed(ref WireReader reader)
    {
        var values = reader.GroupUpTo(MostShards * Values);
        if (values % Values != 0)
        {
            throw new WireException($"Copies of a shard are {Values} values.");
        }

        var shards = new ShardCopies[values / Values];
        for (var n = 0; n < shards.Length; n++)
        {
            var copies = new ShardCopies(reader.Count(), reader.Count(), reader.Count(), reader.Count(), reader.Long(), reader.Long(),
                reader.Flag());
            var seconds = reader.Real() is var real && double.IsFinite(real) ? real : throw new WireException("A time is not finite.");
            shards[n] = copies with { LackingSeconds = seconds >= 0 ? seconds : null };
        }

        return new CopiesProtocol.Described(shards);
    }
}
