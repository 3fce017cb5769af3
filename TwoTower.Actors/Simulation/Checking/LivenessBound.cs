using System.Globalization;
using TwoTower.Actors.Ids;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Faults;
using TwoTower.Actors.Simulation.Worlds;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 11: when faults end, the run ends within a bound of virtual time.</summary>
/// <remarks>Training begins when all workers are there. So a run from which a worker is taken for good before that owes nobody an end; nor
/// does one from which all are taken who could do a part of it.</remarks>
internal sealed class LivenessBound : IWorldObserver
{
    /// <summary>The invariant, as it is named when it is violated.</summary>
    public const string Invariant = "when faults end, training ends";

    private readonly double _calm;
    private readonly double _bound;
    private readonly long _seed;
    private readonly Watchdog _watchdog;
    private readonly GoneForGood _gone;
    private bool _begun;

    /// <summary>The bound of a world; none where it asks for no end.</summary>
    /// <param name="options">The world.</param>
    /// <param name="faults">Its faults, drawn.</param>
    /// <param name="watchdog">Knows who waits for whom.</param>
    /// <param name="gone">Knows who is gone for good.</param>
    public LivenessBound(WorldOptions options, FaultPlan faults, Watchdog watchdog, GoneForGood gone)
    {
        _calm = Math.Max(faults.LastSeconds, options.Network.CalmAfterSeconds);
        _bound = options.EndWithinSeconds ?? double.PositiveInfinity;
        _seed = options.Seed;
        _watchdog = watchdog;
        _gone = gone;
    }

    public void Sent(double now, in Crossing crossing) => _begun |= crossing.Message is LeaseProtocol.LeaseGranted;

    /// <summary>Whether it is too late.</summary>
    /// <param name="now">Virtual seconds.</param>
    /// <exception cref="ViolationException">It is.</exception>
    /// <exception cref="NobodyLeftException">It is, and nobody is left to go on.</exception>
    /// <exception cref="NeverBegunException">It is, and the run owes no end.</exception>
    public void Check(double now)
    {
        if (now <= _calm + _bound)
        {
            return;
        }

        if (_gone.NobodyLeft(now) is { } nobody)
        {
            throw new NobodyLeftException(nobody);
        }

        if (!_begun && _gone.By(now).Where(node => node.Role == NodeRole.Worker).ToArray() is { Length: > 0 } missing)
        {
            throw new NeverBegunException(
                $"Training has not begun: it waits for {string.Join(", ", missing)}, gone for good. {_watchdog.Waiting()}");
        }

        throw new ViolationException(
            Invariant, _seed, now, null,
            string.Create(CultureInfo.InvariantCulture,
            $"training has not ended, and the last fault was over at {_calm:0.######} virtual seconds. {_watchdog.Waiting()}"),
            string.Create(CultureInfo.InvariantCulture, $"its end within {_bound:0.###} virtual seconds of that"));
    }
}
