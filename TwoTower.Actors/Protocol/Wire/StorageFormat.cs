using System.Buffers;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Training;
using TwoTower.Model.Sampling;

namespace TwoTower.Actors.Protocol.Wire;

/// <summary>What nodes keep on their disks as bytes, in the encoding of the wire: limits are checked before anything is allocated.</summary>
public static class StorageFormat
{
    private const int Slack = 1 << 12;

    /// <summary>A shard's record.</summary>
    /// <exception cref="WireException">Its rows are counted and not there, or it has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(ShardRecord record)
    {
        var meter = default(WireMeter);
        RecordFormat.Write(ref meter, record);
        var output = Buffer(meter.Bytes);
        var writer = new WireWriter(output);
        RecordFormat.Write(ref writer, record);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads a shard's record.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static ShardRecord DecodeRecord(ReadOnlyMemory<byte> bytes) => Decode(bytes, static (ref reader) => RecordFormat.Read(ref reader));

    /// <summary>A snapshot of all parameters.</summary>
    /// <exception cref="WireException">It has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(ModelSnapshot snapshot)
    {
        var output = Buffer(sizeof(float) * ((long)snapshot.Users.Length + snapshot.Items.Length));
        var writer = new WireWriter(output);
        writer.Group(4);
        writer.Long(snapshot.Step);
        writer.Int(snapshot.Users.Length);
        writer.Int(snapshot.Items.Length);
        writer.Block(sizeof(float) * ((long)snapshot.Users.Length + snapshot.Items.Length));
        writer.Array(snapshot.Users, snapshot.Users.Length);
        writer.Array(snapshot.Items, snapshot.Items.Length);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads a snapshot.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static ModelSnapshot DecodeSnapshot(ReadOnlyMemory<byte> bytes) => Decode(bytes, static (ref reader) =>
    {
        reader.Group(4);
        var (step, users, items) = (reader.Long(), reader.Count(), reader.Count());
        reader.Block(sizeof(float) * ((Int128)users + items));
        return new ModelSnapshot(step, reader.Array<float>(users), reader.Array<float>(items));
    });

    /// <summary>An entry of a trainer's journal.</summary>
    /// <exception cref="WireException">It has more than 2 GB.</exception>
    public static ReadOnlyMemory<byte> Encode(JournalEntry entry)
    {
        var output = Buffer(entry switch
        {
            JournalEntry.Evaluated evaluated => sizeof(float) * ((long)evaluated.Snapshot.Users.Length + evaluated.Snapshot.Items.Length),
            JournalEntry.Ranked ranked => sizeof(int) * (long)ranked.Ranking.Items.Length,
            _ => 0,
        });
        var writer = new WireWriter(output);
        writer.Group(2);
        Write(ref writer, entry);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <summary>Reads an entry of a trainer's journal.</summary>
    /// <exception cref="WireException">It is none.</exception>
    public static JournalEntry DecodeEntry(ReadOnlyMemory<byte> bytes) => Decode(bytes, static (ref reader) =>
    {
        reader.Group(2);
        return Read(ref reader);
    });

    private static void Write(ref WireWriter writer, JournalEntry entry)
    {
        switch (entry)
        {
            case JournalEntry.Joined joined:
                writer.Int(0);
                LeaseFormat.Life(ref writer, joined.Worker, joined.Birth);
                break;
            case JournalEntry.Started started:
                writer.Int(1);
                writer.Real(started.At);
                break;
            case JournalEntry.Accepted accepted:
                writer.Int(2);
                LeaseFormat.Write(ref writer, accepted.Lease);
                break;
            case JournalEntry.Completed completed:
                writer.Int(3);
                LeaseFormat.Write(ref writer, new LeaseProtocol.Completed(default, 0, 0, completed.Report));
                break;
            case JournalEntry.Boundary boundary:
                writer.Int(4);
                writer.Long(boundary.Step);
                break;
            case JournalEntry.Taken taken:
                writer.Int(5);
                writer.Group(2);
                writer.Real(taken.Request.TrainSeconds);
                SnapshotFormat.Write(ref writer, taken.Request);
                break;
            case JournalEntry.Evaluated evaluated:
                writer.Int(6);
                writer.Group(3);
                writer.Flag(evaluated.Report.TrainSeconds is not null);
                writer.Real(evaluated.Report.TrainSeconds ?? 0);
                SnapshotFormat.Write(ref writer, new SnapshotProtocol.Evaluated(evaluated.Report, evaluated.Snapshot));
                break;
            case JournalEntry.Ranked ranked:
                writer.Int(7);
                LeaseFormat.Write(ref writer, new LeaseProtocol.RankingGiven(default, 0, ranked.Ranking.Step, 0, ranked.Ranking.Depth, ranked.Ranking.Items));
                break;
            default:
                throw new WireException($"{entry.GetType().Name} has no form in a journal.");
        }
    }

    private static JournalEntry Read(ref WireReader reader)
    {
        var kind = reader.Int();
        switch (kind)
        {
            case 0:
                var (worker, birth) = LeaseFormat.ReadLife(ref reader);
                return new JournalEntry.Joined(worker, birth);
            case 1:
                return new JournalEntry.Started(reader.Real());
            case 2:
                return new JournalEntry.Accepted(LeaseFormat.ReadLease(ref reader));
            case 3:
                return new JournalEntry.Completed(LeaseFormat.ReadCompleted(ref reader).Report);
            case 4:
                return new JournalEntry.Boundary(reader.Long());
            case 5:
                reader.Group(2);
                var seconds = reader.Real();
                return new JournalEntry.Taken(SnapshotFormat.ReadEvaluate(ref reader) with { TrainSeconds = seconds });
            case 6:
                reader.Group(3);
                var (known, trained) = (reader.Flag(), reader.Real());
                var evaluated = SnapshotFormat.ReadEvaluated(ref reader);
                return new JournalEntry.Evaluated(evaluated.Report with { TrainSeconds = known ? trained : null }, evaluated.Snapshot);
            case 7:
                var given = LeaseFormat.ReadRankingGiven(ref reader);
                return new JournalEntry.Ranked(new RankedNegatives(given.Step, given.Depth, given.Items));
            default:
                throw new WireException($"There is no journal entry of kind {kind}.");
        }
    }

    private static ArrayBufferWriter<byte> Buffer(long bytes) =>
        bytes <= Array.MaxLength - Slack ? new((int)bytes + Slack) : throw new WireException($"{bytes} bytes are more than one file here takes ({Array.MaxLength - Slack}).");

    private static T Decode<T>(ReadOnlyMemory<byte> bytes, Reading<T> read)
    {
        try
        {
            var reader = new WireReader(bytes);
            var value = read(ref reader);
            reader.End();
            return value;
        }
        catch (Exception malformed) when (malformed is MessagePack.MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            throw new WireException(malformed.Message, malformed);
        }
    }

    private delegate T Reading<out T>(ref WireReader reader);
}
