namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Which worlds a campaign draws.</summary>
internal enum CampaignWorlds
{
    /// <summary>Each seed draws which of the others its world is.</summary>
    Both,

    /// <summary>Every actor has a node of its own.</summary>
    Actors,

    /// <summary>Servers share the shards, with copies, hand-off and majorities.</summary>
    Clusters,
}
