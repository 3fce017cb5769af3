using System.Buffers;
using CsCheck;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Wire;
using TwoTower.Model.Storage;
using TwoTower.Node.Clusters;
using TwoTower.Tests.Cluster.Replication;
using TwoTower.Tests.Data;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Cluster.State;

/// <summary>A shard's record comes back from the disk as it was saved, or is refused; never another.</summary>
public sealed class FileShardStoreSpecs : IDisposable
{
    private static readonly Term s_term = new(3, 8), s_next = new(4, 5);
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_record_comes_back_as_it_was_saved() =>
        WireMessages.Records.Sample(
            record =>
            {
                using var folder = new TemporaryFolder();
                new FileShardStore(folder.Path).Save(record, s_term);

                Assert.Equal(WireMessages.Describe(record), WireMessages.Describe(new FileShardStore(folder.Path).Load(record.Shard)));
            },
            iter: 30, threads: 1);

    [Fact]
    public void A_record_comes_back_as_it_was_saved_however_short_the_pieces_are_and_its_bytes_are_those_of_one_piece() =>
        Gen.Select(WireMessages.Records, Gen.Int[16, 300]).Sample(
            (record, pieceBytes) =>
            {
                using var folder = new TemporaryFolder();
                new FileShardStore(folder.Path, pieceBytes).Save(record, s_term);

                Assert.Equal(InOnePiece(record), File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.Path, "*.record"))));
                Assert.Equal(WireMessages.Describe(record),
                    WireMessages.Describe(new FileShardStore(folder.Path, pieceBytes).Load(record.Shard)));
            },
            iter: 60, threads: 1);

    [Fact]
    public void A_shard_that_was_never_saved_has_no_record() => Assert.Null(new FileShardStore(_folder.Path).Load(new ShardId(0)));

    [Fact]
    public void Shards_do_not_mix_and_the_newest_counts()
    {
        var store = new FileShardStore(_folder.Path);
        for (var batches = 1; batches <= 5; batches++)
        {
            store.Save(Record(batches), s_term);
            store.Save(Record(batches + 1) with { Shard = new ShardId(1) }, s_term);
        }

        Assert.Equal(WireMessages.Describe(Record(5)), WireMessages.Describe(store.Load(new ShardId(0))));
        Assert.Equal(new ShardId(1), store.Load(new ShardId(1))!.Shard);
        Assert.Equal(6, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void A_crash_while_a_record_is_written_leaves_the_one_before()
    {
        var store = new FileShardStore(_folder.Path);
        store.Save(Record(4), s_term);
        var manifest = File.ReadAllBytes(Path.Combine(_folder.Path, "shard-0.3-8.manifest"));
        store.Save(Record(6), s_term);
        var newest = Path.Combine(_folder.Path, "shard-0.3-8.0.record");

        // The manifest comes last, so before it there is a record that is cut anywhere.
        File.WriteAllBytes(Path.Combine(_folder.Path, "shard-0.3-8.manifest"), manifest);
        var whole = File.ReadAllBytes(newest);
        foreach (var length in Enumerable.Range(0, 20).Select(part => whole.Length * part / 20))
        {
            File.WriteAllBytes(newest, whole[..length]);
            Assert.Equal(4, store.Load(new ShardId(0))!.Counters.Pushes);
        }
    }

    [Fact]
    public void Files_that_were_cut_or_altered_are_refused_with_the_reason_whatever_byte_it_is()
    {
        new FileShardStore(_folder.Path).Save(Record(4), s_term);
        foreach (var name in (string[])["shard-0.3-8.manifest", "shard-0.3-8.1.record"])
        {
            var path = Path.Combine(_folder.Path, name);
            var whole = File.ReadAllBytes(path);
            for (var at = 0; at < whole.Length; at++)
            {
                Refused(path, whole[..at]);
                var altered = (byte[])whole.Clone();
                altered[at] ^= (byte)(1 << (at % 8));
                Refused(path, altered);
            }

            File.WriteAllBytes(path, whole);
        }

        Assert.NotNull(new FileShardStore(_folder.Path).Load(new ShardId(0)));
    }

    [Fact]
    public void A_record_of_an_older_version_is_refused_with_the_reason()
    {
        new FileShardStore(_folder.Path).Save(Record(4), s_term);
        var path = Path.Combine(_folder.Path, "shard-0.3-8.manifest");
        File.WriteAllText(path, File.ReadAllText(path).Replace("twotower-shard-3", "twotower-shard-2", StringComparison.Ordinal));

        var refused = Assert.Throws<StorageException>(() => new FileShardStore(_folder.Path).Load(new ShardId(0)));

        Assert.Contains("another version of the program wrote it", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_older_record_does_not_replace_a_newer()
    {
        var store = new FileShardStore(_folder.Path);
        store.Save(Record(6), s_term);

        Assert.Contains("set back", Assert.Throws<StorageException>(() => store.Save(Record(4), s_term)).Message, StringComparison.Ordinal);
        Assert.Equal(6, store.Load(new ShardId(0))!.Counters.Pushes);
    }

    [Fact]
    public void A_late_save_of_a_host_whose_place_another_has_taken_is_refused_whichever_of_them_knows_more()
    {
        var (old, next) = (new FileShardStore(_folder.Path), new FileShardStore(_folder.Path));
        Assert.Equal(s_term, old.Claim(new ShardId(0), s_term));
        old.Save(Record(4), s_term);

        Assert.Equal(s_next, next.Claim(new ShardId(0), s_next));
        Assert.Contains("another host's", Assert.Throws<StorageException>(() => old.Save(Record(5), s_term)).Message,
            StringComparison.Ordinal);
        Assert.Equal(4, next.Load(new ShardId(0))!.Counters.Pushes);
        next.Save(Record(5), s_next);
        Assert.Throws<StorageException>(() => old.Save(Record(7), s_term));

        Assert.Equal(5, next.Load(new ShardId(0))!.Counters.Pushes);
        Assert.Equal(s_next, old.Claim(new ShardId(0), s_term)); // it learns that it is not the shard
        Assert.Equal(s_next, old.Claim(new ShardId(0), s_next));
        Assert.All(Directory.GetFiles(_folder.Path), path => Assert.Contains(".4-5.", path, StringComparison.Ordinal));
    }

    [Fact]
    public void What_a_host_was_writing_when_another_took_its_place_is_either_found_by_it_or_not_acknowledged() =>
        Gen.Select(Gen.Int[0, 300], Gen.Int[0, 300]).Sample(
            (first, second) =>
            {
                using var folder = new TemporaryFolder();
                var (old, next) = (new FileShardStore(folder.Path), new FileShardStore(folder.Path));
                old.Save(Record(4), s_term);
                var acknowledged = 4L;
                var writing = Task.Run(() =>
                {
                    Thread.SpinWait(first * 20);
                    try
                    {
                        for (var batches = 5; batches < 8; batches++)
                        {
                            old.Save(Record(batches), s_term);
                            acknowledged = batches;
                        }
                    }
                    catch (StorageException)
                    {
                        // It was late.
                    }
                });
                Thread.SpinWait(second * 20);
                next.Claim(new ShardId(0), s_next);
                var found = next.Load(new ShardId(0))!.Counters.Pushes;
                writing.GetAwaiter().GetResult();

                Assert.InRange(acknowledged, 4, found);
            },
            iter: 40, threads: 1);

    public void Dispose() => _folder.Dispose();

    /// <summary>As records were written before they went in pieces.</summary>
    private static byte[] InOnePiece(ShardRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new WireWriter(output);
        WireForm<ShardRecord>.Write(ref writer, record);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    private void Refused(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        Assert.Contains("damaged", Assert.Throws<StorageException>(() => new FileShardStore(_folder.Path, pieceBytes: 1 << 10)
            .Load(new ShardId(0))).Message, StringComparison.Ordinal);
    }

    private static ShardRecord Record(int batches) => SmallReplica.Undisturbed(SmallReplica.Blueprint("asp", Durability.Checkpoint(1)),
        batches).Save() with
    {
        Counters = new ShardCounters(20, 0, batches, 0, 0, 0),
    };
}
