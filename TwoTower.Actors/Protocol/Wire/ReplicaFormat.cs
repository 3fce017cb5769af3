using TwoTower.Actors.Ids;
using static TwoTower.Actors.Protocol.ReplicaProtocol;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>The conversation of a shard's host and its standbys on the wire.</summary>
internal static class ReplicaFormat
{
    public static void Write<T>(ref T sink, Recall recall)
        where T : IWireSink, allows ref struct
    {
        At(ref sink, 3, recall.Shard, recall.Term);
        sink.Flag(recall.WithRecord);
    }

    public static Recall ReadRecall(ref WireReader reader)
    {
        var (shard, term) = ReadAt(ref reader, 3);
        return new Recall(shard, term, reader.Flag());
    }

    public static void Write<T>(ref T sink, Held held)
        where T : IWireSink, allows ref struct
    {
        At(ref sink, 7, held.Shard, held.Asked);
        sink.Text(held.Server);
        Write(ref sink, held.Term);
        sink.Long(held.Sequence);
        Write(ref sink, held.Record);
    }

    public static Held ReadHeld(ref WireReader reader)
    {
        var (shard, asked) = ReadAt(ref reader, 7);
        return new Held(shard, asked, reader.Text(), ReadTerm(ref reader), reader.Long(), ReadRecord(ref reader));
    }

    public static void Write<T>(ref T sink, Install install)
        where T : IWireSink, allows ref struct
    {
        At(ref sink, 5, install.Shard, install.Term);
        sink.Long(install.Sequence);
        Write(ref sink, install.Record);
    }

    public static Install ReadInstall(ref WireReader reader)
    {
        var (shard, term) = ReadAt(ref reader, 5);
        return new Install(shard, term, reader.Long(), ReadRecord(ref reader));
    }

    public static void Write<T>(ref T sink, Operation operation)
        where T : IWireSink, allows ref struct
    {
        At(ref sink, 5, operation.Shard, operation.Term);
        sink.Long(operation.Sequence);
        switch (operation.Request)
        {
            case ParameterProtocol.Pull pull:
                sink.Int(0);
                ParameterFormat.Write(ref sink, pull);
                break;
            case ParameterProtocol.Push push:
                sink.Int(1);
                ParameterFormat.Write(ref sink, push);
                break;
            case ParameterProtocol.Fence fence:
                sink.Int(2);
                ParameterFormat.Write(ref sink, fence);
                break;
            case SnapshotProtocol.Read read:
                sink.Int(3);
                SnapshotFormat.Write(ref sink, read);
                break;
            case StateProtocol.Export export:
                sink.Int(4);
                SnapshotFormat.ShardAndStep(ref sink, export.Shard, export.Step);
                break;
            default:
                throw new WireException($"{operation.Request.GetType().Name} changes no shard, so it is no operation.");
        }
    }

    public static Operation ReadOperation(ref WireReader reader)
    {
        var (shard, term) = ReadAt(ref reader, 5);
        var (sequence, kind) = (reader.Long(), reader.Int());
        IWithShardId request;
        switch (kind)
        {
            case 0: request = ParameterFormat.ReadPull(ref reader); break;
            case 1: request = ParameterFormat.ReadPush(ref reader); break;
            case 2: request = ParameterFormat.ReadFence(ref reader); break;
            case 3 or 4:
                var (at, step) = SnapshotFormat.ReadShardAndStep(ref reader);
                request = kind == 3 ? new SnapshotProtocol.Read(at, step) : new StateProtocol.Export(at, step);
                break;
            default: throw new WireException($"There is no operation of kind {kind}.");
        }

        return new Operation(shard, term, sequence, request);
    }

    public static void Answer<T>(ref T sink, ShardId shard, Term term, string server)
        where T : IWireSink, allows ref struct
    {
        At(ref sink, 3, shard, term);
        sink.Text(server);
    }

    public static (ShardId Shard, Term Term, string Server) ReadAnswer(ref WireReader reader)
    {
        var (shard, term) = ReadAt(ref reader, 3);
        return (shard, term, reader.Text());
    }

    public static void Progress<T>(ref T sink, ShardId shard, Term term, string server, long sequence)
        where T : IWireSink, allows ref struct
    {
        At(ref sink, 4, shard, term);
        sink.Text(server);
        sink.Long(sequence);
    }

    public static (ShardId Shard, Term Term, string Server, long Sequence) ReadProgress(ref WireReader reader)
    {
        var (shard, term) = ReadAt(ref reader, 4);
        return (shard, term, reader.Text(), reader.Long());
    }

    public static void Write<T>(ref T sink, Release release)
        where T : IWireSink, allows ref struct => At(ref sink, 2, release.Shard, release.Term);

    public static Release ReadRelease(ref WireReader reader)
    {
        var (shard, term) = ReadAt(ref reader, 2);
        return new Release(shard, term);
    }

    private static void At<T>(ref T sink, int fields, ShardId shard, Term term)
        where T : IWireSink, allows ref struct
    {
        sink.Group(fields);
        sink.Int(shard.Value);
        Write(ref sink, term);
    }

    private static (ShardId Shard, Term Term) ReadAt(ref WireReader reader, int fields)
    {
        reader.Group(fields);
        return (new ShardId(reader.Int()), ReadTerm(ref reader));
    }

    private static void Write<T>(ref T sink, Term term)
        where T : IWireSink, allows ref struct
    {
        sink.Group(2);
        sink.Long(term.Number);
        sink.Long(term.Life);
    }

    private static Term ReadTerm(ref WireReader reader)
    {
        reader.Group(2);
        return new Term(reader.Long(), reader.Long());
    }

    private static void Write<T>(ref T sink, ShardRecord? record)
        where T : IWireSink, allows ref struct
    {
        sink.Flag(record is not null);
        if (record is null)
        {
            sink.Group(0);
        }
        else
        {
            RecordFormat.Write(ref sink, record);
        }
    }

    private static ShardRecord? ReadRecord(ref WireReader reader)
    {
        if (reader.Flag())
        {
            return RecordFormat.Read(ref reader);
        }

        reader.Group(0);
        return null;
    }
}
