using TwoTower.Actors.Simulation.Clusters;
using static TwoTower.Tests.Cluster.Contract.Happening;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>What our actors may count on, of Akka's cluster as of the simulator's model of it.</summary>
public abstract partial class ClusterContract
{
    private static readonly ClusterTimes s_times = new();
    private readonly Stories _stories;

    private protected ClusterContract(Stories stories) => _stories = stories;

    /// <summary>Whether a node that ends tells of the end of its membership always, not only where there is time for it.</summary>
    private protected abstract bool TellsToTheEnd { get; }

    /// <summary>Seconds by which two actors of a node may learn of one thing apart.</summary>
    private protected abstract double Slack { get; }

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
            Assert.All(["trainer", "server-1", "server-2"], node => Assert.Equal([Leaving, Exiting, Removed], Known(diary, node, "server-0")
                .Where(what => what is not Unreachable)));
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
                Assert.InRange(diary.First(node, Unreachable, "server-1") - diary.At("killed"), s_times.HeartbeatPause - s_times.Heartbeat,
                    double.MaxValue);
                Assert.InRange(diary.First(node, Down, "server-1") - Among(diary, Unreachable, "server-1"), s_times.StableAfter - Slack,
                    double.MaxValue);
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
                Assert.Equal([Unreachable, Down, Removed], Known(diary, node, "server-1").OrderBy(what => what is not Unreachable)
                    .ThenBy(what => what));
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
            Assert.InRange(diary.First("server-0", Down, "server-0") - Math.Max(diary.First("server-0", Unreachable, "trainer"),
                diary.First("server-0", Unreachable, "server-1.2")), s_times.StableAfter - Slack, double.MaxValue);
            Assert.DoesNotContain(Down, diary.Told("server-0", "trainer"));
        }
    }

    /// <summary>Akka's nodes end while they tell it, so that it may be cut short; the model's tell it always.</summary>
    [Fact]
    public async Task One_that_leaves_or_is_downed_may_be_told_that_everybody_is_removed_and_nothing_else()
    {
        foreach (var (node, diary) in (await _stories.Everyday)
            .SelectMany(diary => new[] { ("server-0", diary), ("server-2", diary), ("trainer", diary) })
            .Concat((await _stories.Deaths).Select(diary => ("server-0", diary))))
        {
            Assert.All(diary.Notes.SkipWhile(note => note.Node != node || note.About != node || note.What is not (Exiting or Down)).Skip(1)
                .Where(note => note.Node == node && note.What <= Unreachable), note => Assert.Equal(Removed, note.What));
            Assert.True(!TellsToTheEnd || diary.Told(node, node)[^1] == Removed);
        }
    }

    [Fact]
    public async Task The_singleton_of_one_that_is_downed_ends_before_it_is_told_that_everybody_is_removed()
    {
        foreach (var diary in await _stories.Deaths)
        {
            var stay = Assert.Single(diary.Stays(ContractNode.Singleton));
            Assert.InRange(stay.Ended, diary.First("server-0", Down, "server-0") - Slack,
                diary.First("server-0", Removed, "server-0") + Slack);
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

    /// <summary>What a node was told of another once both were up.</summary>
    private static IEnumerable<Happening> Known(Diary diary, string node, string about) => diary.Told(node, about)
        .Where(what => what is not (Joining or Up));

    /// <summary>When the first of those who live was told something.</summary>
    private static double Among(Diary diary, Happening what, string about) =>
        Math.Min(diary.First("trainer", what, about), diary.First("server-2", what, about));
}
