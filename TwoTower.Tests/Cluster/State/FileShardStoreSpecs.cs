using CsCheck;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol;
using TwoTower.Model.Storage;
using TwoTower.Node.Clusters;
using TwoTower.Tests.Cluster.Replication;
using TwoTower.Tests.Data;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Cluster.State;

/// <summary>A shard's record comes back from the disk as it was saved, or is refused; never another.</summary>
public sealed class FileShardStoreSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_record_comes_back_as_it_was_saved() =>
        WireMessages.Records.Sample(
            record =>
            {
                using var folder = new TemporaryFolder();
                new FileShardStore(folder.Path).Save(record);

                Assert.Equal(WireMessages.Describe(record), WireMessages.Describe(new FileShardStore(folder.Path).Load(record.Shard)));
            },
            iter: 30, threads: 1);

    [Fact]
    public void A_shard_that_was_never_saved_has_no_record() => Assert.Null(new FileShardStore(_folder.Path).Load(new ShardId(0)));

    [Fact]
    public void Shards_do_not_mix_and_the_newest_counts()
    {
        var store = new FileShardStore(_folder.Path);
        for (var batches = 1; batches <= 5; batches++)
        {
            store.Save(Record(batches));
            store.Save(Record(batches + 1) with { Shard = new ShardId(1) });
        }

        Assert.Equal(WireMessages.Describe(Record(5)), WireMessages.Describe(store.Load(new ShardId(0))));
        Assert.Equal(new ShardId(1), store.Load(new ShardId(1))!.Shard);
        Assert.Equal(6, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void A_crash_while_a_record_is_written_leaves_the_one_before()
    {
        var store = new FileShardStore(_folder.Path);
        store.Save(Record(4));
        var manifest = File.ReadAllBytes(Path.Combine(_folder.Path, "shard-0.manifest"));
        store.Save(Record(6));
        var newest = Path.Combine(_folder.Path, "shard-0.1.record");

        // The manifest comes last, so before it there is a record that is cut anywhere.
        File.WriteAllBytes(Path.Combine(_folder.Path, "shard-0.manifest"), manifest);
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
        new FileShardStore(_folder.Path).Save(Record(4));
        foreach (var name in new[] { "shard-0.manifest", "shard-0.0.record" })
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
    public void An_older_record_does_not_replace_a_newer()
    {
        var store = new FileShardStore(_folder.Path);
        store.Save(Record(6));

        Assert.Contains("set back", Assert.Throws<StorageException>(() => store.Save(Record(4))).Message, StringComparison.Ordinal);
        Assert.Equal(6, store.Load(new ShardId(0))!.Counters.Pushes);
    }

    public void Dispose() => _folder.Dispose();

    private void Refused(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        Assert.Contains("damaged", Assert.Throws<StorageException>(() => new FileShardStore(_folder.Path).Load(new ShardId(0))).Message, StringComparison.Ordinal);
    }

    private static ShardRecord Record(int batches) => SmallReplica.Undisturbed(SmallReplica.Blueprint("asp", Durability.Checkpoint(1)), batches).Save() with
    {
        Counters = new ShardCounters(20, 0, batches, 0, 0, 0),
    };
}
