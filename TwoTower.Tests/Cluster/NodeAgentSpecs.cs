using Akka.Actor;
using Akka.TestKit.Xunit2;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Hosting.Nodes;
using TwoTower.Actors.Protocol;

namespace TwoTower.Tests.Cluster;

/// <summary>What a node's agent makes of being refused.</summary>
public sealed class NodeAgentSpecs : TestKit
{
    private readonly TaskCompletionSource<NodeEnd> _done = new();
    private readonly IActorRef _agent;

    public NodeAgentSpecs()
    {
        var card = new NodeCard(AdmissionProtocol.Version, "n", string.Empty, [ClusterNode.Worker], 1, "aaaa", [], []);
        _agent = Sys.ActorOf(NodeAgent.Props(new NodeAgentBlueprint(card, new Alone(), TestActor, _ => { }, (_, _) => { }, (_, _) => [],
            RepeatSeconds: 3600, _done)
        { Farewell = TimeSpan.FromSeconds(1) }));
        ExpectMsg<AdmissionProtocol.Apply>();
    }

    [Fact]
    public async Task A_node_that_was_never_let_in_and_is_refused_is_of_no_use_however_often_it_is_started()
    {
        _agent.Tell(new AdmissionProtocol.Refused("n", "it has other data"));

        Assert.Equal((true, false), await EndAsync());
    }

    [Fact]
    public async Task A_node_that_was_let_in_and_is_refused_because_its_ids_are_anothers_is_of_use_again_when_it_is_started_again()
    {
        _agent.Tell(new AdmissionProtocol.Admitted("n", [5]));
        _agent.Tell(new AdmissionProtocol.Refused("n", "worker-5 is another node's by now"));

        Assert.Equal((false, true), await EndAsync());
    }

    [Fact]
    public async Task What_another_node_is_told_concerns_it_alone()
    {
        _agent.Tell(new AdmissionProtocol.Refused("another", "it has other data"));
        _agent.Tell(new AdmissionProtocol.Ended("n", "the run has failed"));
        ExpectMsg<AdmissionProtocol.EndKnown>();

        var end = await _done.Task.WaitAsync(SmallCluster.Limit);
        Assert.Equal(new NodeEnd("the run has failed"), end);
    }

    private async Task<(bool Refused, bool Again)> EndAsync()
    {
        var end = await _done.Task.WaitAsync(SmallCluster.Limit);
        return (end.Refused, end.Again);
    }

    /// <summary>The only member of its cluster.</summary>
    private sealed class Alone : IMembership
    {
        public string Name => "n#1";

        public string Address => "127.0.0.1:1";

        public TimeSpan RemovalMargin => TimeSpan.Zero;

        public IReadOnlyList<Peer> Members => [new Peer(Name, Address, [ClusterNode.Worker], PeerStatus.Up)];

        public void Subscribe(IActorRef subscriber)
        {
            // Nobody comes and nobody goes.
        }

        public void WhenUp(Action action) => action();

        public ICanTell ActorOn(Peer peer, string name) => ActorRefs.Nobody;

        public bool LivesOn(IActorRef actor, Peer peer) => true;
    }
}
