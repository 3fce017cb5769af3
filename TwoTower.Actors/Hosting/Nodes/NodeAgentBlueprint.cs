using Akka.Actor;
using TwoTower.Actors.Hosting.Membership;
using TwoTower.Actors.Protocol;

namespace TwoTower.Actors.Hosting.Nodes;

/// <summary>What a node's agent needs.</summary>
/// <param name="Card">What the node says of itself; the address is filled in by the agent.</param>
/// <param name="Membership">The members as the node sees them.</param>
/// <param name="Coordinator">The way to the coordinator, wherever it is.</param>
/// <param name="OpenShards">Starts the shard region or its proxy; once, after the node was admitted.</param>
/// <param name="FindShards">Has every shard looked for, and the agent told <see cref="NodeAgent.ShardsFound"/>, and
/// <see cref="TwoTower.Actors.Protocol.StateProtocol.Recovered"/> of those that begin anew.</param>
/// <param name="StartWorkers">Starts the node's workers with these ids, and says whom to tell to drain.</param>
/// <param name="RepeatSeconds">Seconds between two requests to take part.</param>
/// <param name="Done">Is told when the run is over, or that the node is refused.</param>
internal sealed record NodeAgentBlueprint(
    NodeCard Card, IMembership Membership, IActorRef Coordinator, Action<IActorContext> OpenShards, Action<IActorContext, int> FindShards,
    Func<IActorContext, IReadOnlyList<int>, IReadOnlyList<IActorRef>> StartWorkers,
    double RepeatSeconds, TaskCompletionSource<NodeEnd> Done)
{
    /// <summary>Is told what a person should know.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>How long the node waits to hear that all know of the end.</summary>
    public required TimeSpan Farewell { get; init; }
}

/// <summary>Why a node has nothing more to do.</summary>
/// <param name="Failure">What went wrong in the run, or empty.</param>
/// <param name="Refused">Whether the node was not let in.</param>
/// <param name="Again">Whether the node may take part again once it is started again.</param>
internal sealed record NodeEnd(string Failure, bool Refused = false, bool Again = false);
