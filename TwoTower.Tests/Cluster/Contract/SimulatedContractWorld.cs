using Akka.Actor;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Simulation;
using TwoTower.Actors.Simulation.Clusters;
using TwoTower.Actors.Simulation.Network;
using TwoTower.Actors.Simulation.Time;
using TwoTower.Actors.Simulation.Worlds;

namespace TwoTower.Tests.Cluster.Contract;

/// <summary>Nodes of the simulator's model, in virtual time: every wait is over when it returns.</summary>
internal sealed class SimulatedContractWorld : IContractWorld, INodeBody
{
    /// <summary>Virtual seconds that nothing here takes.</summary>
    private const double Limit = 120;

    private readonly ActorSystem _system = ActorSystem.Create("contract", VirtualTimeHosting.Configuration);
    private readonly Dictionary<string, ContractNode> _nodes = [];
    private readonly VirtualTime _time;
    private readonly ClusterWorld _world;

    public SimulatedContractWorld(long seed)
    {
        _time = VirtualTimeHosting.TimeOf(_system);
        _time.Own();
        Diary = new Diary(() => _time.Seconds);
        var network = NetworkOptions.Preset(seed % 2 == 0 ? "lan" : "cloud");
        _world = new ClusterWorld(_system, new WorldOptions { Topology = Topology.Cluster(3), Network = network, Seed = seed },
            1, this, []);
    }

    public Diary Diary { get; }

    /// <summary>What ends has ended: the contract starts nodes again itself.</summary>
    public bool StartsAgain => false;

    void INodeBody.Start(NodeLife life, ClusterMachine machine) =>
        _nodes[life.Name] = ContractNode.Start(life.Number == 1 ? $"{life.Node}" : $"{life.Node}.{life.Number}", life.Host,
            life.Peer.Roles, Diary);

    public ContractNode Start(NodeId id)
    {
        _world.Restart(id);
        _time.RunReady();
        return _nodes[_world.LifeOn(id).Name];
    }

    public Task KillAsync(params NodeId[] ids)
    {
        Array.ForEach(ids, _world.Crash);
        return Task.CompletedTask;
    }

    public void Leave(NodeId id) => _world.Leave(id);

    public bool HasEnded(NodeId id) => !_world.LifeOn(id).Alive;

    public Task UntilAsync(Func<bool> condition, string what)
    {
        var (end, next) = (_time.Seconds + Limit, double.NegativeInfinity);
        while (true)
        {
            if (_time.Seconds >= next)
            {
                if (condition())
                {
                    return Task.CompletedTask;
                }

                next = _time.Seconds + 0.01;
            }

            Assert.True(_time.Seconds < end && _time.Step(), $"{what}: has not come about within {Limit} virtual seconds.\n{Diary}");
        }
    }

    public ValueTask DisposeAsync()
    {
        var ended = _system.Terminate();
        while (!ended.IsCompleted)
        {
            if (!_time.RunReady())
            {
                Thread.Yield();
            }
        }

        return ValueTask.CompletedTask;
    }
}
