using TwoTower.Actors.Simulation.Clusters;
using static TwoTower.Tests.Cluster.Contract.Happening;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>What our actors may count on, of Akka's cluster as of the simulator's model of it.</summary>
public abstract class ClusterContract
{
    private static readonly ClusterTimes s_times = new();
    private readonly Stories _stories;

    private protected ClusterContract(Stories stories) => _stories = stories;

    /// <summary>Whether a node that ends tells of the end of its membership always, not only where there is time for it.</summary>
    private protected abstract bool TellsToTheEnd { get; }

    [Fact]
    public async Task What_a_subscriber_is_told_of_a_member_never_goes_back()
    {
        foreach (var diary in (await _stories.Everyday).Concat(await _stories.Deaths))
        {
            foreach (var told in diary.Notes.Where(note => note.What <= Removed).GroupBy(note => (note.Node, note.About)))
            {
                Assert.Equal(told.Select(note => note.What).Distinct().Order(), told.Select(note => note.What));
            }
        }
    }

    [Fact]
    public async Task A_member_is_joining_before_it_is_up_and_those_who_were_there_are_told_both()
    {
        foreach (var diary in await _stories.Everyday)
        {
            string[] nodes = ["trainer", "server-0", "server-1", "server-2"];
            for (var there = 0; there < nodes.Length; there++)
            {
                // The first finds itself up.
                for (var comes = Math.Max(1, there); comes < nodes.Length; comes++)
                {
                    Assert.Equal([Joining, Up], diary.Told(nodes[there], nodes[comes]).Take(2));
                }
            }
        }
    }

    [Fact]
    public async Task All_nodes_have_the_same_members_in_the_same_order()
    {
        foreach (var diary in await _stories.Everyday)
        {
            var views = diary.Views.Values.ToArray();
            Assert.Equal(4, views.Length);
            Assert.Equal(4, views[0].Length);
            Assert.All(views, view => Assert.Equal(views[0], view));
        }
    }

    [Fact]
    public async Task One_that_leaves_is_told_as_leaving_exiting_and_removed_and_never_as_down()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.All(["trainer", "server-1", "server-2"], node => Assert.Equal([Leaving, Exiting, Removed], Known(diary, node, "server-0").Where(what => what is not Unreachable)));
            Assert.Equal([Leaving, Exiting, Removed], Known(diary, "trainer", "server-2").Where(what => what is not Unreachable));
        }
    }

    [Fact]
    public async Task One_that_is_killed_is_told_as_unreachable_down_and_removed_once_each()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.All(["trainer", "server-2"], node => Assert.Equal([Unreachable, Down, Removed], Known(diary, node, "server-1")));
        }
    }

    [Fact]
    public async Task One_that_is_killed_is_given_up_when_it_has_been_out_of_sight_and_the_members_were_stable_for_their_times()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.All(["trainer", "server-2"], node =>
            {
                Assert.InRange(diary.First(node, Unreachable, "server-1") - diary.At("killed"), s_times.HeartbeatPause - s_times.Heartbeat, double.MaxValue);
                Assert.InRange(diary.First(node, Down, "server-1") - Among(diary, Unreachable, "server-1"), s_times.StableAfter - 0.1, double.MaxValue);
            });
        }
    }

    [Fact]
    public async Task One_that_is_started_again_has_the_same_address_and_another_name()
    {
        foreach (var diary in await _stories.Deaths)
        {
            Assert.Single(diary.Views["addresses"].Distinct());
            Assert.Equal(2, diary.Views["names"].Distinct().Count());
        }
    }

    [Fact]
    public async Task The_earlier_life_of_one_that_is_started_again_is_removed_before_it_comes_and_before_anybody_could_have_given_it_up()
    {
        foreach (var diary in await _stories.Deaths)
        {
            Assert.All(["trainer", "server-0"], node =>
            {
                Assert.Equal([Unreachable, Down, Removed], Known(diary, node, "server-1").OrderBy(what => what is not Unreachable).ThenBy(what => what));
                Assert.InRange(diary.First(node, Removed, "server-1"), diary.At("back"), diary.First(node, Joining, "server-1.2"));
                Assert.InRange(diary.First(node, Removed, "server-1") - diary.At("back"), 0, s_times.HeartbeatPause + s_times.StableAfter);
                Assert.Equal([Joining, Up], diary.Told(node, "server-1.2").Take(2));
            });
        }
    }

    [Fact]
    public async Task One_that_leaves_before_it_knows_that_it_is_up_ends_and_never_has_anything()
    {
        foreach (var diary in await _stories.Deaths)
        {
            Assert.Equal(["Joining"], diary.Views["early"]);
            Assert.DoesNotContain(diary.Notes, note => note.Node == "server-2" && note.What == Began);
            Assert.All(["trainer", "server-0", "server-1.2"], node => Assert.DoesNotContain(Down, diary.Told(node, "server-2")));
        }
    }

    [Fact]
    public async Task The_last_member_that_leaves_ends()
    {
        foreach (var diary in await _stories.Everyday)
        {
            Assert.True(diary.At("over") > 0); // the story waits for it
            Assert.DoesNotContain(Down, diary.Told("trainer", "trainer"));
        }
    }

    [Fact]
    public async Task The_rest_of_a_cluster_whose_majority_was_killed_downs_itself_when_the_resolver_is_sure()
    {
        foreach (var diary in await _stories.Deaths)
        {
            Assert.Contains(Unreachable, diary.Told("server-0", "trainer"));
            Assert.Contains(Unreachable, diary.Told("server-0", "server-1.2"));
            Assert.InRange(diary.First("server-0", Down, "server-0") - Math.Max(diary.First("server-0", Unreachable, "trainer"), diary.First("server-0", Unreachable, "server-1.2")), s_times.StableAfter - 0.1, double.MaxValue);
            Assert.DoesNotContain(Down, diary.Told("server-0", "trainer"));
        }
    }

    /// <summary>Akka's nodes end while they tell it, so that it may be cut short; the model's tell it always.</summary>
    [Fact]
    public async Task One_that_leaves_or_is_downed_may_be_told_that_everybody_is_removed_and_nothing_else()
    {
        foreach (var (node, diary) in (await _stories.Everyday).SelectMany(diary => new[] { ("server-0", diary), ("server-2", diary), ("trainer", diary) }).Concat((await _stories.Deaths).Select(diary => ("server-0", diary))))
        {
            Assert.All(diary.Notes.SkipWhile(note => note.Node != node || note.About != node || note.What is not (Exiting or Down)).Skip(1).Where(note => note.Node == node && note.What <= Unreachable), note => Assert.Equal(Removed, note.What));
            Assert.True(!TellsToTheEnd || diary.Told(node, node)[^1] == Removed);
        }
    }

    [Fact]
    public async Task The_singleton_of_one_that_is_downed_ends_before_it_is_told_that_everybody_is_removed()
    {
        foreach (var diary in await _stories.Deaths)
        {
            var stay = Assert.Single(diary.Stays(ContractNode.Singleton));
            Assert.InRange(stay.Ended, diary.First("server-0", Down, "server-0"), diary.First("server-0", Removed, "server-0"));
        }
    }

    [Fact]
    public async Task A_question_after_an_actor_that_there_is_none_of_is_answered_so_and_one_after_one_that_is_there_too()
    {
        foreach (var diary in await _stories.Deaths)
        {
            Assert.All(["trainer", "server-0"], node =>
            {
                Assert.True(diary.Has("trainer", NotFound, $"nobody on {node}"));
                Assert.True(diary.Has("trainer", Found, $"{ContractNode.Recorder} on {node}"));
            });
        }
    }

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
            Assert.True(stays[0].Ended >= diary.First("server-1", Exiting, "server-0"), "the next has not asked for it yet");
            Assert.InRange(stays[2].Began - diary.First("server-2", Removed, "server-1"), s_times.StableAfter - 0.1, double.MaxValue);
        }
    }

    [Fact]
    public async Task What_is_written_to_a_singleton_while_it_is_nowhere_arrives_once()
    {
        foreach (var diary in await _stories.Everyday)
        {
            // From when it is known that there is none: what was on its way until then is gone with it.
            var (left, killed) = (diary.Stays(ContractNode.Singleton)[0].Ended + 0.3, Math.Max(diary.First("trainer", Removed, "server-1"), diary.First("server-2", Removed, "server-1")) + 0.3);
            Assert.DoesNotContain(diary.Astray([ContractNode.Singleton], left, diary.At("left")), letter => letter.From != "server-0");
            Assert.Empty(diary.Astray([ContractNode.Singleton], killed, diary.At("recovered")));
            Assert.Contains(diary.Letters, letter => letter.To == ContractNode.Singleton && letter.Seconds > killed && letter.Seconds < diary.Stays(ContractNode.Singleton)[2].Began);
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
            Assert.DoesNotContain(diary.Astray(Had(diary, "server-0", "leaves"), diary.At("held"), diary.At("released")), letter => letter.From != "server-0");
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
                Assert.DoesNotContain(diary.Notes, note => note.Node == "server-1" && note.What == HandedOff && note.About == shard && note.Seconds >= diary.At("killed"));
                Assert.InRange(Around(diary, shard, "server-1").Next.Began - Among(diary, Removed, "server-1"), s_times.RemovalMargin - 0.1, double.MaxValue);
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
                Around(diary, shard, "server-1").Next.Began - Math.Min(diary.First("trainer", Removed, "server-1"), diary.First("server-0", Removed, "server-1")), s_times.RemovalMargin - 0.1, double.MaxValue));
        }
    }

    /// <summary>What a node was told of another once both were up.</summary>
    private static IEnumerable<Happening> Known(Diary diary, string node, string about) => diary.Told(node, about).Where(what => what is not (Joining or Up));

    /// <summary>When the first of those who live was told something.</summary>
    private static double Among(Diary diary, Happening what, string about) => Math.Min(diary.First("trainer", what, about), diary.First("server-2", what, about));

    /// <summary>Shards that a node had at a moment.</summary>
    private static string[] Had(Diary diary, string node, string moment) =>
        [.. ContractNode.AllShards.Where(shard => diary.Stays(shard).Any(stay => stay.Node == node && stay.Began <= diary.At(moment) && stay.Ended >= diary.At(moment)))];

    /// <summary>A shard's last stay on a node, and its next one.</summary>
    private static (Diary.Stay Last, Diary.Stay Next) Around(Diary diary, string shard, string node)
    {
        var stays = diary.Stays(shard).ToList();
        var last = stays.FindLastIndex(stay => stay.Node == node);
        return (stays[last], stays[last + 1]);
    }
}
