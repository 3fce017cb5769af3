using System.Security.Cryptography;
using Akka.Actor;
using TwoTower.Actors.Hosting.Endpoints;
using TwoTower.Actors.Ids;
using TwoTower.Actors.ParameterServer;
using TwoTower.Actors.Protocol.Reports;
using TwoTower.Actors.Work;

namespace TwoTower.Actors.Hosting.Replication;

/// <summary>What the host of a shard needs.</summary>
/// <param name="Id">Which shard.</param>
/// <param name="Shard">What the shard is made from.</param>
/// <param name="Store">Where durability checkpoint:N keeps it, on a folder that all servers see; or null.</param>
/// <param name="Work">Runs the writing.</param>
/// <param name="Link">How to talk to an actor on another node: <c>endpoint.Link</c>.</param>
/// <param name="ServerWatch">Tells who the servers are.</param>
/// <param name="Local">The server that the host is on.</param>
internal sealed record ShardHostBlueprint(
    ShardId Id, ShardBlueprint Shard, IShardStore? Store, ITimedWork Work, Func<IActorRef, IActorRef> Link, IActorRef ServerWatch,
    ServerRef Local)
{
    /// <summary>Is told what a person should know.</summary>
    public Action<string> Say { get; init; } = _ => { };

    /// <summary>Is called when the shard answers requests.</summary>
    public Action Began { get; init; } = () => { };

    /// <summary>Is called when the shard has taken pushes, with how many since the host began.</summary>
    public Action<long> Took { get; init; } = _ => { };

    /// <summary>Is called with how many copies there are on other servers, and since when too few, in seconds of the scheduler's clock;
    /// null when there are enough.</summary>
    public Action<ShardCopies, double?> Copies { get; init; } = (_, _) => { };

    /// <summary>Is called when the host stops.</summary>
    public Action Ended { get; init; } = () => { };

    /// <summary>Whether a majority of the cluster is in sight: without one no push is taken and none is acknowledged.</summary>
    public Func<bool> HoldsMajority { get; init; } = () => true;

    /// <summary>Draws a number above 0 that tells this host from every other.</summary>
    public Func<long> NewLife { get; init; } = DrawLife;

    /// <summary>A number above 0 that no other life has, whichever process it is in: what a seed gives would come again.</summary>
    internal static long DrawLife() => 1 + (BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & (long.MaxValue >> 1));

    /// <summary>Is told that the shard has been waiting for a majority for longer than a moment, and that it does so no more.</summary>
    public Action<bool> WaitsForMajority { get; init; } = _ => { };

    /// <summary>Asks what long messages are on their way to a server and from it: its way, its name, and who is to be told
    /// <see cref="EndpointTraffic"/>. Where messages have no length, none.</summary>
    public Action<IActorRef, string, IActorRef> AskTraffic { get; init; } = (_, server, host) => host.Tell(EndpointTraffic.None(server));

    /// <summary>How long is waited for what.</summary>
    public ReplicationTimes Times { get; init; } = new();
}

/// <summary>How long a host waits, in seconds.</summary>
internal sealed record ReplicationTimes
{
    /// <summary>After which a question or an operation that has no answer is sent again.</summary>
    public double Retry { get; init; } = 0.5;

    /// <summary>After which a host that starts goes on without the servers that are there and do not answer. Far more than the cluster
    /// takes to find out that one is lost.</summary>
    public double Recall { get; init; } = 45;

    /// <summary>After which a host that hands off stops, whatever has not been taken over.</summary>
    public double HandOff { get; init; } = 8;

}
