using TwoTower.Actors.Ids;
using TwoTower.Actors.Options;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Worlds;
using TwoTower.Model;

namespace TwoTower.Actors.Simulation.Campaigns;

/// <summary>Draws what goes wrong in a plan, and when it is over.</summary>
/// <param name="seed">The plan's seed.</param>
/// <param name="training">The training.</param>
/// <param name="world">The world without its faults.</param>
internal sealed class FaultDraw(long seed, TrainingOptions training, WorldOptions world)
{
    private const double Examples = 400;

    /// <summary>About when a cluster's workers have been admitted.</summary>
    private const double SecondsToForm = 1;

    private SeededRandom _random = new(seed, 103);
    private readonly List<Fault> _faults = [];
    private double? _moment;
    private double _longShare;
    private bool _atOnce;

    /// <summary>The faults, and a moment after them at which the network may go calm.</summary>
    public (FaultPlan Faults, double CalmAfter) Draw()
    {
        ref var random = ref _random;

        // About as long as training takes when nothing goes wrong, so that most faults meet it at
        // work; some come early, while everybody joins.
        var length = (training.Epochs * Examples / world.Compute.ExamplesPerSecond / training.Workers) + (0.05 * training.Epochs);
        var horizon = (length * (SwarmDraw.Coin(ref random, 0.15) ? 0.2 : 1.5)) + (world.Topology.IsCluster ? SecondsToForm : 0);
        if (SwarmDraw.Coin(ref random, 0.3))
        {
            _moment = horizon * random.NextDouble(); // what goes wrong close together meets what the protocols do about each other
        }

        // In some plans most faults outlast a lease, so that who is only cut off or slow is taken for lost, and comes back.
        _longShare = SwarmDraw.Coin(ref random, 0.25) ? 0.7 : 0.1;
        _atOnce = SwarmDraw.Coin(ref random, 0.3); // a supervisor starts what has crashed again before what it had sent has arrived
        var crashed = new bool[Enum.GetValues<NodeRole>().Length];
        foreach (var role in (ReadOnlySpan<NodeRole>)[NodeRole.Trainer, Keeper, NodeRole.Worker, NodeRole.Evaluator])
        {
            if (SwarmDraw.Coin(ref random, 0.45))
            {
                crashed[(int)role] = true;
                Crashes(role, horizon, length);
            }
        }

        if (SwarmDraw.Coin(ref random, 0.4))
        {
            Partitions(horizon, length);
        }

        if (SwarmDraw.Coin(ref random, 0.3))
        {
            SlowMachines(horizon, length);
        }

        if (world.Topology.IsCluster)
        {
            Leaves(horizon, length);
        }
        else if (SwarmDraw.Coin(ref random, 0.15))
        {
            LostWrites(horizon, crashed);
        }

        return (new FaultPlan([.. _faults.OrderBy(fault => fault.At)]), Rounded(horizon * (0.5 + random.NextDouble())));
    }

    private void Crashes(NodeRole role, double horizon, double length)
    {
        ref var random = ref _random;
        var times = 1 + random.NextInt(3);
        for (var n = 0; n < times; n++)
        {
            var node = Any(role);
            var at = When(horizon);

            // A worker may stay away as long as another is there; everybody else is needed.
            var stays = role == NodeRole.Worker && !world.Topology.IsCluster && node.Index > 0 && SwarmDraw.Coin(ref random, 0.1);
            var crash = new Fault.Crash(at, node,
                stays ? null : Rounded(_atOnce ? -0.01 * Math.Log(1 - random.NextDouble()) : Length(length)));
            if (!_faults.OfType<Fault.Crash>().Any(other => other.Node == node && other.At <= crash.Until && other.Until >= crash.At))
            {
                _faults.Add(crash);
            }
        }
    }

    private void Partitions(double horizon, double length)
    {
        ref var random = ref _random;
        var times = 1 + random.NextInt(3);
        for (var n = 0; n < times; n++)
        {
            var (one, other) = (Any(Role()), Any(Role()));
            var to = one == other || SwarmDraw.Coin(ref random, 0.3) ? NodeSet.All : NodeSet.Of(other);
            _faults.Add(new Fault.Partition(When(horizon), new NetworkCut(NodeSet.Of(one), to, SwarmDraw.Coin(ref random, 0.5)),
                Rounded(Length(2 * length))));
        }
    }

    private void SlowMachines(double horizon, double length)
    {
        ref var random = ref _random;
        var times = 1 + random.NextInt(2);
        for (var n = 0; n < times; n++)
        {
            _faults.Add(new Fault.Slow(When(horizon), Any(Role()), 2 + random.NextInt(19), Rounded(Length(2 * length))));
        }
    }

    /// <summary>A server leaves its cluster in good order and comes back, or one more joins.</summary>
    private void Leaves(double horizon, double length)
    {
        ref var random = ref _random;
        if (SwarmDraw.Coin(ref random, 0.3) && Any(Keeper) is var leaving && !_faults.OfType<Fault.Crash>()
            .Any(crash => crash.Node == leaving))
        {
            var at = When(horizon);
            _faults.Add(new Fault.Leave(at, leaving));
            _faults.Add(new Fault.Join(Rounded(at + 0.5 + Length(2 * length)), leaving));
        }

        if (SwarmDraw.Coin(ref random, 0.2))
        {
            _faults.Add(new Fault.Join(When(horizon), NodeId.Server(world.Topology.Servers)));
        }

        if (world.Topology.Servers > 1 && SwarmDraw.Coin(ref random, 0.35))
        {
            TroubledLeave(horizon, length);
        }
    }

    /// <summary>While a server hands over what it has, something happens to it or to those who are to have it.</summary>
    private void TroubledLeave(double horizon, double length)
    {
        ref var random = ref _random;
        var (leaving, other) = (Any(NodeRole.Server), Any(NodeRole.Server));
        if (_faults.OfType<Fault.Crash>().Any(crash => crash.Node == leaving || crash.Node == other) || _faults.OfType<Fault.Leave>()
            .Any(leave => leave.Node == leaving))
        {
            return;
        }

        var at = When(horizon);
        _faults.Add(new Fault.Leave(at, leaving));
        _faults.Add(new Fault.Join(Rounded(at + 0.5 + Length(2 * length)), leaving));
        switch (random.NextInt(3))
        {
            case 0 when other != leaving:
                _faults.Add(new Fault.Crash(Rounded(at + (0.8 * random.NextDouble())), other, Rounded(Length(length))));
                break;
            case 1:
                _faults.Add(new Fault.Partition(Rounded(at - 0.7 + Soon(0.7)),
                    new NetworkCut(NodeSet.Of(leaving), NodeSet.All, SwarmDraw.Coin(ref random, 0.2)), Rounded(0.7 + Soon(1))));
                break;
            default:
                _faults.Add(new Fault.Slow(Rounded(at - Soon(0.5)), leaving, 10 + random.NextInt(40), Rounded(5 + Soon(10))));
                break;
        }
    }

    private double Soon(double mean) => -mean * Math.Log(1 - _random.NextDouble());

    /// <summary>A disk that loses a write and whose owner then crashes breaks the promise that was built on it, whatever the protocol does:
    /// so a write is lost only of a node that does not crash.</summary>
    private void LostWrites(double horizon, bool[] crashed)
    {
        ref var random = ref _random;
        foreach (var role in (ReadOnlySpan<NodeRole>)[NodeRole.Trainer, NodeRole.Shard])
        {
            if (!crashed[(int)role])
            {
                _faults.Add(new Fault.LoseWrite(When(horizon), Any(role)));
            }
        }
    }

    /// <summary>Anywhere, or soon after the moment at which everything happens.</summary>
    private double When(double horizon) =>
        Rounded(_moment is { } moment ? moment - (0.1 * horizon * Math.Log(1 - _random.NextDouble())) : horizon * _random.NextDouble());

    /// <summary>Mostly short against the run, sometimes long enough for leases to run out.</summary>
    private double Length(double mean)
    {
        ref var random = ref _random;
        return Math.Clamp(-Math.Log(1 - random.NextDouble()) * (SwarmDraw.Coin(ref random, _longShare) ? 1.5 * training.LeaseSeconds
            : 0.4 * mean), 0.001, 4 * training.LeaseSeconds);
    }

    /// <summary>Who keeps parameters.</summary>
    private NodeRole Keeper => world.Topology.IsCluster ? NodeRole.Server : NodeRole.Shard;

    private NodeRole Role() => SwarmDraw.Of(ref _random, NodeRole.Trainer, Keeper, NodeRole.Worker, NodeRole.Worker, NodeRole.Evaluator);

    private NodeId Any(NodeRole role) => new(role, role switch
    {
        NodeRole.Worker => _random.NextInt(training.Workers),
        NodeRole.Shard => _random.NextInt(training.Shards),
        NodeRole.Server => _random.NextInt(world.Topology.Servers),
        _ => 0,
    });

    /// <summary>So that a plan can be read.</summary>
    private static double Rounded(double seconds) => Math.Round(seconds, 4) is var rounded && rounded > 0 ? rounded : 0.0001;
}
