using Akka.Actor;
using TwoTower.Actors.Ids;
using static TwoTower.Tests.Cluster.Contract.ContractNode;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>What is done to clusters, and the diaries of it that the contract's facts are read from: a cluster takes seconds to come about,
/// so that facts share them.</summary>
public abstract class Stories
{
    /// <summary>Nodes that every story has.</summary>
    public static readonly NodeId First = NodeId.Trainer, S0 = NodeId.Server(0), S1 = NodeId.Server(1), S2 = NodeId.Server(2);

    /// <param name="worlds">Makes each world that a story is told in.</param>
    private protected Stories(IReadOnlyList<Func<IContractWorld>> worlds)
    {
        Everyday = Task.Run(() => TellAsync(worlds, LeaveAndDieAsync));
        Deaths = Task.Run(() => TellAsync(worlds, ComeBackAsync));
    }

    /// <summary>A cluster of four from its first node to its last: shards settle, the oldest server leaves, the next is killed, the last
    /// one leaves, and the first node after it.</summary>
    internal Task<IReadOnlyList<Diary>> Everyday { get; }

    /// <summary>A cluster of three: one is killed and comes back at once, another leaves before it knows that it is up,
    /// and then most are killed at once.</summary>
    internal Task<IReadOnlyList<Diary>> Deaths { get; }

    private static async Task<IReadOnlyList<Diary>> TellAsync(IReadOnlyList<Func<IContractWorld>> worlds, Func<IContractWorld, Task> story)
    {
        var diaries = new List<Diary>();
        foreach (var make in worlds)
        {
            await using var world = make();
            await story(world);
            diaries.Add(world.Diary);
        }

        return diaries;
    }

    private static async Task LeaveAndDieAsync(IContractWorld world)
    {
        var diary = world.Diary;
        var nodes = await StartAsync(world, First, S0, S1, S2);
        foreach (var node in nodes)
        {
            diary.Views[node.Label] =
                [.. node.Membership.Members.Select(member => $"{diary.LabelOf(member.Name)} at {member.Address} is {member.Status}")];
        }

        // What is told through its subscribers comes a little later than what is asked for.
        await world.UntilAsync(() => nodes.All(node => nodes.All(other => diary.Has(node.Label, Happening.Up, other.Label))),
            "everybody is told that everybody is up");
        diary.Writing = true;
        await world.UntilAsync(() => AllHear(nodes, 0) && On("server-0").Any() && On("server-1").Any(),
            "every shard is somewhere, and letters from everywhere arrive");

        // The oldest leaves, and its shards take their time.
        var its = On("server-0");
        diary.Hold();
        diary.Mark("leaves");
        world.Leave(S0);
        await world.UntilAsync(() => its.All(shard => diary.Has("server-0", Happening.HandedOff, shard, diary.At("leaves"))),
            "every shard of a region that leaves is told the hand-off message");
        diary.Mark("held");
        var rest = nodes.Where(node => node.Label != "server-0").ToArray();
        await world.UntilAsync(() => nodes.All(node => its.All(shard => diary.CountWritten(node.Label, shard, diary.At("held")) >= 3)),
            "everybody writes to shards that move");
        diary.Mark("released");
        diary.Release();
        await world.UntilAsync(() => world.HasEnded(S0), "a node that leaves ends");
        await world.UntilAsync(() => rest.All(node => diary.Has(node.Label, Happening.Removed, "server-0")),
            "a node that has left is removed");
        var left = diary.Mark("left");
        await world.UntilAsync(() => AllHear(rest, left), "letters from everybody else arrive when a node has left");

        // The next is killed. It may take a while until it has something to lose.
        await world.UntilAsync(() => On("server-1").Any(), "a shard is at the second server");
        var killed = diary.Mark("killed");
        await world.KillAsync(S1);
        await world.UntilAsync(() => diary.Has("trainer", Happening.Removed, "server-1") && diary.Has("server-2", Happening.Removed,
            "server-1"), "a node that was killed is removed");
        var removed = diary.Mark("removed");
        await world.UntilAsync(() => AllHear([rest[0], rest[2]], removed), "letters from those that live arrive when a node was killed");
        var recovered = diary.Mark("recovered");
        await world.UntilAsync(() => diary.CountWritten("trainer", Singleton, recovered) >= 3, "everybody writes on");
        diary.Writing = false;

        // The last but one, and the last.
        world.Leave(S2);
        await world.UntilAsync(() => world.HasEnded(S2) && diary.Has("trainer", Happening.Removed, "server-2"), "the last server leaves");
        world.Leave(First);
        await world.UntilAsync(() => world.HasEnded(First), "the last member leaves");
        diary.Mark("over");

        string[] On(string node) => [.. AllShards.Where(shard => diary.Home(shard) == node)];

        bool AllHear(IReadOnlyList<ContractNode> from, double since) =>
            from.All(node => AllShards.Append(Singleton).All(to => diary.HasHeard(to, node.Label, since)));
    }

    private static async Task ComeBackAsync(IContractWorld world)
    {
        var diary = world.Diary;
        var nodes = await StartAsync(world, First, S0, S1);
        var trainer = nodes[0];
        var (oldest, old) = (nodes[1], nodes[2]);
        foreach (var node in new[] { trainer, oldest })
        {
            trainer.Membership.ActorOn(trainer.PeerOf(node), "nobody").Tell(new Identify($"nobody on {node.Label}"), trainer.Subscriber);
            trainer.Membership.ActorOn(trainer.PeerOf(node), Recorder)
                .Tell(new Identify($"{Recorder} on {node.Label}"), trainer.Subscriber);
        }

        await world.UntilAsync(() => diary.Notes.Count(note => note.What is Happening.Found or Happening.NotFound) == 4,
            "every question after an actor is answered");

        diary.Writing = true;
        await world.UntilAsync(() => AllShards.Any(shard => diary.Home(shard) == old.Label)
            && AllShards.All(shard => diary.HasHeard(shard, "trainer", 0)), "every shard is somewhere");
        diary.Mark("killed");
        await world.KillAsync(S1);
        diary.Mark("back");
        var young = world.Start(S1);
        diary.Views["names"] = [old.Membership.Name, young.Membership.Name];
        diary.Views["addresses"] = [old.Membership.Address, young.Membership.Address];
        ContractNode[] living = [trainer, oldest, young];
        await world.UntilAsync(() => living.All(node => living.All(node.Sees) && !node.Knows(old)), "a node that comes back is let in");
        await world.UntilAsync(() => living.All(node => diary.Has(node.Label, Happening.Up, young.Label)),
            "everybody is told that it is up");

        var back = diary.Mark("up again");
        await world.UntilAsync(() => living.All(node => AllShards.All(shard => diary.HasHeard(shard, node.Label, back))),
            "letters from everybody arrive at every shard again");
        diary.Writing = false;

        var early = world.Start(S2);
        await world.UntilAsync(() => early.Knows(early), "a node joins");
        diary.Views["early"] = [$"{early.PeerOf(early).Status}"];
        world.Leave(S2);
        await world.UntilAsync(() => world.HasEnded(S2) && living.All(node => !node.Knows(early)), "a node that leaves early is gone");
        await world.UntilAsync(() => living.All(node => diary.Has(node.Label, Happening.Removed, early.Label)),
            "everybody is told that it is gone");

        // The oldest server is what is left, with the singleton.
        diary.Mark("most killed");
        await world.KillAsync(First, S1);
        await world.UntilAsync(() => world.HasEnded(S0), "the rest of a cluster whose majority is gone ends");
        diary.Mark("over");
    }

    /// <summary>Starts one after the other, so that they are as old as they stand.</summary>
    private static async Task<ContractNode[]> StartAsync(IContractWorld world, params NodeId[] ids)
    {
        var nodes = new List<ContractNode>();
        foreach (var id in ids)
        {
            nodes.Add(world.Start(id));
            await world.UntilAsync(() => nodes.All(node => nodes.All(node.Sees)), $"{id} is up");
        }

        return [.. nodes];
    }
}

/// <summary>Stories told by Akka's cluster, once each.</summary>
public sealed class AkkaStories() : Stories([() => new AkkaContractWorld()]);

/// <summary>Stories told by the simulator's model, with several seeds.</summary>
public sealed class SimulatedStories()
    : Stories([.. Enumerable.Range(1, 10).Select(seed => (Func<IContractWorld>)(() => new SimulatedContractWorld(seed)))]);
