using static TwoTower.Tests.Cluster.Contract.Happening;

namespace TwoTower.Tests.Cluster.Contract;

// Where singletons and shards are, and what becomes of messages for them meanwhile.
public abstract partial class ClusterContract
{
    [Fact]
    public async Task A_singleton_is_on_the_oldest_of_its_role_and_never_twice()
    {
        foreach (var diary in await _stories.Everyday)
        {
            var stays = diary.Stays(ContractNode.Singleton);
            Assert.Equal(["server-0", "server-1", "server-2"], stays.Select(stay => stay.Node));
            Assert.All(stays.Zip(stays.Skip(1)), pair => Assert.True(pair.First.Ended <= pair.Second.Began));
        }
    }

    [Fact]
    public async Task The_next_singleton_begins_promptly_when_its_node_left_and_after_the_margin_when_it_was_killed()
    {
        foreach (var diary in await _stories.Everyday)
        {
            var stays = diary.Stays(ContractNode.Singleton);
            Assert.InRange(stays[1].Began - stays[0].Ended, 0, s_times.StableAfter);
            Assert.True(stays[0].Ended >= diary.First("server-1", Exiting, "server-0") - Slack, "the next has not asked for it yet");
            Assert.InRange(stays[2].Began - diary.First("server-2", Removed, "server-1"), s_times.StableAfter - Slack, double.MaxValue);
        }
    }

    [Fact]
    public async Task What_is_written_to_a_singleton_while_it_is_nowhere_arrives_once()
    {
        foreach (var diary in await _stories.Everyday)
        {
            // From when it is known that there is none: what was on its way until then is gone with it.
            var (left, killed) = (diary.Stays(ContractNode.Singleton)[0].Ended + 0.3, Math.Max(diary.First("trainer", Removed, "server-1"),
                diary.First("server-2", Removed, "server-1")) + 0.3);
            Assert.DoesNotContain(diary.Astray([ContractNode.Singleton], left, diary.At("left")), letter => letter.From != "server-0");
            Assert.Empty(diary.Astray([ContractNode.Singleton], killed, diary.At("recovered")));
            Assert.Contains(diary.Letters, letter => letter.To == ContractNode.Singleton && letter.Seconds > killed
                && letter.Seconds < diary.Stays(ContractNode.Singleton)[2].Began);
        }
    }

    [Fact]
    public async Task A_shard_is_never_in_two_places_and_hears_every_node()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.All(ContractNode.AllShards, shard =>
            {
                var stays = diary.Stays(shard);
                Assert.All(stays.Zip(stays.Skip(1)), pair => Assert.True(pair.First.Ended <= pair.Second.Began, $"{shard}: {pair}"));
                Assert.All(["trainer", "server-0", "server-1", "server-2"], node => Assert.True(diary.HasHeard(shard, node, 0)));
            });
        }
    }

    [Fact]
    public async Task Shards_are_on_the_nodes_of_their_role_alone()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.DoesNotContain(diary.Notes, note => note.Node == "trainer" && note.What == Began);
        }
    }

    [Fact]
    public async Task Each_shard_of_one_that_leaves_is_told_to_hand_off_and_begins_elsewhere_when_it_has_stopped()
    {
        foreach (var diary in await _stories.Everyday)
        {
            var moved = Had(diary, "server-0", "leaves");
            Assert.NotEmpty(moved);
            Assert.All(moved, shard =>
            {
                Assert.True(diary.Has("server-0", HandedOff, shard, diary.At("leaves")));
                var (last, next) = Around(diary, shard, "server-0");
                Assert.True(last.Ended >= diary.At("released"));
                Assert.True(next.Node != "server-0" && next.Began >= last.Ended);
            });
        }
    }

    [Fact]
    public async Task What_is_written_to_a_shard_while_it_moves_arrives_once()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.Empty(diary.Astray(Had(diary, "server-0", "leaves"), diary.At("held"), diary.At("released")));
        }
    }

    [Fact]
    public async Task Shards_of_one_that_was_killed_begin_elsewhere_no_earlier_than_the_margin_after_its_removal()
    {
        foreach (var diary in await _stories.Everyday)
        {
            var lost = Had(diary, "server-1", "killed");
            Assert.NotEmpty(lost);
            Assert.All(lost, shard =>
            {
                Assert.DoesNotContain(diary.Notes, note => note.Node == "server-1" && note.What == HandedOff && note.About == shard
                    && note.Seconds >= diary.At("killed"));
                Assert.InRange(Around(diary, shard, "server-1").Next.Began - Among(diary, Removed, "server-1"),
                    s_times.RemovalMargin - Slack, double.MaxValue);
            });
        }
    }

    [Fact]
    public async Task Shards_of_one_that_was_killed_and_came_back_at_once_begin_no_earlier_than_the_margin_after_its_removal()
    {
        foreach (var diary in await _stories.Deaths)
        {
            var lost = Had(diary, "server-1", "killed");
            Assert.NotEmpty(lost);
            Assert.All(lost, shard => Assert.InRange(
                Around(diary, shard, "server-1").Next.Began - Math.Min(diary.First("trainer", Removed, "server-1"),
                    diary.First("server-0", Removed, "server-1")), s_times.RemovalMargin - Slack, double.MaxValue));
        }
    }

    /// <summary>Shards that a node had at a moment.</summary>
    private static string[] Had(Diary diary, string node, string moment) =>
        [.. ContractNode.AllShards.Where(shard => diary.Stays(shard)
            .Any(stay => stay.Node == node && stay.Began <= diary.At(moment) && stay.Ended >= diary.At(moment)))];

    /// <summary>A shard's last stay on a node, and its next one.</summary>
    private static (Diary.Stay Last, Diary.Stay Next) Around(Diary diary, string shard, string node)
    {
        var stays = diary.Stays(shard).ToList();
        var last = stays.FindLastIndex(stay => stay.Node == node);
        return (stays[last], stays[last + 1]);
    }
}
