using System.Collections.Concurrent;
using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Model.Evaluation;
using TwoTower.Tests.Protocol;

namespace TwoTower.Tests.Cluster.Wire;

/// <summary>Actors behind endpoints in two real systems: what is told to a link arrives, however long; what is long
/// does not hold up what is short.</summary>
public class EndpointSpecs
{
    [Fact]
    public async Task Long_and_short_messages_arrive_whole_and_are_answered_through_the_sender()
    {
        await using var systems = new RemoteSystems();
        var there = await Start(systems.There, "echo", echo: true);
        var here = await Start(systems.Here, "asker");
        var link = here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref));
        var rows = new[] { 0, 5, 4_000, 100_000 }.Select(Rows).ToArray();
        var texts = rows.Select(WireMessages.Describe).ToArray();

        foreach (var block in rows)
        {
            link.Tell(block);
        }

        await RemoteSystems.Until(() => here.Received.Count == rows.Length, "every answer");
        Assert.Equal(texts.Order(StringComparer.Ordinal), here.Received.Select(entry => WireMessages.Describe(entry.Message))
            .Order(StringComparer.Ordinal));
        Assert.Equal(texts[2..], here.Received.Select(entry => WireMessages.Describe(entry.Message))
            .Where(text => texts[2..].Contains(text)));
        Assert.All(here.Received, entry => Assert.Equal(link, entry.Sender));
        Assert.Empty(systems.Complaints);
    }

    [Fact]
    public async Task A_short_message_overtakes_a_long_one()
    {
        await using var systems = new RemoteSystems();
        var there = await Start(systems.There, "there");
        var here = await Start(systems.Here, "here");
        var link = here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref));

        link.Tell(Rows(400_000));
        link.Tell(new SnapshotProtocol.Taken(1));

        await RemoteSystems.Until(() => there.Received.Count == 2, "both");
        Assert.IsType<SnapshotProtocol.Taken>(there.Received.First().Message);
    }

    [Fact]
    public async Task What_is_on_its_way_is_known_from_when_it_was_told_until_the_other_has_all_of_it()
    {
        await using var systems = new RemoteSystems();
        var there = await Start(systems.There, "there");
        var here = await Start(systems.Here, "here");
        var link = here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref));

        link.Tell(Rows(400_000));
        here.Endpoint.AskTraffic(link, "at once");
        await RemoteSystems.Until(() => there.Received.Count == 1, "the message");
        await RemoteSystems.Until(
            () =>
            {
                here.Endpoint.AskTraffic(link, "later");
                return Told("later").Any(traffic => traffic.ToSend == 0);
            },
            "the last confirmation");

        Assert.InRange(Assert.Single(Told("at once")).ToSend, 400_000, long.MaxValue);
        Assert.All(Told("later"), traffic => Assert.InRange(traffic.Sent, 0, traffic.ToSend));

        IEnumerable<EndpointTraffic> Told(string about) => here.Received.Select(entry => entry.Message).OfType<EndpointTraffic>()
            .Where(traffic => traffic.About == about);
    }

    [Fact]
    public async Task In_one_system_a_message_is_handed_over_as_it_is_once_the_other_is_known_to_be_there()
    {
        await using var systems = new RemoteSystems();
        var echo = await Start(systems.Here, "echo", echo: true);
        var asker = await Start(systems.Here, "asker");
        var rows = Rows(100_000);

        asker.Endpoint.Link(echo.Ref).Tell(rows);
        await RemoteSystems.Until(() => asker.Received.Count == 1, "the answer");
        var answer = (ParameterProtocol.Rows)asker.Received.Single().Message;

        Assert.Same(((ParameterProtocol.Rows)echo.Received.Single().Message).Items.Values, answer.Items.Values);
    }

    [Fact]
    public async Task Watching_a_link_tells_of_the_end_of_the_other_by_the_link()
    {
        await using var systems = new RemoteSystems();
        var there = await Start(systems.There, "there");
        var here = await Start(systems.Here, "here");
        var link = here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref));
        here.Inner.Tell(new Watching(link));
        await RemoteSystems.Until(() => !here.Received.IsEmpty, "the watch");

        there.Inner.Tell(PoisonPill.Instance);

        await RemoteSystems.Until(() => here.Received.Any(entry => entry.Message is Terminated), "the news");
        Assert.Equal(link, here.Received.Select(entry => entry.Message).OfType<Terminated>().Single().ActorRef);
    }

    [Fact]
    public async Task The_inner_actors_end_ends_the_endpoint_after_its_last_long_message_is_out()
    {
        await using var systems = new RemoteSystems();
        var there = await Start(systems.There, "there");
        var here = await Start(systems.Here, "here");
        var ended = here.Ref.WatchAsync().WaitAsync(TimeSpan.FromSeconds(20));

        here.Inner.Tell(new LastWord(here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref)), Rows(200_000)));

        Assert.True(await ended);
        await RemoteSystems.Until(() => there.Received.Count == 1, "the last word");
    }

    [Fact]
    public async Task A_poisoned_endpoint_stops_its_inner_actor_and_other_messages_pass_to_it_with_their_sender()
    {
        await using var systems = new RemoteSystems();
        var here = await Start(systems.Here, "here");
        var region = await Start(systems.Here, "entity");
        region.Ref.Tell("anything", here.Ref);
        await RemoteSystems.Until(() => region.Received.Count == 1, "it");

        Assert.All(region.Received, entry => Assert.Same(here.Ref, entry.Sender));
        var ended = region.Inner.WatchAsync().WaitAsync(TimeSpan.FromSeconds(20));
        region.Ref.Tell(PoisonPill.Instance);
        Assert.True(await ended);
    }

    [Fact]
    public async Task A_message_to_somebody_who_is_gone_is_given_up_and_the_next_receiver_gets_the_next_one()
    {
        await using var systems = new RemoteSystems();
        var options = new EndpointOptions { StallSeconds = 1 };
        var gone = await Start(systems.There, "gone");
        var there = await Start(systems.There, "there");
        var here = await Start(systems.Here, "here", options: options);
        var ended = gone.Ref.WatchAsync().WaitAsync(TimeSpan.FromSeconds(20));
        gone.Inner.Tell(PoisonPill.Instance);
        Assert.True(await ended);

        here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, gone.Ref)).Tell(Rows(200_000));
        here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref)).Tell(Rows(100_000));

        await RemoteSystems.Until(() => there.Received.Count == 1, "the message to the living");
        await RemoteSystems.Until(() => systems.Complaints.Any(complaint => complaint.Contains("given up", StringComparison.Ordinal)),
            "the time-out");
    }

    [Fact]
    public async Task A_message_that_can_never_be_delivered_is_told_of_with_its_reason_on_the_senders_side()
    {
        await using var systems = new RemoteSystems();
        var there = await Start(systems.There, "there", options: new EndpointOptions { LongestMessage = 1_000_000 });
        var here = await Start(systems.Here, "here");
        var link = here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref));
        var told = new ConcurrentQueue<(object Message, IActorRef Sender)>();
        systems.Here.EventStream.Subscribe(systems.Here.ActorOf(Props.Create(() => new RemoteSystems.Inbox(told))), typeof(Undeliverable));
        async Task<string> Reason(object message)
        {
            told.Clear();
            link.Tell(message);
            await RemoteSystems.Until(() => !told.IsEmpty, "the word of it");
            return Assert.IsType<Undeliverable>(told.Single().Message).Reason;
        }

        Assert.Contains("longer than the 1000000 there may be", await Reason(Rows(100_000)), StringComparison.Ordinal);
        Assert.Contains("are not rows of",
            await Reason(new LeaseProtocol.RankingGiven(new WorkerId(0), 1, 2, 3, Depth: 7, new int[50_000])), StringComparison.Ordinal);
        Assert.Contains("counted and not there",
            await Reason(new ParameterProtocol.Rows(new ShardId(0), new WorkerId(0), 1, 1, RowBlock.Counted(1000, 64),
            RowBlock.Counted(1000, 64))), StringComparison.Ordinal);
        Assert.Contains("has no form on the wire", await Reason(new Watching(link)), StringComparison.Ordinal);
        link.Tell(Rows(10_000));
        await RemoteSystems.Until(() => there.Received.Count == 1, "what can be delivered");
        Assert.Single(told);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    public async Task Long_messages_of_every_kind_arrive_whole_when_they_are_held_in_many_small_arrays(int segment)
    {
        await using var systems = new RemoteSystems();
        var options = new EndpointOptions { SegmentBytes = segment };
        var there = await Start(systems.There, "there", echo: true, options);
        var here = await Start(systems.Here, "here", options: options);
        var link = here.Endpoint.Link(RemoteSystems.Over(systems.Here, systems.There, there.Ref));
        var rows = new Random(1);
        float[] Floats(int count) => [.. Enumerable.Range(0, count).Select(_ => rows.NextSingle())];
        var table = new TableRecord(new TableImage(Floats(150_000), [Floats(150_000), Floats(1000)], [1, 2, 3]), [4, 5], [0],
            Floats(50_000));
        var record = new ShardRecord(new ShardId(1), table, table, 2, 3, [7], 4, [(1, 2L)], 5, default, new StalenessCounts());
        object[] messages =
        [
            new SnapshotProtocol.Part(new ShardId(1), 3, 3, false, Floats(200_000), Floats(100_000)),
            new StateProtocol.Image(new ShardId(1), 3, 3, false, table.State, table.State, default, new StalenessCounts()),
            new ReplicaProtocol.Install(new ShardId(1), new Term(1, 2), 3, record),
            new ReplicaProtocol.Held(new ShardId(1), new Term(1, 2), "there", new Term(1, 1), 3, record),
            new SnapshotProtocol.Evaluated(
                new EvaluationReport(1, 3, new RankingResult(RankingProtocol.Masked, [1], new Dictionary<string, double[]>(),
                    new SortedDictionary<int, double>()), new RankingResult(RankingProtocol.Raw, [1], new Dictionary<string, double[]>(),
                    new SortedDictionary<int, double>()), 2),
                new ModelSnapshot(3, Floats(300_000), Floats(30_000))),
        ];

        foreach (var message in messages)
        {
            link.Tell(message);
        }

        await RemoteSystems.Until(() => here.Received.Count == messages.Length, "every answer");
        Assert.Equal(messages.Select(WireMessages.Describe), here.Received.Select(entry => WireMessages.Describe(entry.Message)));
        Assert.Empty(systems.Complaints);
    }

    [Fact]
    public async Task Links_to_one_target_are_equal_and_links_to_its_shards_are_not()
    {
        await using var systems = new RemoteSystems();
        var here = await Start(systems.Here, "here");
        var other = await Start(systems.Here, "other");
        var link = here.Endpoint.Link(other.Ref);

        Assert.Equal(link, here.Endpoint.Link(other.Ref));
        Assert.NotEqual(link, here.Endpoint.Link(other.Ref, new ShardId(0)));
        Assert.NotEqual(here.Endpoint.Link(other.Ref, new ShardId(1)), here.Endpoint.Link(other.Ref, new ShardId(0)));
        Assert.NotEqual(link, other.Endpoint.Link(other.Ref));
        Assert.Same(here.Endpoint.Link(link), link);
    }

    private static ParameterProtocol.Rows Rows(int count)
    {
        var random = new Random(count);
        var items = RowBlock.Rent(RowKeys.Rent(count), 8);
        for (var n = 0; n < count; n++)
        {
            (items.Keys.Array[n], items.Versions[n]) = (random.Next(), random.Next());
        }

        for (var n = 0; n < count * 8; n++)
        {
            items.Values[n] = random.NextSingle();
        }

        return new ParameterProtocol.Rows(new ShardId(1), new WorkerId(2), 3, 4, RowBlock.Rent(RowKeys.Rent(0), 8), items);
    }

    private static async Task<Party> Start(ActorSystem system, string name, bool echo = false, EndpointOptions? options = null)
    {
        var received = new ConcurrentQueue<(object Message, IActorRef Sender)>();
        var started = new TaskCompletionSource<(IEndpoint Endpoint, IActorRef Inner)>();
        var endpoint = system.ActorOf(
            EndpointActor.Props(options ?? new EndpointOptions(),
                endpoint => Props.Create(() => new Inner(endpoint, received, echo, started)), "inner"), name);
        var (link, inner) = await started.Task.WaitAsync(TimeSpan.FromSeconds(10));
        return new Party(endpoint, link, inner, received);
    }

    private sealed record Party(IActorRef Ref, IEndpoint Endpoint, IActorRef Inner,
        ConcurrentQueue<(object Message, IActorRef Sender)> Received);

    private sealed record Watching(IActorRef Other);

    private sealed record LastWord(IActorRef To, object Message);

    private sealed class Inner : ReceiveActor
    {
        public Inner(IEndpoint endpoint, ConcurrentQueue<(object Message, IActorRef Sender)> received, bool echo,
            TaskCompletionSource<(IEndpoint Endpoint, IActorRef Inner)> started)
        {
            started.SetResult((endpoint, Self));
            Receive<LastWord>(word =>
            {
                word.To.Tell(word.Message);
                Context.Stop(Self);
            });
            ReceiveAny(message =>
            {
                if (message is Watching watching)
                {
                    Context.Watch(watching.Other);
                }

                received.Enqueue((message, Sender));
                if (echo)
                {
                    Sender.Tell(message);
                }
            });
        }
    }
}
