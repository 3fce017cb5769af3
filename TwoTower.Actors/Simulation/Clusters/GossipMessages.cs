using TwoTower.Actors.Hosting.Membership;

namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>What the modelled memberships of nodes say to each other, and what each tells itself when it is time.</summary>
internal static class GossipMessages
{
    public sealed record Gossip(string From, GossipState State);

    public sealed record Heartbeat(string From);

    public sealed record HeartbeatReply(string From);

    public sealed record Join(Peer Peer);

    public sealed record ExitConfirmed(string Name);

    /// <summary>A node at an address has removed this one, and refuses what it sends.</summary>
    public sealed record RemovedBy(string Address);

    public sealed class Leave
    {
        public static readonly Leave Instance = new();
    }

    public sealed class Found
    {
        public static readonly Found Instance = new();
    }

    public sealed class GossipTick
    {
        public static readonly GossipTick Instance = new();
    }

    public sealed class HeartbeatTick
    {
        public static readonly HeartbeatTick Instance = new();
    }

    public sealed class LeaderTick
    {
        public static readonly LeaderTick Instance = new();
    }

    public sealed class ReaperTick
    {
        public static readonly ReaperTick Instance = new();
    }

    public sealed class ResolverTick
    {
        public static readonly ResolverTick Instance = new();
    }
}
