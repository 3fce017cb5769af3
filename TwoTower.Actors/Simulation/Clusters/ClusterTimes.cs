namespace TwoTower.Actors.Simulation.Clusters;

/// <summary>How long the modelled cluster waits for what, in virtual seconds: the settings of
/// <c>cluster.hocon</c> (a spec compares them).</summary>
internal sealed record ClusterTimes
{
    /// <summary>akka.cluster.failure-detector.heartbeat-interval.</summary>
    public double Heartbeat { get; init; } = 0.5;

    /// <summary>akka.cluster.failure-detector.acceptable-heartbeat-pause.</summary>
    public double HeartbeatPause { get; init; } = 3;

    /// <summary>akka.cluster.gossip-interval.</summary>
    public double Gossip { get; init; } = 0.25;

    /// <summary>akka.cluster.leader-actions-interval.</summary>
    public double LeaderActions { get; init; } = 0.25;

    /// <summary>akka.cluster.unreachable-nodes-reaper-interval.</summary>
    public double Reaper { get; init; } = 0.5;

    /// <summary>akka.cluster.split-brain-resolver.stable-after; also how long singletons wait after their node's removal.</summary>
    public double StableAfter { get; init; } = 3;

    /// <summary>akka.cluster.split-brain-resolver.down-all-when-unstable.</summary>
    public double DownAllWhenUnstable { get; init; } = 30;

    /// <summary>akka.cluster.down-removal-margin: how long shards wait after their node's removal.</summary>
    public double RemovalMargin { get; init; } = 1;

    /// <summary>akka.cluster.sharding.rebalance-interval.</summary>
    public double Rebalance { get; init; } = 5;

    /// <summary>akka.cluster.sharding.retry-interval.</summary>
    public double RegionRetry { get; init; } = 0.25;

    /// <summary>akka.cluster.sharding.buffer-size and akka.cluster.singleton-proxy.buffer-size, messages.</summary>
    public int Buffer { get; init; } = 10000;

    /// <summary>akka.cluster.sharding.handoff-timeout.</summary>
    public double HandOff { get; init; } = 20;

    /// <summary>akka.cluster.singleton.hand-over-retry-interval.</summary>
    public double HandOverRetry { get; init; } = 0.5;

    /// <summary>akka.coordinated-shutdown.phases.cluster-exiting.timeout: how long one that leaves waits for
    /// the next to ask for what it has.</summary>
    public double Exit { get; init; } = 10;

    /// <summary>akka.cluster.singleton-proxy.singleton-identification-interval.</summary>
    public double Identification { get; init; } = 0.5;

    /// <summary>akka.cluster.shutdown-after-unsuccessful-join-seed-nodes.</summary>
    public double JoinWithin { get; init; } = 60;

    /// <summary>Seconds from a node's own end to its next start: the supervisor of <c>cluster up</c>.</summary>
    public double Supervisor { get; init; } = 2;
}
