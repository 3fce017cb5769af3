using System.Globalization;
using TwoTower.Actors.Hosting;
using TwoTower.Actors.Protocol;
using TwoTower.Actors.Simulation.Faults;

namespace TwoTower.Actors.Simulation.Checking;

/// <summary>Invariant 11: when faults end, the run ends within a bound of virtual time.</summary>
/// <remarks>Training begins when all workers are there. So a run from which a worker is taken for good before that owes nobody an end.</remarks>
internal sealed class LivenessBound : IWorldObserver
{
    /// <summary>The invariant, as it is named when it is violated.</summary>
    public const string Invariant = "when faults end, training ends";

    private readonly double _calm;
    private readonly double _bound;
    private readonly long _seed;
    private readonly Watchdog _watchdog;
    private readonly NodeId[] _gone;
    private bool _begun;

    /// <summary>The bound of a world; none where it asks for no end.</summary>
    /// <param name="options">The world.</param>
    /// <param name="faults">Its faults, drawn.</param>
    /// <param name="watchdog">Knows who waits for whom.</param>
    public LivenessBound(WorldOptions options, FaultPlan faults, Watchdog watchdog)
    {
        _calm = Math.Max(faults.LastSeconds, options.Network.CalmAfterSeconds);
        _bound = options.EndWithinSeconds ?? double.PositiveInfinity;
        _seed = options.Seed;
        _watchdog = watchdog;
        _gone = [.. faults.Faults.OfType<Fault.Crash>().Where(crash => crash.RestartAfter is null && crash.Node.Role == NodeRole.Worker).Select(crash => crash.Node).Distinct()];
    }

    public void Sent(double now, in Crossing crossing) => _begun |= crossing.Message is LeaseProtocol.LeaseGranted;

    /// <summary>Whether it is too late.</summary>
    /// <param name="now">Virtual seconds.</param>
    /// <exception cref="ViolationException">It is.</exception>
    /// <exception cref="NeverBegunException">It is, and the run owes no end.</exception>
    public void Check(double now)
    {
        if (now <= _calm + _bound)
        {
            return;
        }

        if (!_begun && _gone.Length > 0)
        {
            throw new NeverBegunException($"Training has not begun: it waits for {string.Join(", ", _gone)}, gone for good. {_watchdog.Waiting()}");
        }

        throw new ViolationException(
            Invariant, _seed, now, null, string.Create(CultureInfo.InvariantCulture, $"training has not ended, and the last fault was over at {_calm:0.######} virtual seconds. {_watchdog.Waiting()}"),
            string.Create(CultureInfo.InvariantCulture, $"its end within {_bound:0.###} virtual seconds of that"));
    }
}
