namespace TwoTower.Tests.Cluster;

/// <summary>Machines on which nodes run as processes, and whose cables can be pulled.</summary>
internal interface ICuttableNetwork : IDisposable
{
    /// <summary>Starts a node on a machine and waits until it listens.</summary>
    /// <param name="machine">1 … n.</param>
    /// <param name="folder">Its working directory.</param>
    /// <param name="role">Its roles.</param>
    /// <param name="seed">Whom it joins, or null for the first.</param>
    /// <param name="arguments">The run's flags.</param>
    Task<NodeProcess> StartAsync(int machine, string folder, string role, string? seed, string[] arguments);

    /// <summary>Pulls out or plugs in a machine's cable. What is under way is not lost for ever: it comes when
    /// the cable is back, as TCP has it.</summary>
    void Connect(int machine, bool connected);
}
