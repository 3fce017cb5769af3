using TwoTower.Actors.Ids;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>A cluster that the contract is held against: Akka's, or the simulator's model of it.</summary>
internal interface IContractWorld : IAsyncDisposable
{
    /// <summary>All that happens.</summary>
    Diary Diary { get; }

    /// <summary>Starts a node, the first as the first of its cluster; one that there has been, at the address that
    /// it had. It has not joined yet.</summary>
    ContractNode Start(NodeId id);

    /// <summary>Ends nodes where they stand, at once and without a word.</summary>
    Task KillAsync(params NodeId[] ids);

    /// <summary>Asks a node to leave.</summary>
    void Leave(NodeId id);

    /// <summary>Whether the process of a node has ended.</summary>
    bool HasEnded(NodeId id);

    /// <summary>Waits until something holds.</summary>
    /// <param name="condition">What is to hold.</param>
    /// <param name="what">In words.</param>
    Task UntilAsync(Func<bool> condition, string what);
}
